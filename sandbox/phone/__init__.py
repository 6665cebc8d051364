"""The phone: a page that looks and behaves like one person's WeChat."""

from flask import Flask

from sandbox.phone import api, views


def install(app: Flask) -> None:
    app.register_blueprint(views.bp)
    app.register_blueprint(api.bp)
