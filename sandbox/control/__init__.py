"""Faults that can be switched on, and what the world has seen."""

from flask import Flask

from sandbox.control import api, views


def install(app: Flask) -> None:
    app.register_blueprint(api.bp)
    app.register_blueprint(views.bp)
