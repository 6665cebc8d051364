"""The WeChat platform as a service account's developer meets it."""

from flask import Flask

from sandbox.wechat import jssdk, media, menu, messages, oauth, popup, qrcode, templates, tokens, users
from sandbox.wechat.reply import ApiError, failure


def install(app: Flask) -> None:
    app.before_request(tokens.check_token)
    for part in (tokens, oauth, messages, menu, users, qrcode, media, templates, popup, jssdk):
        app.register_blueprint(part.bp)
    app.register_error_handler(ApiError, lambda error: failure(error.errcode, error.note))
