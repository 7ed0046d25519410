"""What is told of a pull request that has several apps: where each is, and what each says."""

from reviewbot.decide import Plan
from reviewbot.model import Phase, Section
from reviewbot.report.inert import inert, plain
from reviewbot.report.texts import TITLES, Annotation, AppPlace, Place

# With everything else it is far below GitHub's 65 536.
_SECTIONS_LIMIT = 40_000
_WORST_FIRST = (Phase.FAILED, Phase.WAITING, Phase.DEPLOYING, Phase.RUNNING)


def addresses(plan: Plan, place: Place) -> list[str]:
    """A table of the apps; nothing where nothing is left of them, or nothing was made yet."""
    if plan.ends or not any(app.deployed or app.section for app in place.apps):
        return []
    return ["\n".join(["| app | state | address |", "|---|---|---|", *(_row(app, plan) for app in place.apps)])]


def sections(place: Place) -> list[str]:
    """What each app says of the commit, the worst first; in a line where the whole would be too long."""
    told = [(app, app.section) for app in place.apps if app.section and not app.excluded and _says_more(app.section)]
    found: list[str] = []
    left = _SECTIONS_LIMIT
    for app, section in sorted(told, key=lambda each: _WORST_FIRST.index(each[0].phase)):
        text = section.text if len(section.text) <= left else inert(section.title)
        left -= len(text)
        found.append(f"### {app.name}\n\n{text}")
    return found


def annotations_of(place: Place) -> tuple[Annotation, ...]:
    """What the apps have to show at lines of the commit's files."""
    told = (app.section.annotations for app in place.apps if app.section and not app.excluded)
    return tuple(Annotation(level, problem) for each in told for level, problem in each)


def _says_more(section: Section) -> bool:
    # What is waited for is the pull request's own sentence; that it runs, or is about to, is in the table.
    return section.reason != "Checks" and (
        section.phase not in {Phase.RUNNING, Phase.DEPLOYING} or plain(section.text, 1000) != section.title
    )


def _row(app: AppPlace, plan: Plan) -> str:
    # One that has not looked yet will find what its pull request waits for.
    phase = app.phase if app.section or plan.phase is not Phase.WAITING else Phase.WAITING
    state = inert(app.excluded.rstrip(".")) if app.excluded else TITLES[phase].lower()
    if app.serving and not (app.section and app.section.sha == app.serving):
        state += f", still serving `{app.serving[:7]}`"
    url = app.url if app.serving or not app.excluded else ""
    return f"| {app.name} | {state} | {url} |"
