"""The nouns: frozen values with typed ids. No behaviour beyond names derived from them, and no I/O."""

from reviewbot.model.definition import AppSpec, ChecksPolicy, ConfigVar, Process, RepositoryConfig
from reviewbot.model.deliveries import Bookmark, Delivery
from reviewbot.model.ids import CHECK_NAME, ENVIRONMENT, AppId, InstallationId, RepositoryId, Sha
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
from reviewbot.model.records import REDEPLOY, Announced, Deployed, Failure, Record, Request, Written
from reviewbot.model.releases import Cause, Output, Phase, Preview, Release, ReleaseState, Trouble

__all__ = [
    "CHECK_NAME",
    "ENVIRONMENT",
    "REDEPLOY",
    "Announced",
    "AppId",
    "AppSpec",
    "Bookmark",
    "Cause",
    "Check",
    "CheckState",
    "CheckSuite",
    "Checks",
    "ChecksPolicy",
    "ConfigVar",
    "Delivery",
    "Deployed",
    "Failure",
    "InstallationId",
    "Output",
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
    "Request",
    "RequiredCheck",
    "Sha",
    "Trouble",
    "Verdict",
    "Written",
]
