"""Tests are often green before the image is pushed: its absence is waited out, and told."""

from datetime import timedelta

from tests.stories.team import Team

IMAGE = "localhost/acme/shop"


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
