"""Since when something has been on its way, or runs again, by our own clock: the cluster's may be another.

Kept in memory alone. After a restart it is counted anew, so that something is waited for longer, and never shorter.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from reviewbot.model import AddonState, JobState, Preview, ReleaseState, Stage
from reviewbot.preview.runs import Container, running_again, without_past

Object = dict[str, Any]

# After so long the kubelet too takes the next end for the first.
RECOVERED = timedelta(minutes=10)


@dataclass(frozen=True)
class _Runs:
    """Since when each run has been seen, and how many ends of a container are past."""

    since: Mapping[tuple[Container, tuple[int, str]], datetime] = field(default_factory=dict)
    past: Mapping[Container, int] = field(default_factory=dict)


class Waiting:
    """Remembers the moment at which each was first seen so."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        # By record, and by the name of the object there.
        self._since: dict[str, dict[str, datetime]] = {}
        self._runs: dict[str, _Runs] = {}

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

    def recovered(self, record: str, pods: Iterable[Object], *, well: bool) -> list[Object]:
        """The pods without the ends after which a container has long run on.

        `well` says that all was when it was last looked at, maybe by another process: then what runs at our first look
        has done so for long.
        """
        pods, now = list(pods), self._clock()
        first = now - RECOVERED if well and record not in self._runs else now
        held, there = self._runs.get(record, _Runs()), {pod["metadata"]["uid"] for pod in pods}
        since = {run: held.since.get(run, first) for run in running_again(pods).items()}
        long = {container: ends for (container, (ends, _)), at in since.items() if now - at >= RECOVERED}
        past = {container: ends for container, ends in {**held.past, **long}.items() if container[0] in there}
        self._runs[record] = _Runs(since, past)
        return without_past(pods, past)

    def forget(self, record: str) -> None:
        """The record is gone."""
        self._since.pop(record, None)
        self._runs.pop(record, None)


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
