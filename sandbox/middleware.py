"""What happens before any vendor's answer: latency, forced errors, and used-up quotas."""

import json
import logging

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from sandbox.knobs import sleep_at_most
from sandbox.wechat.reply import failure
from sandbox.world import world

log = logging.getLogger("sandbox")
VENDOR = ("/cgi-bin/", "/sns/", "/connect/", "/cas/", "/mp/", "/open/")


def install(app: Flask) -> None:
    app.before_request(fault_first)
    app.before_request(count_quota)


def fault_first() -> Response | None:
    if not request.path.startswith(VENDOR):
        return None
    knobs = world().knobs
    wait = knobs.latency_of(request.path)
    if wait:
        sleep_at_most(wait)
    fault = knobs.take_fault(request.path)
    if fault is None:
        return None
    request.get_data()  # drain the body, or the client may see a reset instead of the answer
    if fault.get("delay"):
        sleep_at_most(float(fault["delay"]))
    if fault.get("hang"):
        sleep_at_most(float(fault["hang"]))
    if fault.get("status"):
        return Response(fault.get("body", "Bad Gateway"), int(fault["status"]), mimetype="text/html")
    if fault.get("errcode") is not None:
        return failure(int(fault["errcode"]), "forced by the sandbox")
    if "body" in fault:
        body = fault["body"]
        return Response(body if isinstance(body, str) else json.dumps(body), 200, mimetype="application/json")
    return None


def count_quota() -> Response | None:
    """Every call is counted; the limit answers 45009, which wechatpy knows as APILimitedException."""
    if not request.path.startswith(("/cgi-bin/", "/sns/")):
        return None
    w = world()
    day = w.store.today()
    with w.store.tx():
        w.store.run(
            "INSERT INTO quota (path, day, used) VALUES (?, ?, 1) ON CONFLICT (path, day) DO "
            "UPDATE SET used = used + 1",
            (request.path, day),
        )
        used = w.store.value("SELECT used FROM quota WHERE path = ? AND day = ?", (request.path, day))
    limit = w.knobs.daily_limit(request.path)
    if limit is not None and used > limit:
        return failure(45009)
    return None


def server_error(error: Exception) -> Response | HTTPException:
    """WeChat never answers 500: an unforeseen fault of ours is `system error`."""
    if isinstance(error, HTTPException):
        return error
    if request.path.startswith(("/cgi-bin/", "/sns/")):
        log.error("unforeseen: %s %s", request.method, request.path, exc_info=error)
        return failure(-1)
    raise error
