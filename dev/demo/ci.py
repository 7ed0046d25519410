"""The team's CI: builds the image of a commit and reports one check, as any CI would, through GitHub."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dev.cluster import Cluster
from dev.github import Repo
from dev.github.state import App

CHECK = "test"
_LOOK_SECONDS = 0.5


class Ci:
    """One check named `test` per commit; the image is there when it passes."""

    def __init__(self, repo: Repo, app: App, cluster: Cluster) -> None:
        self._repo = repo
        self._app = app
        self._cluster = cluster

    def start(self, sha: str) -> None:
        """The check is running, and the image is being built of the commit's files."""
        self._repo.check_run(sha, self._app, CHECK, status="in_progress")
        files = self._repo.model.commits[sha].files
        self._cluster.sample_image(sha, files={path: blob for path, blob in files.items() if isinstance(blob, bytes)})

    def passes(self, sha: str) -> None:
        """The check is green."""
        self._repo.check_run(sha, self._app, CHECK, conclusion="success")

    @contextmanager
    def automatic(self) -> Iterator[None]:
        """Test every new commit of every open pull request, as long as the context lasts."""
        stopping = threading.Event()
        thread = threading.Thread(target=self._test_new, args=(stopping,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopping.set()
            thread.join()

    def _test_new(self, stopping: threading.Event) -> None:
        tested: set[str] = set()
        while not stopping.wait(_LOOK_SECONDS):
            heads = {pull.head.sha for pull in list(self._repo.model.pulls.values()) if pull.state == "open"}
            for sha in heads - tested:
                tested.add(sha)
                self.start(sha)
                self.passes(sha)
