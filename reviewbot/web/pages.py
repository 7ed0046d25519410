"""The pages: the state of a preview in general words. A visitor may be anybody, so nothing private is said."""

from functools import cache

from flask import Response, render_template_string

from reviewbot.model import Phase

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
{% if refresh %}<meta http-equiv="refresh" content="{{ refresh }}">{% endif %}
<title>{{ title }}</title>
<style>
  body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 18vh auto 0; padding: 0 1.5rem; }
  body { color: #1f2328; background: #fff; }
  h1 { font-size: 1.6rem; margin: 0 0 .5rem; }
  p { margin: 0 0 1rem; color: #59636e; }
  .mark { display: inline-block; width: .7em; height: .7em; border-radius: 50%; margin-right: .5em; }
  .mark { background: {{ colour }}; }
  @media (prefers-color-scheme: dark) { body { color: #f0f6fc; background: #0d1117; } p { color: #9198a1; } }
</style>
</head>
<body>
<main>
<h1><span class="mark" aria-hidden="true"></span>{{ title }}</h1>
<p>{{ text }}</p>
</main>
</body>
</html>
"""

# Of every answer: nobody frames, keeps, guesses at or lists what is said here, and nobody is told who came from it.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}

_BLUE, _AMBER, _RED, _GREY = "#0969da", "#bf8700", "#cf222e", "#818b98"
_RETRY_SECONDS = 5

# phase -> (HTTP status, title, text, colour); 503 with Retry-After where waiting helps
_STATES: dict[Phase | None, tuple[int, str, str, str]] = {
    None: (404, "No such preview", "Nothing is known under this address.", _GREY),
    Phase.WAITING: (503, "Waiting", "The preview starts once the pull request's checks have passed.", _AMBER),
    Phase.SKIPPED: (404, "No preview", "This pull request gets no preview. Its check tells why.", _GREY),
    Phase.DEPLOYING: (503, "Starting", "The preview is being started. This page turns into it.", _BLUE),
    # The route comes a moment before or after the record says so.
    Phase.RUNNING: (503, "Starting", "The preview is about to answer. This page turns into it.", _BLUE),
    Phase.FAILED: (
        503,
        "Failed",
        "The preview does not run. The pull request's check tells why.",
        _RED,
    ),
    Phase.CLOSING: (410, "Closed", "The pull request is closed and its preview is being removed.", _GREY),
    Phase.CLOSED: (410, "Closed", "The pull request is closed and its preview has been removed.", _GREY),
}


_REMOVED = (410, "Removed", "The preview has been removed.", _GREY)
# The same phase, in other words: it did run, or the pull request itself was not closed.
_BY_REASON = {
    "NotReady": (503, "Not ready", "The preview was running and does not answer at the moment.", _AMBER),
    "AppsReady": (404, "Several apps", "Each has an address of its own. The pull request's check tells them.", _GREY),
    "Archived": _REMOVED,
    "Gone": _REMOVED,
}


def status(phase: Phase | None, reason: str | None = None) -> Response:
    """The status page of a preview without a route of its own."""
    code, title, text, colour = _BY_REASON.get(reason or "") or _STATES[phase]
    refresh = _RETRY_SECONDS if code == 503 else None
    return _page(code, title=title, text=text, colour=colour, refresh=refresh)


def unavailable() -> Response:
    """The page while the state cannot be read."""
    text = "The state of this preview cannot be read at the moment."
    return _page(503, title="One moment", text=text, colour=_AMBER, refresh=_RETRY_SECONDS)


def home() -> Response:
    """The bot's own front page."""
    text = "A running copy of the app for every pull request, once its tests pass."
    return _page(200, title="reviewbot", text=text, colour=_BLUE, refresh=None)


def _page(code: int, **values: str | int | None) -> Response:
    response = Response(_text(**values), code, mimetype="text/html")
    if code == 503:
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response


@cache
def _text(**values: str | int | None) -> str:
    # There are few of them, and to read the template takes longer than all the rest of an answer.
    return render_template_string(_PAGE, **values)
