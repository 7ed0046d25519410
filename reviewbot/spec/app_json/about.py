"""What `app.json` says for people, and the page that they are sent to."""

from reviewbot.model import About
from reviewbot.spec.problems import Report
from reviewbot.spec.tree import Node, text_of
from reviewbot.spec.urls import is_address, path_of

MAX_NAME = 300
MAX_DESCRIPTION = 1000


def read_about(keys: dict[str, Node], report: Report) -> About:
    """Name, description and logo; one that cannot be shown is left out, as nothing depends on it."""
    logo = _text(keys.get("logo"), MAX_NAME, report)
    if logo and not is_address(logo):
        report.warn(keys["logo"].place, "not used, as it is no http(s) address", keys["logo"].path)
        logo = ""
    name = _text(keys.get("name"), MAX_NAME, report)
    return About(name, _text(keys.get("description"), MAX_DESCRIPTION, report), logo)


def read_success_path(node: Node | None, report: Report) -> str:
    """The path of `success_url`, `/` without one."""
    text = text_of(node, report) if node else None
    if node is None or text is None:
        return "/"
    path = path_of(text)
    if path is None:
        report.problem(node.place, "must be an http(s) address or a path such as /welcome", node.path)
    return path or "/"


def _text(node: Node | None, most: int, report: Report) -> str:
    if node is None:
        return ""
    if not isinstance(node.value, str):
        report.warn(node.place, "not used, as it is no string", node.path)
        return ""
    return " ".join(node.value.split())[:most]
