"""What keeps a release from getting ready, read from its Deployments and pods into a sentence. Pure.

Which field tells which failure was measured on a real node: a crashing container shows its restarts and its last
termination, hardly ever `CrashLoopBackOff`; a refused pod exists only as a condition on its Deployment, or as an Event
about its Job or StatefulSet.

A sentence must not change while the failure is the same, or each look would be told again: no counts, no pod names.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from reviewbot.model import Cause, Output, Trouble
from reviewbot.preview.images import image_sentence
from reviewbot.render.names import PROCESS

Object = Mapping[str, Any]

_IMAGE_REASONS = {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "RegistryUnavailable"}
_FINAL_CRASHES = 3
_EXCERPT = 300
_RANDOM_NAME = re.compile(r'^.*?\bpods "[^"]*" is forbidden: ')
_SETTING = "Set `run_as_user:` in `.github/reviewbot.yml` to the number of another user, such as 1000."
_NAMED_USER = re.compile(r"image has non-numeric user \((.*?)\)")
_EXIT_CODES = {126: "its command cannot be executed", 127: "its command was not found"}


def find_trouble(deployments: Iterable[Object], pods: Iterable[Object]) -> Trouble | None:
    """The most telling of what is wrong, or None."""
    # Kubernetes' own deadline is not asked: it never names the cause, and ours may be longer.
    living = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
    # What the cluster stopped may lie there for days, beside the pod that took its place.
    counted = [pod for pod in living if not _is_stopped(pod)] or living
    found = [*(_pod_trouble(pod) for pod in counted), *(_refusal(each) for each in deployments)]
    troubles = [trouble for trouble in found if trouble is not None]
    return max(troubles, key=lambda trouble: (trouble.final, trouble.cause is not Cause.NEVER_READY), default=None)


def find_refusal(owner: Object, events: Iterable[Object]) -> Trouble | None:
    """Why the cluster makes no pod of a Job or StatefulSet, which has none; None if it does not say."""
    uid = owner["metadata"]["uid"]
    about = [each for each in events if (each.get("regarding") or {}).get("uid") == uid]
    refusals = [each for each in about if each.get("reason") == "FailedCreate"]
    newest = max(refusals, key=_last_seen, default=None)
    return _refused(_excerpt({"message": newest.get("note")})) if newest else None


def _last_seen(event: Object) -> str:
    series = event.get("series") or {}
    return str(series.get("lastObservedTime") or event.get("deprecatedLastTimestamp") or event.get("eventTime") or "")


def _refusal(deployment: Object) -> Trouble | None:
    for condition in deployment.get("status", {}).get("conditions") or ():
        if condition["type"] == "ReplicaFailure" and condition["status"] == "True":
            return _refused(_excerpt(condition))
    return None


def _refused(why: str) -> Trouble:
    if "exceeded quota" in why:
        sentence = f"The preview's quota does not allow its pods: {why}. Ask for less under `formation` in `app.json`."
        # What is being removed still counts for a moment.
        return Trouble(Cause.QUOTA, sentence, final=False)
    sentence = f"The cluster refused its pods: {why}. Whoever runs the cluster sets these rules."
    return Trouble(Cause.REFUSED, sentence, final=True)


def _is_stopped(pod: Object) -> bool:
    """The node was short of something, was shut down, or did not take it: what ends by itself has no such reason."""
    status = pod.get("status", {})
    return status.get("phase") == "Failed" and bool(status.get("reason"))


def _pod_trouble(pod: Object) -> Trouble | None:
    status = pod.get("status", {})
    if _is_stopped(pod):
        # What follows are numbers, others each time.
        why = _excerpt(status).partition(". ")[0]
        return Trouble(Cause.CRASH, f"The cluster stopped it: {why}.", final=False)
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] == "False":
            why = _excerpt(condition).partition(". preemption:")[0]
            sentence = f"No node can take it: {why.rstrip('.')}. Whoever runs the cluster can make room."
            return Trouble(Cause.UNSCHEDULABLE, sentence, final=False)
    begun = [each for each in status.get("initContainerStatuses") or () if not _is_done(each)]
    containers = (*begun, *(status.get("containerStatuses") or ()))
    return next(filter(None, (_container_trouble(each, pod) for each in containers)), None)


def _is_done(init: Object) -> bool:
    return (init.get("state", {}).get("terminated") or {}).get("exitCode") == 0


def _container_trouble(container: Object, pod: Object) -> Trouble | None:
    waiting = container.get("state", {}).get("waiting") or {}
    reason, message = waiting.get("reason", ""), str(waiting.get("message") or "")
    if reason in _IMAGE_REASONS:
        return Trouble(Cause.IMAGE, image_sentence(container["image"], message), final=False)
    if reason == "InvalidImageName":
        sentence = f"`{container['image']}` is not an image name. Mend `image:` in `.github/reviewbot.yml`."
        return Trouble(Cause.IMAGE, sentence, final=True)
    if reason == "CreateContainerConfigError":
        return _not_made(container, _excerpt(waiting))
    if reason == "CreateContainerError":
        return _not_created(container, _excerpt(waiting))
    return _ended(container, pod) or _not_ready(container, pod)


def _not_made(container: Object, why: str) -> Trouble:
    named = _NAMED_USER.search(why)
    if named:
        user = named.group(1)
        what = (
            f"The image of process `{container['name']}` names its user `{user}` without a number, so it may be root."
        )
        return Trouble(Cause.ROOT, f"{what} {_SETTING}", final=True)
    if "will run as root" in why:
        what = f"The image of process `{container['name']}` runs as root, which no preview may."
        return Trouble(Cause.ROOT, f"{what} {_SETTING}", final=True)
    return Trouble(Cause.CONFIG, f"Process `{container['name']}` cannot start: {why}.", final=False)


def _not_created(container: Object, why: str) -> Trouble:
    what = f"Process `{container['name']}` cannot start"
    if "no command specified" in why:
        sentence = f"{what}: its image names no command. Name it in the `Procfile`."
        return Trouble(Cause.START, sentence, final=True)
    return Trouble(Cause.START, f"{what}: {why}.", final=False)


def _ended(container: Object, pod: Object) -> Trouble | None:
    last = container.get("lastState", {}).get("terminated")
    ended = container.get("state", {}).get("terminated") or last
    if ended is None:
        return None
    if ended.get("reason") == "StartError":
        return _not_started(container, str(ended.get("message") or ""))
    name, restarts = container["name"], int(container.get("restartCount", 0))
    what = "keeps ending" if restarts >= _FINAL_CRASHES else "ended"
    how = f"{ended.get('reason', 'Error')}, exit code {ended.get('exitCode')}"
    sentence = f"Process `{name}` {what} ({how}){_why(ended, name, pod)}."
    output = Output(pod["metadata"]["name"], name, restarted="running" in container.get("state", {}))
    return Trouble(Cause.CRASH, sentence, restarts >= _FINAL_CRASHES, output)


def _why(ended: Object, name: str, pod: Object) -> str:
    if ended.get("reason") == "OOMKilled":
        limit = (_spec(pod, name).get("resources") or {}).get("limits", {}).get("memory")
        return f": it used more than the {limit} of memory that it may" if limit else ": it used too much memory"
    if ended.get("exitCode") == 0:
        return ": its command must go on for as long as the app runs"
    why = _EXIT_CODES.get(ended.get("exitCode", 1))
    return f": {why}" if why else ""


def _not_started(container: Object, message: str) -> Trouble:
    why = _excerpt({"message": message[message.find("exec: ") :] if "exec: " in message else message})
    advice = "Its command must be in the image."
    if 'exec: "/bin/sh"' in why:
        advice = "A `Procfile` needs a shell in the image; without a `Procfile` the image's own entry point runs."
    return Trouble(Cause.START, f"Process `{container['name']}` cannot start: {why}. {advice}", final=True)


def _not_ready(container: Object, pod: Object) -> Trouble | None:
    name = container["name"]
    probe = _spec(pod, name).get("readinessProbe")
    if probe is None or container.get("ready") or not container.get("state", {}).get("running"):
        return None
    output = Output(pod["metadata"]["name"], name, restarted=False)
    sentence = f"Process `{name}` runs, but {_silence(probe)}."
    if PROCESS in (pod["metadata"].get("labels") or {}):
        sentence += " It must listen on `$PORT`, or its port be set as `port:` in `.github/reviewbot.yml`."
    return Trouble(Cause.NEVER_READY, sentence, final=False, output=output)


def _silence(probe: Object) -> str:
    asked = probe.get("httpGet") or probe.get("tcpSocket")
    if asked is None:
        return "its readiness probe does not succeed"
    if "path" in asked:
        return f"`{asked['path']}` does not answer on port {asked['port']}"
    return f"nothing answers on port {asked['port']}"


def _spec(pod: Object, container: str) -> Object:
    specs = pod.get("spec", {}).get("containers") or ()
    return next((each for each in specs if each["name"] == container), {})


def _excerpt(source: Object) -> str:
    words = " ".join(str(source.get("message") or source.get("reason") or "").split()).replace("`", "'")
    words = _RANDOM_NAME.sub("", words).rstrip(".")
    words = re.sub(r' \(pod: "[^"]*", container: [^)]*\)', "", words)
    return words if len(words) <= _EXCERPT else f"{words[:_EXCERPT]}…"
