"""Why an image does not come, from the first line of what the kubelet says. Pure."""

import re

_BACK_OFF = re.compile(r'^Back-off pulling image "[^"]*"(: \w+: )?')
_QUOTED = re.compile(r'"[^"]*"')
_TOO_OFTEN = re.compile(r"toomanyrequests|: 429 ", re.IGNORECASE)
_SILENT = re.compile(
    r"dial tcp|no such host|connection refused|connection reset|timeout|deadline exceeded|tls: |x509: |: EOF$"
    r"|: 5\d\d |server gave HTTP response",
    re.IGNORECASE,
)
_CLOSED = re.compile(
    r"not found|manifest unknown|name unknown|does not exist|denied|unauthori[sz]ed|authorization|forbidden|: 40[134] "
    r"|no basic auth|authentication",
    re.IGNORECASE,
)
_EXCERPT = 200


def image_sentence(image: str, message: str) -> str:
    """What is the matter with the image, and what to do about it."""
    words = _BACK_OFF.sub("", (message.strip().splitlines() or [""])[0]).replace("`", "'")
    # A name may contain anything that the patterns look for.
    plain = _QUOTED.sub('""', words.replace(f" {image}: ", " "))
    if _TOO_OFTEN.search(plain):
        return f"Image `{image}` cannot be pulled, its registry was asked too often and wants to be asked later."
    if _SILENT.search(plain):
        # Only the last part of the chain: the others name addresses that are nobody's business, and ports that change.
        why = words.rpartition(": ")[2][:_EXCERPT]
        advice = "Mend the registry, or its name under `image:` in `.github/reviewbot.yml`."
        return f"Image `{image}` cannot be pulled, its registry does not answer: {why}. {advice}"
    if _CLOSED.search(plain):
        return (
            f"Image `{image}` was not found, or its registry does not let the cluster pull it."
            " Push it, or give the cluster access."
        )
    return f"Image `{image}` cannot be pulled" + (f": {words[:_EXCERPT].rstrip('.')}." if words else ".")
