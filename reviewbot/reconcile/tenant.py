"""What runs in a preview, brought up and taken away as the preview's own account; its Secrets are written as ours."""

import secrets

from reviewbot.decide import Apply, Drop, Provide, Prune, Render, Resume, Run, Step, Wipe
from reviewbot.model import AddonState, JobState, Release, ReleaseState
from reviewbot.reconcile.ports import Cluster
from reviewbot.render.addons import addon_objects, addon_volume
from reviewbot.render.jobs import KUSTOMIZE, POSTDEPLOY, job_name, postdeploy_job, release_job
from reviewbot.render.kustomize import render_objects
from reviewbot.render.names import tenant
from reviewbot.render.secrets import addon_name, addon_secret, config_name, config_secret, generated_secret
from reviewbot.render.workload import process_name, tenant_objects

_ADDON_KINDS = ("StatefulSet", "Service", "PersistentVolumeClaim")


class Tenant:
    """One preview's account at work."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._account = tenant(namespace)

    def act(self, step: Step) -> None:
        """Carry out one step that is about what runs."""
        match step:
            case Provide(release):
                self._provide(release)
            case Run(release, kind):
                self._run(release, kind)
            case Render(release):
                for item in render_objects(release, self._namespace):
                    self._cluster.create(item, tenant=self._account)
            case Resume(job):
                self._cluster.resume(job.name, self._namespace, self._account)
            case Drop(job):
                self._drop(job)
            case Apply(release):
                self._apply(release)
            case Prune(release):
                self._prune(release)
            case Wipe(addons, postdeploy):
                self._wipe(addons, postdeploy)

    def _provide(self, release: Release) -> None:
        for addon in release.addons:
            self._cluster.create(addon_secret(addon, secrets.token_hex(32), self._namespace))
            volume = addon_volume(addon, self._namespace)
            if volume:
                self._cluster.create(volume, tenant=self._account)
            for item in addon_objects(addon, release, self._namespace):
                self._cluster.apply(item, self._account)

    def _run(self, release: Release, kind: str) -> None:
        self._configure(release)
        render = postdeploy_job if kind == POSTDEPLOY else release_job
        self._cluster.create(render(release, self._namespace), tenant=self._account)

    def _configure(self, release: Release) -> None:
        for variable in release.generated:
            self._cluster.create(generated_secret(variable, secrets.token_hex(32), self._namespace))
        self._cluster.create(config_secret(release, self._namespace))

    def _apply(self, release: Release) -> None:
        items = tenant_objects(release, self._namespace)
        if release.own:
            # A repository's own are updated in place, so all of them are asked about before the first is written.
            for item in items:
                self._cluster.apply(item, self._account, dry_run=True)
        self._configure(release)
        for item in items:
            self._cluster.apply(item, self._account)

    def _prune(self, release: ReleaseState) -> None:
        # Before what shows that the release is there: nobody would come back for it.
        self._cluster.delete("Secret", config_name(release.id), self._namespace)
        # The Service last: while there is one, what else is of it is looked for.
        for kind, name in sorted(release.objects, key=lambda each: each[0] == "Service"):
            self._delete(kind, name)
        self._delete("Service", process_name("web", release.id))
        for process in sorted(release.processes | {"web"}):
            self._delete("Deployment", process_name(process, release.id))
        for job in filter(None, (release.phase, release.predestroy, release.rendering)):
            self._drop(job)

    def _wipe(self, addons: tuple[AddonState, ...], postdeploy: JobState | None) -> None:
        # The setup first: data that is gone while that counts as done would never be set up again.
        if postdeploy:
            self._drop(postdeploy)
        for addon in addons:
            for kind in _ADDON_KINDS:
                self._delete(kind, addon.name)
            self._cluster.delete("Secret", addon_name(addon.name), self._namespace)

    def _drop(self, job: JobState) -> None:
        self._delete("Job", job.name)
        if job.name == job_name(KUSTOMIZE, job.release):
            self._delete("ConfigMap", job.name)

    def _delete(self, kind: str, name: str) -> None:
        self._cluster.delete_as(self._account, kind, name, self._namespace)
