"""The school's single sign-on: a CAS server with invented accounts."""

from flask import Flask

from sandbox.sso import server


def install(app: Flask) -> None:
    app.register_blueprint(server.bp)
