"""Since when something has been on its way, by our own clock: the cluster's may be another.

Kept in memory alone. After a restart it is counted anew, so that something is waited for longer, and never shorter.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from reviewbot.model import AddonState, JobState, Preview, ReleaseState, Stage


class Waiting:
    """Remembers the moment at which each was first seen so."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        # By record, and by the name of the object there.
        self._since: dict[str, dict[str, datetime]] = {}

    def timed(self, record: str, preview: Preview) -> Preview:
        """The preview with the times of what it waits for."""
        held = {name: self._since.get(record, {}).get(name, self._clock()) for name in _on_their_way(preview)}
        if held:
            self._since[record] = held
        else:
            self._since.pop(record, None)
        return replace(
            preview,
            since=held.get(_space(preview)),
            releases=tuple(_release(each, held) for each in preview.releases),
            addons=tuple(_addon(each, held) for each in preview.addons),
            postdeploy=_job(preview.postdeploy, held),
        )

    def forget(self, record: str) -> None:
        """The record is gone."""
        self._since.pop(record, None)


def _on_their_way(preview: Preview) -> list[str]:
    return [
        # A young one, in which rights are not in effect yet, or one that is going.
        *([_space(preview)] if preview.uid else []),
        *(job.name for job in preview.jobs if job.stage is Stage.RUNNING),
        *(_name(addon) for addon in preview.addons if addon.leaving or not addon.ready),
    ]


def _space(preview: Preview) -> str:
    return f"namespace {preview.namespace}"


def _release(state: ReleaseState, held: dict[str, datetime]) -> ReleaseState:
    jobs = (_job(each, held) for each in (state.phase, state.predestroy, state.rendering))
    phase, predestroy, rendering = jobs
    return replace(state, phase=phase, predestroy=predestroy, rendering=rendering)


def _job(job: JobState | None, held: dict[str, datetime]) -> JobState | None:
    return job and replace(job, since=held.get(job.name))


def _addon(addon: AddonState, held: dict[str, datetime]) -> AddonState:
    return replace(addon, since=held.get(_name(addon)))


def _name(addon: AddonState) -> str:
    # What is brought up to date is waited for anew.
    return f"{addon.name}/{addon.definition}"
