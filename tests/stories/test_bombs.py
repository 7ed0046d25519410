"""What is made to eat up the cluster: refused or cut short, while another pull request is deployed as ever."""

from collections.abc import Mapping

import pytest

from dev.cluster import Cluster
from dev.github import Pull
from tests.stories.conftest import Founded
from tests.stories.own import MANIFESTS, SHOP, placed, repository
from tests.stories.team import Team

CRON = """\
---
apiVersion: batch/v1
kind: CronJob
metadata: {{name: tick-{}}}
spec:
  schedule: "* * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{{name: tick, image: "${{IMAGE}}", command: ["true"]}}]
"""
VOLUME = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: huge}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Pi}}}
"""
NOTHING = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a{}}}\n"
FLOOD = "release: i=0; while [ $i -lt 20000 ]; do echo a flood of words that nobody reads; i=$((i+1)); done; exit 1\n"
# What is said of each, by branch.
BOMBS: dict[str, tuple[Mapping[str, str], str]] = {
    "replicas": (placed({"shop.yaml": SHOP.replace("spec:\n", "spec:\n  replicas: 1000000\n", 1)}), "at most 10"),
    "objects": (placed({"many.yaml": "".join(map(NOTHING.format, range(10_000)))}), "larger than 256 KB"),
    "clocks": (placed({"tick.yaml": "".join(map(CRON.format, range(6)))}), "at most 5 objects of the kind CronJob"),
    "storage": (placed({"huge.yaml": VOLUME}), "exceeded quota: preview, requested: requests.storage=1Pi"),
    "flood": ({"Procfile": FLOOD}, "that nobody reads\na flood of words"),
}


@pytest.fixture
def team(found: Founded, cluster: Cluster) -> Team:
    return found(**repository(cluster, MANIFESTS))


def _set_off(team: Team, branch: str, files: Mapping[str, str]) -> Pull:
    pull = team.opens(branch, files={f"{branch}.txt": "1", **files})
    team.ci_passes(pull)
    return pull


def test_resource_bombs(team: Team) -> None:
    bombs = {branch: _set_off(team, branch, files) for branch, (files, _) in BOMBS.items()}
    good = _set_off(team, "good", {})
    team.settles()
    assert team.says(good) == f"{good.head[:7]} is running."
    assert team.page(good).sha == good.head
    for branch, pull in bombs.items():
        assert team.check(pull)[1] == "failure", branch
        assert BOMBS[branch][1] in team.summary(pull)
        assert len(team.summary(pull)) < 10_000
        assert not team.in_cluster(pull) or team.objects(pull, "deployments,cronjobs,persistentvolumeclaims") == []
    team.nothing_more_happens(good)
