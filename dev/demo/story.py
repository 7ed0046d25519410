"""The story itself: opened, green, running; pushed, switched over; closed, gone."""

import time
from collections.abc import Callable

from dev.demo.shown import Page, Visitor, our_check, telling, until
from dev.demo.stage import Stage
from dev.demo.watch import exists, namespace_of, phase_of, url_of
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
    url = until(lambda: url_of(stage, pull), "an address")
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
    url, old = url_of(stage, pull) or "", pull.head
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
    url, namespace = url_of(stage, pull) or "", until(lambda: namespace_of(stage, pull), "the namespace")
    tell.chapter("The pull request is closed.")
    pull.close()
    until(lambda: not exists(stage, namespace), "the end of the namespace")
    tell(f"namespace {namespace} is gone")
    if stage.cluster.bridge_address:
        tell(_quoted(f"{url} answers:", visitor.get(url)))
    until(lambda: phase_of(stage, pull) == "Closed", "the end of the record's work")
    until(
        lambda: any("nothing of its preview is left" in comment.body for comment in pull.comments),
        "the last word on GitHub",
    )


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
