"""Tests are often green before the image is pushed: its absence is waited out, and told."""

from datetime import timedelta

import pytest

from dev.cluster import images
from dev.cluster.archive import File, Image, layer
from tests.stories.conftest import Founded
from tests.stories.team import Team

IMAGE = "localhost/acme/shop"
NOT_MADE = "GitHub has not made the merge commit yet. While the pull request has conflicts it makes none."


def test_green_before_the_image_is_there(team: Team) -> None:
    pull = team.opens()
    team.ci_passes(pull, image=False)
    waiting = f"Waiting for the image. Image {IMAGE}:{pull.head} cannot be pulled, "
    team.settles(until=lambda: (team.says(pull) or "").startswith(waiting))
    assert team.check(pull)[:2] == ("queued", None)

    team.cluster.sample_image(pull.head)
    team.settles()
    assert team.check(pull) == ("completed", "success", f"{pull.head[:7]} is running.")
    assert team.page(pull).sha == pull.head
    digests = team.status(pull)["images"]
    assert list(digests) == ["web"]
    assert digests["web"].startswith("sha256:") or "@sha256:" in digests["web"]
    team.nothing_more_happens(pull)


def test_an_image_named_after_the_merge_commit(found: Founded) -> None:
    team = found(**{".github/reviewbot.yml": f"image: {IMAGE}:{{merge_sha}}\nhealth: /healthz\n"})
    pull = team.opens()
    built = pull.model.merge_commit_sha
    assert built is not None
    team.cluster.sample_image(built)
    team.ci_passes(pull, image=False)
    team.settles()
    assert team.page(pull).sha == pull.head
    # The base moves on, and nobody builds that: what runs is what was tested.
    team.repo.push("main", {"elsewhere.txt": "1"})
    assert pull.model.merge_commit_sha not in {None, built}
    said, objects = team.writes(), team.objects(pull, "deployments")
    team.waits(timedelta(minutes=15))
    assert (team.writes(), team.objects(pull, "deployments")) == (said, objects)
    team.nothing_more_happens(pull)


def test_no_merge_commit_while_there_are_conflicts(found: Founded) -> None:
    team = found(**{".github/reviewbot.yml": f"image: {IMAGE}:{{merge_sha}}\nhealth: /healthz\n"})
    team.repo.push("main", {"same.txt": "ours"})
    pull = team.opens(files={"same.txt": "theirs"})
    team.repo.push("main", {"same.txt": "ours again"})
    assert pull.model.merge_commit_sha is None
    team.ci_passes(pull, image=False)
    team.settles()
    assert team.check(pull) == ("queued", None, NOT_MADE)

    pull.push({"same.txt": "ours again"})
    assert pull.model.merge_commit_sha is not None
    team.cluster.sample_image(pull.model.merge_commit_sha)
    team.ci_passes(pull, image=False)
    team.settles()
    assert team.page(pull).sha == pull.head


@pytest.mark.keeps("aba_force_push")
def test_approval_pins_sha__and_no_merge_commit_of_another(found: Founded) -> None:
    team = found(**{".github/reviewbot.yml": f"image: {IMAGE}:{{merge_sha}}\nhealth: /healthz\n"})
    pull = team.opens(fork=True, author="mallory")
    trusted, built = pull.head, pull.model.merge_commit_sha
    pull.push({"evil.txt": "1"})
    evil = pull.model.merge_commit_sha
    assert built is not None and evil is not None
    for merge in (built, evil):
        team.cluster.sample_image(merge)
    # Back where it was, while GitHub shows what it made of the other commit.
    pull.delay_merge()
    pull.force_push(trusted)
    team.ci_passes(pull, image=False)
    team.settles()
    team.asks(pull, "trust")
    team.settles()
    assert pull.model.merge_commit_sha == evil
    assert team.check(pull) == ("queued", None, NOT_MADE)
    assert team.in_cluster(pull) == []

    pull.catch_up()
    assert pull.model.merge_commit_sha == built
    team.waits(timedelta(minutes=2))
    assert team.page(pull).sha == trusted
    [deployment] = team.look(pull, "deployments")["items"]
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == f"{IMAGE}:{built}"
    assert team.status(pull)["head"]["merge"] == built
    team.nothing_more_happens(pull)


def test_an_image_that_never_comes(team: Team) -> None:
    pull = team.opens()
    team.ci_passes(pull, image=False)
    team.settles(until=lambda: (team.says(pull) or "").startswith("Waiting for the image."))
    team.waits(timedelta(minutes=15))
    assert team.check(pull)[:2] == ("completed", "failure")
    assert "its registry does not answer: connection refused. Mend the registry" in team.summary(pull)
    assert f"`{IMAGE}:{pull.head}` cannot be pulled" in team.comment(pull)
    assert team.in_cluster(pull) != []
    team.nothing_more_happens(pull)

    pull.close()
    team.settles()
    assert team.in_cluster(pull) == []


# As the one of Cloud Native Buildpacks, with a word of its own before what it starts.
LAUNCHER = b"""#!/bin/sh
echo "launched: $1"
exec /bin/sh -c "$1"
"""


def test_an_image_made_with_buildpacks_is_started_by_its_launcher(team: Team) -> None:
    pull = team.opens(files={"Procfile": "web: bin/shop\nrelease: echo migrated\n"})
    content = images.shell() | {
        "app/bin/shop": File(images.sample_binary().read_bytes(), 0o755),
        "cnb/lifecycle/launcher": File(LAUNCHER, 0o755),
    }
    name = images.sample_name(pull.head)
    team.cluster.import_image(Image(name, (layer(content),), command=("/bin/false",), working_directory="/app"))
    team.ci_passes(pull, image=False)
    team.settles()
    assert team.says(pull) == f"{pull.head[:7]} is running."
    assert "launched: echo migrated\nmigrated" in team.summary(pull)
    assert team.page(pull).sha == pull.head
