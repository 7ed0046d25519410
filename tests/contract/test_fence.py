"""What the fence holds on GitHub: every write, asked for right before it goes out."""

import pytest

from reviewbot import compose
from reviewbot.engine.lease import NotLeader
from reviewbot.gateways.github.client import Client
from reviewbot.gateways.github.tokens import Scope
from reviewbot.model import AppId, InstallationId, RepositoryId
from tests.contract.github_standin import KEY, Scene, standin


def test_a_write_asks_when_nothing_but_the_write_is_left_to_do() -> None:
    with standin() as scene:
        minted_before: list[int] = []

        def fence() -> None:
            minted_before.append(len(scene.github.calls("POST", "access_tokens")))
            raise NotLeader("another controller may be at work")

        client = Client(scene.url, AppId(scene.app.id), KEY, compose.utc_now, fence)
        scope = Scope(InstallationId(scene.installed.id), RepositoryId(scene.repo.id))
        with pytest.raises(NotLeader):
            client.write(scope, "POST", f"issues/{scene.pull.number}/comments", {"body": "Late."})
        assert minted_before == [1]
        assert _comments(scene) == []
        assert client.get(scope, f"pulls/{scene.pull.number}")["number"] == scene.pull.number


def _comments(scene: Scene) -> list[str]:
    return [comment.body for comment in scene.pull.comments]
