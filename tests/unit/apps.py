"""Apps of a pull request that has several, and the facts about it, for tables."""

from dataclasses import replace
from typing import Any

from reviewbot.decide import AppFacts, Facts
from reviewbot.model import (
    Exclusion,
    Phase,
    Preview,
    Problem,
    Section,
    Verdict,
)
from tests.unit.builders import HEAD, NOW, PREVIEW_URL, REF, a_pull, a_record

GREEN, RED = Verdict(True, "All checks pass."), Verdict(False, "Waiting for check “build”.")
UNTOUCHED = Exclusion("Untouched", "Not changed, so not deployed.")
SHOP, ADMIN = replace(REF, app="shop"), replace(REF, app="admin")


def a_section(phase: Phase = Phase.RUNNING, **changes: Any) -> Section:
    serving = HEAD if phase is Phase.RUNNING else None
    section = Section(phase, "Ready", HEAD, "aaaaaaa is running.", "`aaaaaaa` is running.", PREVIEW_URL, serving)
    return replace(section, **changes)


def an_app(name: str, phase: Phase = Phase.RUNNING, **changes: Any) -> AppFacts:
    """An app that is on record, and says how it fares."""
    section = a_section(phase, **changes)
    return AppFacts(name, a_record(ref=replace(REF, app=name), phase=section.phase, section=section))


def facts(*apps: AppFacts, **changes: Any) -> Facts:
    named = {app.name: app.excluded for app in apps}
    values: dict[str, Any] = {"named": named, "verdict": GREEN, "apps": apps} | changes
    return Facts(NOW, values.pop("record", a_record()), values.pop("pull", a_pull()), Preview("absent"), **values)


def failed(name: str) -> AppFacts:
    said = "Process web keeps ending (exit code 3)."
    text = f"{said}\n\nThe last lines of its log:\n\n```text\nno such file\n```"
    problem = ("failure", Problem("apps/admin/app.json", 1, 15, "env.A: must be a string"))
    return an_app(name, Phase.FAILED, reason="Crashed", title=said, text=text, annotations=(problem,))
