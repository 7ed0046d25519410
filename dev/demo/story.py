"""The story itself: opened, green, running; used; broken, mended; emptied; closed, gone."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass

from dev.demo.shown import Page, Shown, Visitor, log_of, telling, until
from dev.demo.stage import FULL_NAME, Stage
from dev.demo.watch import exists, message_of, namespace_of, phase_of, url_of
from dev.github import Pull

MIGRATION = "migrations/003_nicer_prices.sql"
HANDLED = "Orders handled: {}"
NICER = "create or replace view shelf as select name, {column} - 1 as cents from products;\n"


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


@dataclass(frozen=True)
class Scene:
    """The pull request and who looks at it."""

    stage: Stage
    pull: Pull
    shown: Shown
    tell: Teller
    visitor: Visitor

    @property
    def url(self) -> str:
        """The preview's address, from the record."""
        return until(lambda: url_of(self.stage, self.pull), "an address")


def play(stage: Stage) -> Pull:
    """The whole life of one pull request; raises TimeoutError where it does not go on."""
    tell, visitor = Teller(), Visitor(stage.cluster)
    try:
        tell.chapter("A pull request is opened; its tests have not run yet.")
        pull = stage.repo.open_pull_request("nicer-prices", {"prices.txt": "nicer\n"}, title="Nicer prices")
        tell(f"{stage.github_url}/{stage.repo.model.full_name}/pull/{pull.number}")
        with telling(pull, tell) as shown:
            scene = Scene(stage, pull, shown, tell, visitor)
            _is_opened(scene)
            _becomes_green(scene)
            _takes_an_order(scene)
            if stage.cluster.tools:
                # Elsewhere every commit has the one image that was brought, and so the same migrations.
                _breaks(scene)
            _is_pushed_to(scene)
            _is_reset(scene)
            _is_closed(scene)
        return pull
    finally:
        visitor.close()


def _is_opened(scene: Scene) -> None:
    until(lambda: scene.shown.says("check", "[queued]"), "the check run")
    url = scene.url
    scene.tell(f"the address is known from the start: {url}")
    if scene.stage.cluster.bridge_address:
        page = until(lambda: _status_page(scene.visitor, url), "the status page")
        scene.tell(_quoted("what it answers meanwhile:", page))


def _becomes_green(scene: Scene) -> None:
    pull, url = scene.pull, scene.url
    scene.tell.chapter("CI runs, and passes. The app gets a database and a queue, migrates the one and fills it.")
    scene.stage.ci.start(pull.head)
    scene.stage.ci.passes(pull.head)
    page = until(lambda: _page_of(scene.visitor, url, pull.head), "the preview")
    _is_told_ready(scene)
    scene.tell(_quoted(f"{url} answers:", page))
    scene.tell(_lines("the release phase wrote:", log_of(pull)))


def _takes_an_order(scene: Scene) -> None:
    url = scene.url
    scene.tell.chapter("A visitor orders tea; the page leaves the order in Redis, where the worker takes it.")
    scene.tell(f"the form answers: {scene.visitor.post(f'{url}/orders', product='Tea').status}")
    until(lambda: HANDLED.format(1) in scene.visitor.get(url).text, "the order")
    scene.tell(HANDLED.format(1))


def _breaks(scene: Scene) -> None:
    pull, url = scene.pull, scene.url
    scene.tell.chapter("A commit is pushed whose migration fails.")
    sha = pull.push({MIGRATION: NICER.format(column="price")})
    scene.stage.ci.start(sha)
    scene.stage.ci.passes(sha)
    until(lambda: scene.shown.says("check", "[failure]", f"(on {sha[:7]})"), "the failure on GitHub")
    scene.tell(_lines("the check run shows its log:", log_of(pull)))
    until(lambda: scene.shown.says("comment", "failed", sha[:7]), "the comment")
    scene.tell(f"the address still answers: {_line(scene.visitor.get(url))}")


def _is_pushed_to(scene: Scene) -> None:
    url = scene.url
    old = scene.visitor.get(url).sha
    scene.tell.chapter("A better commit is pushed; the old page stays until the new one is ready.")
    new = scene.pull.push({MIGRATION: NICER.format(column="cents")})
    scene.stage.ci.start(new)
    scene.tell(f"while {new[:7]} is being tested: {_line(scene.visitor.get(url))}")
    scene.stage.ci.passes(new)
    scene.tell(f"just after it turned green:   {_line(scene.visitor.get(url))}")
    seen = {old: 0, new: 0, "other": 0}

    def look() -> bool:
        page = scene.visitor.get(url)
        seen[page.sha if page.status == 200 and page.sha in seen else "other"] += 1
        return page.sha == new

    until(look, "the switch")
    scene.tell(f"then: {_line(scene.visitor.get(url))}")
    scene.tell(f"pages seen on the way: {seen[old]} old, {seen[new]} new, {seen['other']} wrong")
    _is_told_ready(scene)
    scene.tell(_quoted(f"{url} answers:", scene.visitor.get(url)))


def _is_reset(scene: Scene) -> None:
    url, name = scene.url, f"{FULL_NAME}#{scene.pull.number}"
    scene.tell.chapter(f"All data is made anew: reviewbot reset {name}")
    _reviewbot(scene.stage, "reset", name)
    until(lambda: HANDLED.format(0) in scene.visitor.get(url).text, "the reset")
    _is_told_ready(scene)
    scene.tell(HANDLED.format(0))


def _is_closed(scene: Scene) -> None:
    stage, pull, url = scene.stage, scene.pull, scene.url
    namespace = until(lambda: namespace_of(stage, pull), "the namespace")
    scene.tell.chapter("The pull request is closed.")
    pull.close()
    until(lambda: _says_goodbye(scene), "the last script")
    scene.tell("its last script runs, while there is a database to ask")
    until(lambda: not exists(stage, namespace), "the end of the namespace")
    scene.tell(f"namespace {namespace} is gone")
    if stage.cluster.bridge_address:
        scene.tell(_quoted(f"{url} answers:", scene.visitor.get(url)))
    until(lambda: phase_of(stage, pull) == "Closed", "the end of the record's work")
    until(lambda: scene.shown.says("comment", "nothing of its preview is left"), "the last word on GitHub")


def _is_told_ready(scene: Scene) -> None:
    head = scene.pull.head[:7]
    until(lambda: scene.shown.says("check", "[success]", f"(on {head})"), "the success on GitHub")
    until(lambda: scene.shown.says("comment", "ready", head), "the comment")


def _status_page(visitor: Visitor, url: str) -> Page | None:
    page = visitor.get(url)
    return page if page.status == 503 and "Waiting" in page.text else None


def _page_of(visitor: Visitor, url: str, sha: str) -> Page | None:
    page = visitor.get(url)
    return page if page.status == 200 and page.sha == sha else None


def _says_goodbye(scene: Scene) -> bool:
    # It is short, and GitHub hears of it only if it is not too short.
    word = "pr-predestroy"
    return scene.shown.says("check", word) or word in message_of(scene.stage, scene.pull)


def _reviewbot(stage: Stage, *arguments: str) -> None:
    # As whoever runs the cluster.
    environment = {"KUBECONFIG": stage.cluster.kubeconfig, "PATH": os.environ["PATH"]}
    subprocess.run([sys.executable, "-m", "reviewbot", *arguments], env=environment, check=True, capture_output=True)


def _line(page: Page) -> str:
    return f"{page.status} from {page.sha[:7] or 'reviewbot itself'}"


def _quoted(title: str, page: Page) -> str:
    return _lines(f"{title} ({page.status})", page.text.splitlines()[:7])


def _lines(title: str, lines: list[str]) -> str:
    return "\n".join([title, *(f"| {line}" for line in lines)])
