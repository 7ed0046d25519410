"""The release a commit should run as: its files, the repository's settings, what the administrator provides."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from reviewbot.errors import GiveUp
from reviewbot.model import AppSpec, PullRequest, Record, Release, RepositoryConfig
from reviewbot.reconcile import provided
from reviewbot.reconcile.ports import Cluster, Source
from reviewbot.reconcile.site import Site
from reviewbot.render.names import VARS_NAMESPACE
from reviewbot.render.release import Surroundings, release
from reviewbot.spec import gaps, image_for, parse_app, with_config_vars

T = TypeVar("T")

CONFIG_PATH = ".github/reviewbot.yml"
_FILES_KEPT = 200


class Unprovided(GiveUp):
    """Whoever runs the cluster has to mend something first."""


class Releases:
    """Makes releases of commits."""

    def __init__(self, source: Source, cluster: Cluster, site: Site) -> None:
        self._cluster = cluster
        self._site = site
        # What a commit holds never changes, so it is read once.
        self._file_at_commit = lru_cache(_FILES_KEPT)(source.file)

    def wanted(self, record: Record, pull: PullRequest, config: RepositoryConfig) -> Release:
        """The release of the head. GiveUp says what is wrong with it, Unprovided with the installation."""
        around = self._surroundings(record, pull)
        procfile, app_json = (self._file_at_commit(record.ref, path, pull.head) for path in ("Procfile", "app.json"))
        app = parse_app(procfile, app_json, around.placement.sizes, self._provided(provided.catalogue), config)
        app = self._with_config_vars(app, pull)
        template = config.image or self._site.image
        if template is None:
            raise GiveUp(f"No image is named: add `image:` to `{CONFIG_PATH}` on `{pull.base_ref}`.")
        return release(app, pull, _image(template, pull), config, around)

    def _surroundings(self, record: Record, pull: PullRequest) -> Surroundings:
        secret, placement = provided.pull_secret_for(pull, self._site.pull_secrets), self._provided(provided.placement)
        return Surroundings(self._site.address(record, pull), self._site.host_key, placement, secret)

    def _provided(self, read: Callable[[Cluster], T]) -> T:
        try:
            return read(self._cluster)
        except GiveUp as unusable:
            raise Unprovided(unusable.sentence) from None

    def _with_config_vars(self, app: AppSpec, pull: PullRequest) -> AppSpec:
        where = f"Secret {provided.vars_name(pull.repository)} in {VARS_NAMESPACE}"
        app = with_config_vars(app, provided.config_vars(self._cluster, pull), where)
        missing = gaps(app)
        if missing:
            names = ", ".join(f"`{name}`" for name in missing)
            elsewhere = "" if pull.from_fork else f" Whoever runs the cluster can give one in the {where}."
            raise GiveUp(f"app.json requires {names} without a value.{elsewhere}")
        return app


def _image(template: str, pull: PullRequest) -> str:
    owner, _, repository = pull.full_name.partition("/")
    values = {
        "sha": pull.head,
        "short_sha": pull.head[:7],
        "pr": str(pull.number),
        "branch": pull.head_ref,
        "owner": owner,
        "repo": repository,
    }
    return image_for(template, values | ({"merge_sha": pull.merge_sha} if pull.merge_sha else {}))
