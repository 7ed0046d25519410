"""Everything the story needs, up and connected: cluster, GitHub, an installed App, a repository, CI, the bot."""

import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import urllib3

from dev.bot.install import expose, install, provide_servers
from dev.bot.run import App, Bot, running
from dev.cluster import Cluster, world
from dev.cluster.errors import SetupError
from dev.demo.ci import CHECK, Ci
from dev.github import GitHub, Repo, RequiredCheck, new_private_key, serve

OWNER = "acme"
FULL_NAME = f"{OWNER}/shop"
SHOP = Path(__file__).resolve().parents[1] / "sample"
# Its page alone, for what asks nothing of an app.
PLAIN = SHOP / "plain"
_READY_SECONDS = 60


@dataclass(frozen=True)
class Stage:
    """What the story plays on."""

    cluster: Cluster
    github: GitHub
    github_url: str
    repo: Repo
    ci: Ci
    bot: Bot


@contextmanager
def stage(app: Path = PLAIN) -> Iterator[Stage]:
    """The whole local world around a repository of `SHOP` or `PLAIN`, with nothing happening in it yet."""
    key, secret = new_private_key(), secrets.token_hex(20)
    github = GitHub()
    registered = github.create_app("reviewbot", private_key=key, webhook_secret=secret)
    ci_app = github.create_app("ci")
    with tempfile.TemporaryDirectory(prefix="reviewbot-demo-") as temporary, world() as cluster, serve(github) as url:
        folder = Path(temporary)
        accounts = install(cluster, folder)
        if app == SHOP and cluster.tools:
            provide_servers(cluster)
        on_github = App(url, registered.id, key, secret, OWNER)
        with running(cluster, accounts, on_github, folder) as bot:
            if cluster.bridge_address:
                expose(cluster, bot.web_port)
            registered.webhook_url = f"{bot.url}/webhook"
            repo = github.create_repository(FULL_NAME, files=sample_files(cluster, app), private=True)
            repo.require_checks([RequiredCheck(CHECK)])
            github.install(registered, OWNER)
            wait_until_ready(bot)
            yield Stage(cluster, github, url, repo, Ci(repo, ci_app, cluster), bot)


def sample_files(cluster: Cluster, app: Path = PLAIN) -> dict[str, str]:
    """The repository of `SHOP` or `PLAIN`."""
    image = "localhost/acme/shop:{sha}" if cluster.tools else cluster.image
    paths = [app / "Procfile", app / "app.json", *app.glob("migrations/*.sql")]
    files = {str(path.relative_to(app)): path.read_text() for path in paths}
    return files | {".github/reviewbot.yml": f"image: {image}\nhealth: /healthz\n"}


def wait_until_ready(bot: Bot) -> None:
    """Return when both processes are at work; loud, with their last words, when they are not soon."""
    deadline = time.monotonic() + _READY_SECONDS
    for address in (bot.web_ops, bot.controller_ops):
        while not ready(address):
            if time.monotonic() > deadline:
                raise SetupError(f"reviewbot did not start; its logs say:\n{bot.tail()}")
            time.sleep(0.1)


def ready(address: str) -> bool:
    """Whether the process that tells how it is there does its work."""
    try:
        return urllib3.request("GET", f"{address}/readyz", retries=False, timeout=2).status == 200
    except urllib3.exceptions.HTTPError:
        return False
