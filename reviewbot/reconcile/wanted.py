"""The release a commit should run as: its files, the repository's settings, what the administrator provides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from posixpath import join
from typing import TypeVar

from reviewbot.errors import GiveUp
from reviewbot.manifests import (
    MAX_OUTPUT,
    Into,
    check_kustomization,
    is_kustomization,
    own_objects,
    read,
    rendered,
)
from reviewbot.model import (
    AppSpec,
    Folder,
    JobState,
    Kustomization,
    PullRequest,
    PullRequestRef,
    Release,
    RepositoryConfig,
)
from reviewbot.reconcile import provided
from reviewbot.reconcile.ports import Cluster, Source
from reviewbot.reconcile.site import Site
from reviewbot.render.names import VARS_NAMESPACE, Address, namespace
from reviewbot.render.release import Surroundings, release
from reviewbot.spec import SpecError, gap_problems, image_for, parse_app, with_config_vars
from reviewbot.spec.changes import changes, left_out_of_review

T = TypeVar("T")

CONFIG_PATH = ".github/reviewbot.yml"
_PROCFILE, _APP_JSON = _NAMES = ("Procfile", "app.json")
_FILES_KEPT = 200
_FOLDERS_KEPT = 50

# The bytes of each of the files, None where there is no such file.
_Files = Mapping[str, bytes | None]


class Unprovided(GiveUp):
    """Whoever runs the cluster has to mend something first."""


@dataclass(frozen=True)
class Spot:
    """Whose files they are, the folder that they are in, and where it answers.

    `urls` are those of all apps of a pull request that has several, by name.
    """

    ref: PullRequestRef
    address: Address
    folder: str = ""
    urls: Mapping[str, str] = field(default_factory=dict)

    def path(self, name: str) -> str:
        """Where that file is in the repository."""
        return join(self.folder, name)


@dataclass(frozen=True)
class Definition:
    """What the files of a head say and the pull request changes in them, and what there is around them."""

    app: AppSpec
    changes: tuple[str, ...]
    around: Surroundings


class Releases:
    """Makes releases of commits."""

    def __init__(self, source: Source, cluster: Cluster, site: Site) -> None:
        self._cluster = cluster
        self._site = site
        # What a commit holds never changes, so it is read once.
        self._file_at_commit = lru_cache(_FILES_KEPT)(source.file)
        self._folder_at_commit = lru_cache(_FOLDERS_KEPT)(source.folder)
        # Read once for each head: what that changes is not told anew whenever the base moves.
        self._file_at_base = lru_cache(_FILES_KEPT)(lambda ref, path, base, _head: source.file(ref, path, base))

    def definition(
        self, pull: PullRequest, config: RepositoryConfig, touched: tuple[str, ...] | None, spot: Spot
    ) -> Definition:
        """What the head defines; `touched` are the paths that the pull request touches, None if they are not known.

        SpecError says what is wrong with the files, Unprovided with the installation.
        """
        around = self._surroundings(pull, spot)
        given, catalogue = provided.config_vars(self._cluster, pull), self._provided(provided.catalogue)

        def parsed(files: _Files) -> AppSpec:
            app = parse_app(files[_PROCFILE], files[_APP_JSON], around.placement.sizes, catalogue, config, spot.folder)
            return with_config_vars(app, given, _vars_place(pull))

        head = {name: self._file_at_commit(spot.ref, spot.path(name), pull.head) for name in _NAMES}
        app = parsed(head)
        try:
            base = self._base(spot, pull, head, touched or ())
            told = changes(parsed(base), app, left_out_of_review(head[_APP_JSON])) if base != head else ()
        except GiveUp:
            # With what cannot be used there is nothing to compare.
            told = ()
        own = config.manifests and any(path.startswith(f"{config.manifests}/") for path in touched or ())
        return Definition(app, (*told, *(["changes the manifests"] if own else ())), around)

    def wanted(
        self, ref: PullRequestRef, pull: PullRequest, config: RepositoryConfig, definition: Definition
    ) -> Release:
        """The release of the head; GiveUp says why there is none."""
        _check_gaps(definition.app, pull)
        template = config.image or self._site.image
        if template is None:
            raise GiveUp(f"No image is named: add `image:` to `{CONFIG_PATH}` on `{pull.base_ref}`.")
        found = release(definition.app, pull, _image(template, pull), config, definition.around)
        if config.manifests is None:
            return found
        folder = self._folder_at_commit(ref.whole, config.manifests, pull.head)
        if is_kustomization(folder):
            check_kustomization(folder)
            return replace(found, unrendered=Kustomization(folder, self._site.kustomize_image))
        return _with_objects(found, folder, ref, definition.around.address.host, config.serve)

    def rendered(
        self, ref: PullRequestRef, address: Address, wanted: Release, job: JobState, serve: str | None
    ) -> Release:
        """The release with what the Job rendered, or as it is if that cannot be read. GiveUp as `wanted`."""
        if wanted.unrendered is None or job.output is None:
            return wanted
        output = self._cluster.output(namespace(ref), job.output.pod, job.output.container, MAX_OUTPUT)
        if output is None:
            return wanted
        folder = rendered(wanted.unrendered.folder, output)
        return _with_objects(wanted, folder, ref, address.host, serve)

    def _base(self, spot: Spot, pull: PullRequest, head: _Files, touched: tuple[str, ...]) -> _Files:
        paths = {name: spot.path(name) for name in _NAMES if spot.path(name) in touched}
        read = {name: self._file_at_base(spot.ref, path, pull.base_ref, pull.head) for name, path in paths.items()}
        return {**head, **read}

    def _surroundings(self, pull: PullRequest, spot: Spot) -> Surroundings:
        secret, placement = provided.pull_secret_for(pull, self._site.pull_secrets), self._provided(provided.placement)
        image = self._site.kustomize_image
        return Surroundings(spot.address, self._site.host_key, placement, secret, image, spot.urls)

    def _provided(self, read: Callable[[Cluster], T]) -> T:
        try:
            return read(self._cluster)
        except GiveUp as unusable:
            raise Unprovided(unusable.sentence) from None


def _with_objects(made: Release, folder: Folder, ref: PullRequestRef, host: str, serve: str | None) -> Release:
    into = Into(made, namespace(ref), host, [addon.name for addon in made.addons])
    return replace(made, own=own_objects(read(folder), into, serve), unrendered=None)


def _vars_place(pull: PullRequest) -> str:
    return f"Secret {provided.vars_name(pull.repository)} in {VARS_NAMESPACE}"


def _check_gaps(app: AppSpec, pull: PullRequest) -> None:
    elsewhere = "" if pull.from_fork else f"; whoever runs the cluster can give one in the {_vars_place(pull)}"
    problems = gap_problems(app, elsewhere)
    if problems:
        raise SpecError(problems)


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
