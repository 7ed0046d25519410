"""When a preview rests, so that GitHub is not asked: it is as its record says, and nothing is left to be told."""

import json

from reviewbot.model import Phase, Preview, Record, ReleaseState
from reviewbot.report import digest


def is_well(record: Record) -> bool:
    """It runs, and when it was last looked at nothing of it was in trouble."""
    return record.phase is Phase.RUNNING and record.reason != "Ailing" and not record.unready_since


def is_settled(record: Record) -> bool:
    """It runs, GitHub shows that, and nothing is due or left to be tried again."""
    again = (record.comment_again, record.deployments_again, record.missing_since)
    left = (record.due, record.answered, *again)
    told = bool(record.told) and record.report == record.told
    runs = is_well(record) and record.serving is not None and record.serving.sha == record.head
    return runs and told and not any(left)


def is_as_recorded(record: Record, preview: Preview) -> bool:
    """What serves is there, whole, ready, alone and under its address."""
    if record.serving is None or [each.id for each in preview.releases] != [record.serving.id]:
        return False
    (release,) = preview.releases
    known = inventory(release) == record.objects if release.objects else record.images.keys() <= release.processes
    ails = release.trouble is not None and release.trouble.final
    whole = bool(record.images) and release.images == record.images and known and not ails
    return whole and release.ready and preview.routed == release.id and _has_addons(record, preview)


def inventory(release: ReleaseState) -> str | None:
    """A digest of which of the repository's own objects there are, None if it brings none."""
    return digest(json.dumps(sorted(release.objects))) if release.objects else None


def _has_addons(record: Record, preview: Preview) -> bool:
    found = (preview.addon(name) for name in record.addons)
    return all(addon is not None and addon.whole and addon.ready for addon in found)
