"""What one commit runs as: config vars, image and processes, under an id made of all of them."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from reviewbot.model import AppSpec, Nodes, Placement, PullRequest, Release, RepositoryConfig, Resources
from reviewbot.render.kustomize import IMAGE
from reviewbot.render.names import Address, url_variable


@dataclass(frozen=True)
class Surroundings:
    """What a release gets of the place where it runs. The key makes ids of secret values that nobody can guess back.

    `urls` are the addresses of all apps of a pull request that has several, by name.
    """

    address: Address
    key: str
    placement: Placement = field(default_factory=lambda: Placement(Nodes(), {}))
    pull_secret: str | None = None
    kustomize_image: str = IMAGE
    urls: Mapping[str, str] = field(default_factory=dict)


def release(app: AppSpec, pull: PullRequest, image: str, config: RepositoryConfig, around: Surroundings) -> Release:
    """The release of the pull request's head: the same inputs give the same id, any other input another.

    A repository's own objects are not among it yet: they carry its id.
    """
    sizes = around.placement.sizes
    draft = Release(
        id="",
        sha=pull.head,
        image=image,
        processes=app.processes,
        config=_config(app, pull, config.port, around),
        generated=tuple(var.name for var in app.env if var.generated and var.value is None),
        health=config.health,
        port=config.port,
        run_as_user=config.run_as_user,
        nodes=around.placement.nodes,
        resources={size: sizes.get(size, Resources()) for size in _sizes(app)},
        pull_secret=around.pull_secret,
        addons=app.addons,
        command=app.release,
        postdeploy=app.postdeploy,
        predestroy=app.predestroy,
        limits=config.limits,
    )
    content = {**_content(draft), **_manifests(config, around)}
    release_id = f"{pull.head[:7]}-{_digest(content, around.key)}"
    return replace(draft, id=release_id, landing=app.success_path, notes=app.warnings)


def _sizes(app: AppSpec) -> set[str]:
    scripts = [script.size for script in (app.release, app.postdeploy, app.predestroy) if script]
    return {*(process.size for process in app.processes), *scripts, *(addon.service.size for addon in app.addons)}


def _content(draft: Release) -> Mapping[str, object]:
    # What is only said about it makes no other release of it, nor does where the password comes from; and an add-on's
    # server is brought up to date by itself.
    addons = {addon.name: addon.variable for addon in draft.addons}
    limits = [str(limit) for limit in (draft.limits.release, draft.limits.postdeploy, draft.limits.predestroy)]
    content = asdict(draft) | {"pull_secret": bool(draft.pull_secret), "addons": addons, "limits": limits}
    return {name: value for name, value in content.items() if name not in {"own", "unrendered"}}


def _manifests(config: RepositoryConfig, around: Surroundings) -> Mapping[str, object]:
    return {"manifests": [config.manifests, config.serve, around.kustomize_image]} if config.manifests else {}


def _digest(content: Mapping[str, object], key: str) -> str:
    return hmac.new(key.encode(), json.dumps(content, sort_keys=True).encode(), hashlib.sha256).hexdigest()[:10]


def _config(app: AppSpec, pull: PullRequest, port: int, around: Surroundings) -> dict[str, str]:
    # HEROKU_RELEASE_CREATED_AT is left out: a release is what it contains, whenever it was made.
    address = around.address
    ours = {
        "PORT": str(port),
        "REVIEWBOT_URL": address.url,
        "REVIEWBOT_PR_NUMBER": str(pull.number),
        "REVIEWBOT_SHA": pull.head,
        "HEROKU_APP_NAME": address.label,
        "HEROKU_APP_ID": address.label,
        "HEROKU_BRANCH": pull.head_ref,
        # By which older apps know that they are a review app.
        "HEROKU_PARENT_APP_NAME": pull.full_name.rpartition("/")[2],
        "HEROKU_PR_NUMBER": str(pull.number),
        "HEROKU_SLUG_COMMIT": pull.head,
        "HEROKU_SLUG_DESCRIPTION": f"Deploy {pull.head[:7]}",
        "HEROKU_RELEASE_VERSION": pull.head[:7],
        **{url_variable(name): url for name, url in around.urls.items()},
    }
    return {var.name: var.value for var in app.env if var.value is not None} | ours
