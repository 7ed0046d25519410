"""The nouns: frozen values with typed ids. No behaviour beyond names derived from them, and no I/O."""

from reviewbot.model.definition import AppSpec, ChecksPolicy, ConfigVar, Process, RepositoryConfig
from reviewbot.model.ids import CHECK_NAME, AppId, InstallationId, RepositoryId, Sha
from reviewbot.model.pulls import (
    Check,
    Checks,
    CheckState,
    CheckSuite,
    PullRequest,
    PullRequestRef,
    PullState,
    RequiredCheck,
    Verdict,
)
from reviewbot.model.records import Deployed, Record, Written
from reviewbot.model.releases import Cause, Phase, Preview, Release, ReleaseState, Trouble

__all__ = [
    "CHECK_NAME",
    "AppId",
    "AppSpec",
    "Cause",
    "Check",
    "CheckState",
    "CheckSuite",
    "Checks",
    "ChecksPolicy",
    "ConfigVar",
    "Deployed",
    "InstallationId",
    "Phase",
    "Preview",
    "Process",
    "PullRequest",
    "PullRequestRef",
    "PullState",
    "Record",
    "Release",
    "ReleaseState",
    "RepositoryConfig",
    "RepositoryId",
    "RequiredCheck",
    "Sha",
    "Trouble",
    "Verdict",
    "Written",
]
