"""Names of config vars: what one may be, and which of them are reviewbot's own."""

import re

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NAME_RULE = "a name has only letters, digits and _, no digit first"
# Whatever every release is told, see render/release.py; a value of the repository's own would be lost.
OURS = frozenset(
    {
        "PORT",
        "HEROKU_APP_ID",
        "HEROKU_APP_NAME",
        "HEROKU_BRANCH",
        "HEROKU_PARENT_APP_NAME",
        "HEROKU_PR_NUMBER",
        "HEROKU_RELEASE_VERSION",
        "HEROKU_SLUG_COMMIT",
        "HEROKU_SLUG_DESCRIPTION",
    }
)
OUR_PREFIX = "REVIEWBOT_"


def is_ours(name: str) -> bool:
    """Whether reviewbot sets this variable itself, whatever the files say."""
    return name in OURS or name.startswith(OUR_PREFIX)
