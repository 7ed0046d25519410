"""What is the same for every preview of one installation of the bot."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from reviewbot.model import AppId, PullRequest, Record
from reviewbot.render.kustomize import IMAGE as KUSTOMIZE_IMAGE
from reviewbot.render.names import Address, host_label


@dataclass(frozen=True)
class Site:
    """`image` is of repositories that name none; `pull_secrets` are by account, in lower case, "" for all others."""

    app_id: AppId
    host_key: str
    previews_url: str
    gateway: str
    image: str | None
    pull_secrets: Mapping[str, str] = field(default_factory=dict)
    kustomize_image: str = KUSTOMIZE_IMAGE

    def address(self, record: Record, pull: PullRequest) -> Address:
        """Where the preview answers; once given, a rename does not move it."""
        label = record.host or host_label(record.ref, pull.full_name, self.host_key)
        return Address(label, self.previews_url)

    def app_address(self, whole: Record, app: str, pull: PullRequest) -> Address:
        """Where one of its apps answers: the same for whoever asks, as its part of the name is the pull request's."""
        name = whole.host.rpartition(f"-pr-{whole.ref.number}-")[0] if whole.host else pull.full_name
        return Address(host_label(replace(whole.ref, app=app), name, self.host_key), self.previews_url)
