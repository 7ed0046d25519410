"""Who may write, as GitHub tells it of one person: by permission, whatever a comment or a membership says."""

import pytest

from tests.contract.test_github_client import World, world

__all__ = ["world"]


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("admin", True),
        ("maintain", True),
        ("write", True),
        ("triage", False),
        ("read", False),
        (None, False),
    ],
)
@pytest.mark.parametrize("private", [True, False])
def test_approver_must_have_write__by_role(world: World, role: str | None, may: bool, private: bool) -> None:
    world.scene.repo.model.private = private
    who = world.scene.github.account("somebody")
    if role:
        world.scene.repo.collaborator("somebody", role)
    assert world.github.may_write(world.ref, (who.id, "somebody")) is may


def test_approver_must_have_write__and_be_who_asked(world: World) -> None:
    """A login that somebody else has by now is not the one who asked; a name cannot lead to another path."""
    world.scene.repo.collaborator("alice", "admin")
    alice = world.scene.github.account("alice").id
    assert world.github.may_write(world.ref, (alice, "alice"))
    assert not world.github.may_write(world.ref, (alice + 1000, "alice"))
    assert not world.github.may_write(world.ref, (alice, "nobody"))
    assert not world.github.may_write(world.ref, (alice, "../collaborators/alice"))
    robot = world.scene.github.account("robot[bot]", "Bot")
    assert not world.github.may_write(world.ref, (robot.id, "robot[bot]"))
