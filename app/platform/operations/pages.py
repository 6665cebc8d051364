"""Health for machines, and the operator's page."""

from typing import Any

from flask import Blueprint, current_app, jsonify, redirect, render_template, request, url_for
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.kit import db
from app.kit.absent import absent_with_data
from app.kit.db import unit_of_work
from app.kit.http import PUBLIC, caller, permit
from app.platform.operations import queries, service

health = Blueprint("health", __name__)
desk = Blueprint("operations_desk", __name__, url_prefix="/desk/operations")


@health.get("/healthz")
@permit(PUBLIC)
def healthz() -> Any:
    """The process lives."""
    return jsonify(status="ok")


@health.get("/readyz")
@permit(PUBLIC)
def readyz() -> Any:
    """Fit to serve: the database answers, and no micro-app with people's data is left out: nothing would erase them.
    Redis away only slows deliveries, and is said.
    """
    registry = current_app.extensions["registry"]
    checks = {"database": _database(), "redis": _redis(current_app.extensions["clients"].redis)}
    if checks["database"] == "ok" and registry.left_out:
        checks["micro_apps"] = _micro_apps(registry.left_out)
    suspended = sorted(registry.suspended)
    is_ready = checks["database"] == checks.get("micro_apps", "ok") == "ok"
    body = jsonify(status="ok" if is_ready else "unavailable", checks=checks, suspended=suspended)
    return body, 200 if is_ready else 503


def _database() -> str:
    try:
        return "ok" if db.is_ready() else "unavailable"
    except SQLAlchemyError:
        return "unavailable"


def _micro_apps(left_out: tuple[str, ...]) -> str:
    with unit_of_work() as session:
        found = absent_with_data(session, left_out)
    return f"left out, but hold people's data: {', '.join(found)}" if found else "ok"


def _redis(redis: Redis) -> str:
    try:
        return "ok" if redis.ping() else "unavailable"
    except RedisError:
        return "unavailable"


@desk.get("/")
@permit("operations.manage")
def overview() -> Any:
    """Backlog, dead letters, schedules, suspended modules."""
    with unit_of_work() as session:
        return render_template(
            "operations/overview.html",
            backlog=queries.backlog(session),
            letters=queries.dead_letters(session, request.args.get("cursor")),
            schedules=queries.schedules(session),
            years=queries.calendar_years(session),
            suspended=current_app.extensions["registry"].suspended,
        )


@desk.post("/dead-letters/<int:delivery_id>/retry")
@permit("operations.manage")
def retry(delivery_id: int) -> Any:
    with unit_of_work() as session:
        service.retry_dead_letter(session, by=caller(), delivery_id=delivery_id)
    return redirect(url_for("operations_desk.overview"), 303)
