"""`create_app(config)`: the outside world as one Flask application."""

from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, redirect, request

from sandbox import control, middleware, phone, sso, wechat, wxpay
from sandbox.card import server as card
from sandbox.config import Config
from sandbox.finance import server as finance
from sandbox.gates import server as gates
from sandbox.knobs import Knobs
from sandbox.meters import server as meters
from sandbox.receipts import server as receipts
from sandbox.sms import server as sms
from sandbox.store import Store
from sandbox.unipay import server as unipay
from sandbox.wechat import templates
from sandbox.wechat.push import Pusher
from sandbox.world import World, fill, world

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def create_app(config: Config) -> Flask:
    app = Flask("sandbox", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 12 << 20
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    store = Store(config.data_dir / "sandbox.db")
    knobs = Knobs(store)
    made = World(config, store, knobs, Pusher(config, store, knobs))
    app.extensions["sandbox"] = made
    app.extensions["closing"] = [made.pusher.close]
    fill(store)
    templates.load(made)
    app.before_request(refuse_strangers)
    middleware.install(app)
    for part in (wechat, wxpay, meters, card, unipay, finance, receipts, sms, gates, sso, phone, control):
        part.install(app)
    app.register_error_handler(Exception, middleware.server_error)
    app.after_request(harden)
    app.add_url_rule("/healthz", "healthz", lambda: jsonify(status="ok"))
    app.add_url_rule("/", "root", lambda: redirect("/phone"))
    return app


def refuse_strangers() -> Response | None:
    """Other sites must not work the switches through a visitor's browser."""
    made = world()
    allowed = LOOPBACK | {urlsplit(made.config.base).hostname, made.config.app_host, made.config.host}
    host = urlsplit(f"//{request.host}").hostname
    if made.config.host in LOOPBACK and host not in allowed:
        return Response("unknown host", 403)
    origin = request.headers.get("Origin")
    switches = request.path.startswith(("/_sim/", "/phone/"))
    if request.method == "POST" and origin and switches and urlsplit(origin).hostname not in allowed:
        return Response("foreign origin", 403)
    return None


def harden(response: Response) -> Response:
    config = world().config
    ancestors = f"'self' {config.base} http://127.0.0.1:* http://localhost:*"
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if response.mimetype == "text/html":
        response.headers.setdefault(
            "Content-Security-Policy",
            f"default-src 'self'; img-src 'self' data: blob: http: https:; frame-src 'self' http: https:; "
            f"object-src 'none'; base-uri 'none'; frame-ancestors {ancestors}",
        )
    return response
