"""What one commit runs as: config vars, image and processes, under an id made of all of them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace

from reviewbot.model import AppSpec, PullRequest, Release, RepositoryConfig
from reviewbot.render.names import Address


def release(app: AppSpec, pull: PullRequest, image: str, config: RepositoryConfig, address: Address) -> Release:
    """The release of the pull request's head: the same inputs give the same id, any other input another."""
    draft = Release(
        id="",
        sha=pull.head,
        image=image,
        processes=app.processes,
        config=_config(app, pull, config.port, address),
        generated=tuple(var.name for var in app.env if var.generated and var.value is None),
        health=config.health,
        port=config.port,
        run_as_user=config.run_as_user,
    )
    # What is only said about it makes no other release of it.
    release_id = f"{pull.head[:7]}-{_hash(asdict(draft))}"
    return replace(draft, id=release_id, landing=app.success_path, notes=app.warnings)


def _hash(content: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]


def _config(app: AppSpec, pull: PullRequest, port: int, address: Address) -> dict[str, str]:
    # HEROKU_RELEASE_CREATED_AT is left out: a release is what it contains, whenever it was made.
    ours = {
        "PORT": str(port),
        "REVIEWBOT_URL": address.url,
        "REVIEWBOT_PR_NUMBER": str(pull.number),
        "REVIEWBOT_SHA": pull.head,
        "HEROKU_APP_NAME": address.label,
        "HEROKU_APP_ID": address.label,
        "HEROKU_BRANCH": pull.head_ref,
        "HEROKU_PR_NUMBER": str(pull.number),
        "HEROKU_SLUG_COMMIT": pull.head,
        "HEROKU_SLUG_DESCRIPTION": f"Deploy {pull.head[:7]}",
        "HEROKU_RELEASE_VERSION": pull.head[:7],
    }
    return {var.name: var.value for var in app.env if var.value is not None} | ours
