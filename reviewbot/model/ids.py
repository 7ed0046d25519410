"""Ids with types of their own, and the names of ours that others see."""

from typing import NewType

RepositoryId = NewType("RepositoryId", int)
InstallationId = NewType("InstallationId", int)
AppId = NewType("AppId", int)
SuiteId = NewType("SuiteId", int)
Sha = NewType("Sha", str)

# The name of our check run, which must never wait for itself.
CHECK_NAME = "reviewbot"
# One environment for all previews of a repository: GitHub keeps each that was ever named.
ENVIRONMENT = "reviewbot"
