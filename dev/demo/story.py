"""The story itself: opened, green, running; pushed, switched over; closed, gone."""

import time
from collections.abc import Callable

from dev.bot.install import SYSTEM, kubectl
from dev.demo.shown import Page, Visitor, our_check, telling, until
from dev.demo.stage import Stage
from dev.github import Pull

Tell = Callable[[str], None]


class Teller:
    """Prints what happens, with the seconds since the story began."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def chapter(self, title: str) -> None:
        """Something a person does."""
        print(f"\n{title}", flush=True)

    def __call__(self, line: str) -> None:
        first, *rest = line.splitlines()
        print(f"  {time.monotonic() - self._began:6.1f} s  {first}", flush=True)
        for more in rest:
            print(f"             {more}", flush=True)


def play(stage: Stage) -> Pull:
    """The whole life of one pull request; raises TimeoutError where it does not go on."""
    tell, visitor = Teller(), Visitor(stage.cluster)
    try:
        tell.chapter("A pull request is opened; its tests have not run yet.")
        pull = stage.repo.open_pull_request("nicer-prices", {"prices.txt": "nicer\n"}, title="Nicer prices")
        tell(f"{stage.github_url}/{stage.repo.model.full_name}/pull/{pull.number}")
        with telling(pull, tell):
            _becomes_green(stage, pull, tell, visitor)
            _is_pushed_to(stage, pull, tell, visitor)
            _is_closed(stage, pull, tell, visitor)
        return pull
    finally:
        visitor.close()


def _becomes_green(stage: Stage, pull: Pull, tell: Teller, visitor: Visitor) -> None:
    url = until(lambda: _address(stage, pull), "an address")
    tell(f"the address is known from the first second: {url}")
    if stage.cluster.bridge_address:
        tell(_quoted("what it answers meanwhile:", until(lambda: _status_page(visitor, url), "the status page")))
    tell.chapter("CI runs, and passes.")
    stage.ci.start(pull.head)
    stage.ci.passes(pull.head)
    page = until(lambda: _page_of(visitor, url, pull.head), "the preview")
    tell(_quoted(f"{url} answers:", page))
    until(lambda: _says(pull, "success") and pull.comments, "the success on GitHub")


def _is_pushed_to(stage: Stage, pull: Pull, tell: Teller, visitor: Visitor) -> None:
    url, old = _address(stage, pull) or "", pull.head
    tell.chapter("A commit is pushed; the old page stays until the new one is ready.")
    new = pull.push({"prices.txt": "even nicer\n"})
    stage.ci.start(new)
    tell(f"while {new[:7]} is being tested: {_line(visitor.get(url))}")
    stage.ci.passes(new)
    tell(f"just after it turned green:   {_line(visitor.get(url))}")
    seen = {old: 0, new: 0, "other": 0}

    def look() -> bool:
        page = visitor.get(url)
        seen[page.sha if page.status == 200 and page.sha in seen else "other"] += 1
        return page.sha == new

    until(look, "the switch")
    tell(f"then: {_line(visitor.get(url))}")
    tell(f"pages seen on the way: {seen[old]} old, {seen[new]} new, {seen['other']} wrong")
    until(lambda: _says(pull, "success"), "the success on GitHub")


def _is_closed(stage: Stage, pull: Pull, tell: Teller, visitor: Visitor) -> None:
    url, namespace = _address(stage, pull) or "", until(lambda: _namespace(stage, pull), "the namespace")
    tell.chapter("The pull request is closed.")
    pull.close()
    until(lambda: not _exists(stage, namespace), "the end of the namespace")
    tell(f"namespace {namespace} is gone")
    if stage.cluster.bridge_address:
        tell(_quoted(f"{url} answers:", visitor.get(url)))
    until(lambda: _phase(stage, pull) == "Closed", "the end of the record's work")
    until(
        lambda: any("nothing of its preview is left" in comment.body for comment in pull.comments),
        "the last word on GitHub",
    )


def _record(stage: Stage, pull: Pull, path: str) -> str:
    name = f"pr-{stage.repo.id}-{pull.number}"
    return kubectl(
        stage.cluster, "get", "reviewapp", name, "-n", SYSTEM, "--ignore-not-found", "-o", f"jsonpath={path}"
    )


def _address(stage: Stage, pull: Pull) -> str | None:
    return _record(stage, pull, "{.status.url}") or None


def _phase(stage: Stage, pull: Pull) -> str:
    return _record(stage, pull, "{.status.phase}")


def _namespace(stage: Stage, pull: Pull) -> str | None:
    return next(iter(_namespaces(stage, pull)), None)


def _namespaces(stage: Stage, pull: Pull) -> list[str]:
    mine = f"{stage.repo.id}/{pull.number}"
    template = "{range .items[*]}{.metadata.name} {.metadata.annotations}{'\\n'}{end}"
    listed = kubectl(stage.cluster, "get", "ns", "-l", "reviewbot.dev/managed=true", "-o", f"jsonpath={template}")
    repository, number = mine.split("/")
    wanted = (f'"reviewbot.dev/repository-id":"{repository}"', f'"reviewbot.dev/pull-request":"{number}"')
    return [line.split()[0] for line in listed.splitlines() if all(each in line for each in wanted)]


def _exists(stage: Stage, namespace: str) -> bool:
    return bool(kubectl(stage.cluster, "get", "ns", namespace, "--ignore-not-found", "-o", "name"))


def _status_page(visitor: Visitor, url: str) -> Page | None:
    page = visitor.get(url)
    return page if page.status == 503 and "Waiting" in page.text else None


def _page_of(visitor: Visitor, url: str, sha: str) -> Page | None:
    page = visitor.get(url)
    return page if page.status == 200 and page.sha == sha else None


def _says(pull: Pull, conclusion: str) -> bool:
    check = our_check(pull)
    return check is not None and check.conclusion == conclusion


def _line(page: Page) -> str:
    return f"{page.status} from {page.sha[:7] or 'reviewbot itself'}"


def _quoted(title: str, page: Page) -> str:
    return "\n".join([f"{title} ({page.status})", *(f"| {line}" for line in page.text.splitlines()[:12])])
