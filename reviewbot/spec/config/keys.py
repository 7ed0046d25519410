"""Every key of `.github/reviewbot.yml`: the one declaration that is read by, and that the schema is made of."""

from datetime import timedelta

from reviewbot.spec.config.values import (
    ADDONS,
    COMMENT,
    ENV,
    HEALTH,
    IMAGE,
    LOGS,
    SERVED,
    SIZES,
    apps,
    duration,
    folder,
)
from reviewbot.spec.kinds import MAX_PORT, MAX_USER, NAMES, TRUTH, Key, number, settings

MAX_QUIET = 600
_HOUR = timedelta(hours=1)

_CHECKS = settings(
    {
        "require": Key(NAMES, "Green when these pass; otherwise what the branch's rules require."),
        "ignore": Key(NAMES, "These never hold a preview."),
        "quiet": Key(number(MAX_QUIET, 0), "Seconds without news after which it is green, where nothing is required."),
    }
)
_PULL_REQUESTS = settings(
    {
        "drafts": Key(TRUTH, "Deploy drafts too."),
        "bots": Key(TRUTH, "Deploy pull requests of bots too."),
        "branches": Key(NAMES, "Only pull requests for these branches, as patterns."),
        "labels": Key(NAMES, "Only pull requests with one of these labels."),
        "skip_labels": Key(NAMES, "Never pull requests with one of these labels."),
        "ignore_paths": Key(NAMES, "None if nothing else changes; patterns as in .gitignore, [] for always."),
    }
)
_LIMITS = settings(
    {
        "ready": Key(duration(_HOUR), "Until every process of a release is ready; default 10m."),
        "release": Key(duration(_HOUR), "The release phase; default 1h."),
        "postdeploy": Key(duration(_HOUR), "The script postdeploy; default 30m."),
        "pr_predestroy": Key(duration(timedelta(minutes=10)), "The script pr-predestroy; default 5m."),
    }
)
APP_KEYS = {
    "image": Key(
        IMAGE,
        "The image that CI pushes; it may hold {sha}, {short_sha}, {merge_sha}, {pr}, {branch}, {owner} and {repo}.",
    ),
    "health": Key(HEALTH, "Ready when this path answers; without it, when the port is open."),
    "port": Key(number(MAX_PORT), "Where the app listens; it finds the number as PORT. Default 8080."),
    "run_as_user": Key(number(MAX_USER), "For an image whose own user is root, which no preview may be."),
    "env": Key(ENV, "Config vars of previews, over the values in app.json."),
    "sizes": Key(SIZES, "Sizes by process type, over those of app.json's formation."),
    "addons": Key(ADDONS, "An add-on of app.json by its name in the preview: off, or its size and storage."),
    "limits": Key(_LIMITS, "How long something may take at most: seconds, or such as 10m or 1h."),
    "manifests": Key(folder(root=False), "A folder with manifests of the repository's own."),
    "serve": Key(
        SERVED, "The Service of these manifests that is served, as name or name:port, the port by number or name."
    ),
}
_APP = settings(
    {
        "path": Key(
            folder(root=True), "The folder of its Procfile and app.json; it is deployed if a file there changes."
        ),
        "paths": Key(NAMES, 'Deployed if one of these changes too; patterns as in .gitignore, "*" for always.'),
        **APP_KEYS,
    },
    ("path",),
)
KEYS = APP_KEYS | {
    "apps": Key(apps(_APP), "Several apps of one repository, by name; what one leaves out it has from the top level."),
    "checks": Key(_CHECKS, "When a commit is green."),
    "pull_requests": Key(_PULL_REQUESTS, "Which pull requests get a preview."),
    "comment": Key(COMMENT, "When the comment is made; the check run is always there."),
    "logs": Key(LOGS, "Show the last lines of what failed in a public repository too."),
}
CONFIG = settings(KEYS)
