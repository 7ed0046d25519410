"""Run the stand-in by itself: one app installed on one repository, until interrupted."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import click

from dev.github import GitHub, new_private_key, serve


@click.command()
@click.option("--port", default=8040, show_default=True, help="Where to listen on 127.0.0.1; 0 picks one.")
@click.option("--repository", default="acme/shop", show_default=True)
@click.option("--files", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Its first commit.")
@click.option("--key", type=click.Path(path_type=Path), required=True, help="The app's key, made if missing.")
@click.option("--webhook-url", help="Where the app listens.")
@click.option("--webhook-secret", default="local", show_default=True)
def main(
    port: int, repository: str, files: Path | None, key: Path, webhook_url: str | None, webhook_secret: str
) -> None:
    """Serve a GitHub with one app and one repository; prints their ids as a line of JSON."""
    github = GitHub()
    app = github.create_app("reviewbot", private_key=_key(key), webhook_secret=webhook_secret)
    app.webhook_url = webhook_url
    repo = github.create_repository(repository, _tree(files) if files else None)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with serve(github, port) as url:
        installed = github.install(app, repo.full_name.partition("/")[0])
        ids = {"url": url, "app_id": app.id, "installation_id": installed.id, "repository_id": repo.id}
        click.echo(json.dumps(ids))
        stop.wait()


def _key(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(new_private_key())
    return path.read_text()


def _tree(top: Path) -> dict[str, bytes | str | None]:
    found = (path for path in sorted(top.rglob("*")) if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(top).as_posix(): path.read_bytes() for path in found}


if __name__ == "__main__":
    main()
