"""The nouns: frozen values with typed ids. No behaviour beyond names derived from them, and no I/O."""

from reviewbot.model.definition import AppSpec, ChecksPolicy, ConfigVar, Process, RepositoryConfig
from reviewbot.model.ids import CHECK_NAME, ENVIRONMENT, AppId, InstallationId, RepositoryId, Sha
from reviewbot.model.placement import DEFAULT_SIZE, Nodes, Placement, Resources, Toleration
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
    "DEFAULT_SIZE",
    "ENVIRONMENT",
    "REDEPLOY",
    "Announced",
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
    "Failure",
    "InstallationId",
    "Nodes",
    "Output",
    "Phase",
    "Placement",
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
    "Resources",
    "Sha",
    "Toleration",
    "Trouble",
    "Verdict",
    "Written",
]
