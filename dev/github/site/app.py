"""The site as a Flask application."""

from __future__ import annotations

from flask import Flask

from dev.github.site.control import create_control
from dev.github.site.pages import create_pages
from dev.github.world import GitHub


def create_site(github: GitHub) -> Flask:
    site = Flask(__name__, static_folder=None)
    site.jinja_env.trim_blocks = site.jinja_env.lstrip_blocks = True
    site.register_blueprint(create_control(github), url_prefix="/_control")
    site.register_blueprint(create_pages(github))
    return site
