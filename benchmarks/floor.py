"""The floor: the same three requests written by hand on bare Flask and psycopg.

The same statements on the same database, session and idempotency rows included, and answers of the same
size; no ORM, no schemas, no layers, no error pages, no logs, no traffic limits. What nobody would want to
maintain, as a measure of what the comfort costs. `granian --interface wsgi benchmarks.floor:application`.
"""

import hashlib
import hmac
import json
import os
import queue
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from flask import Flask, Response, abort, request
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from sqlalchemy import make_url

from benchmarks.floor_page import PAGE
from benchmarks.floor_sql import (
    BOARD,
    CALENDAR_LOAD,
    CATEGORY,
    COUNTS,
    EVENTS,
    HEADS,
    INSERT_EVENT,
    INSERT_KEY,
    INSERT_OUTBOX,
    INSERT_TICKET,
    MEMBERS,
    PEOPLE,
    PHOTOS,
    PLACE,
    RATINGS,
    ROUTE,
    SESSION,
    TEAMS,
    TICKET,
    UNIT,
    UPDATE_KEY,
    WORKLOAD,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
DSN = make_url(os.environ["DATABASE_URL"]).set(drivername="postgresql").render_as_string(hide_password=False)
CSRF_KEY = hmac.digest(os.environ["SECRET_KEY"].encode(), b"csrf", "sha256")
OFFSET = timedelta(seconds=float(open(os.environ["CLOCK_OFFSET_FILE"]).read()))  # noqa: SIM115
OPEN = ["submitted", "triaged", "dispatched", "taken", "working", "on_hold"]
LABELS = {
    "submitted": "待受理",
    "triaged": "待派单",
    "dispatched": "待接单",
    "taken": "待上门",
    "working": "维修中",
    "on_hold": "挂起",
}
DONE = {"submit": "提交报修", "accept": "受理", "dispatch": "派单"}
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

application = Flask(__name__)
_page = application.jinja_env.from_string(PAGE)
_pool: "queue.LifoQueue[psycopg.Connection[dict[str, Any]]]" = queue.LifoQueue()
for _ in range(8):
    _pool.put(psycopg.connect(DSN, row_factory=dict_row, options="-c jit=off"))
with _pool.queue[0] as _first:
    OVERRIDES = _first.execute(CALENDAR_LOAD).fetchall()


@contextmanager
def transaction() -> Iterator[psycopg.Connection[dict[str, Any]]]:
    connection = _pool.get(timeout=10)
    try:
        with connection.transaction():
            yield connection
    finally:
        _pool.put(connection)


def now() -> datetime:
    return datetime.now(UTC) + OFFSET


def caller(surface: str) -> dict[str, Any]:
    """One statement outside a transaction, as the product does it."""
    letter = "d" if surface == "desk" else "m"
    port = os.environ["BASE_URL"].rpartition(":")[2]
    token = request.cookies.get(f"wl_{letter}_{port}", "")
    connection = _pool.get(timeout=10)
    try:
        connection.autocommit = True
        values = {
            "hash": hashlib.sha256(token.encode()).hexdigest(),
            "now": now(),
            "day": now().astimezone(SHANGHAI).date(),
        }
        row = connection.execute(SESSION, values).fetchone()
        connection.autocommit = False
    finally:
        _pool.put(connection)
    if row is None:
        abort(401)
    return row | {"csrf": hmac.digest(CSRF_KEY, token.encode(), "sha256").hex()}


@application.post("/api/v1/repairs/tickets")
def submit() -> Response:
    who = caller("phone")
    if not hmac.compare_digest(request.headers.get("X-CSRF-Token", ""), who["csrf"]):
        abort(403)
    raw = request.get_data()
    given = json.loads(raw)
    if len(given.get("detail", "")) > 500 or not isinstance(given.get("room_id"), int):
        abort(422)
    fingerprint = hashlib.sha256(f"POST {request.path}\n".encode() + raw).hexdigest()
    moment = now()
    with transaction() as connection:
        connection.execute("SET LOCAL lock_timeout = '2s'")
        key = {"owner": f"person:{who['person_id']}", "key": request.headers["Idempotency-Key"]}
        row = connection.execute(INSERT_KEY, key | {"fingerprint": fingerprint, "now": moment}).fetchone()
        if row is None:
            abort(409)
        connection.execute("SET LOCAL lock_timeout = '10s'")
        answer = _submit(connection, who, given, moment)
        body = json.dumps(answer)
        connection.execute(UPDATE_KEY, {"id": row["id"], "status": 201, "body": body, "headers": Jsonb({})})
    return Response(body, 201, mimetype="application/json")


def _submit(connection: Any, who: dict[str, Any], given: dict[str, Any], moment: datetime) -> dict[str, Any]:
    category = connection.execute(CATEGORY, {"code": given["category"]}).fetchone()
    place = connection.execute(PLACE, {"room": given["room_id"]}).fetchone()
    if category is None or place is None:
        abort(422)
    spot = {"campus": place["campus_id"], "building": place["building_id"]}
    kind = {"category": category["id"], "parent": category["parent_id"]}
    route = connection.execute(ROUTE, spot | kind).fetchone()
    due = moment + timedelta(hours=24)
    values = {
        "public_id": "rep_" + "".join(secrets.choice(ALPHABET) for _ in range(20)),
        "month": f"{moment.astimezone(SHANGHAI):R%y%m-}",
        "reporter": who["person_id"],
        "room": given["room_id"],
        "place_text": f"{place['campus_name']} {place['building_name']} {place['room_number']}",
        "place_text_en": f"{place['campus_name_en']} {place['building_name_en']} {place['room_number']}",
        "category_name": category["name"],
        "detail": given["detail"].strip(),
        "unit": route["unit_id"] if route else None,
        "team": route["team_id"] if route else None,
        "sla": Jsonb({"response_minutes": 30, "resolve_hours": 24}),
        "response_due": moment + timedelta(minutes=30),
        "resolve_due": due,
        "now": moment,
    }
    ticket = connection.execute(INSERT_TICKET, spot | kind | values).fetchone()
    line = {"ticket": ticket["id"], "actor": who["person_id"], "now": moment}
    connection.execute(INSERT_EVENT, line | {"payload": Jsonb({"on_behalf": False})})
    payload = Jsonb({"ticket_id": ticket["id"], "seq": 1, "action": "submit"})
    connection.execute(INSERT_OUTBOX, {"payload": payload, "request": secrets.token_hex(8), "now": moment})
    return {
        "id": ticket["public_id"],
        "is_hazard": False,
        "number": ticket["number"],
        "promised_at": ticket["resolve_due_at"].isoformat(),
    }


@application.get("/api/v1/repairs/tickets/<ticket_id>")
def ticket(ticket_id: str) -> Any:
    who = caller("phone")
    day = now().astimezone(SHANGHAI).date()
    with transaction() as connection:
        row = connection.execute(TICKET, {"id": ticket_id}).fetchone()
        if row is None or row["reporter_id"] != who["person_id"]:
            abort(404)
        events = connection.execute(EVENTS, {"ticket": row["id"]}).fetchall()
        ids = [i for i in {row["worker_id"], row["reporter_id"], *(e["actor_id"] for e in events)} if i]
        people = {p["asked_id"]: p for p in connection.execute(PEOPLE, {"ids": ids, "day": day}).fetchall()}
        connection.execute(PHOTOS, {"ticket": row["id"]}).fetchall()
        connection.execute(RATINGS, {"ticket": row["id"]}).fetchall()
        unit = connection.execute(UNIT, {"id": row["team_id"]}).fetchone()
    worker = people.get(row["worker_id"])
    return {
        "actions": [{"key": "urge", "name": "催一下", "reason_kind": None}],
        "hold_reason": "",
        "label": "处理中",
        "team": unit["name"],
        "ticket": _ticket_out(row),
        "timeline": [_line_out(event, people) for event in events],
        "worker": f"{worker['name'][:1]}师傅" if worker else "",
        "worker_number": worker["number"] if worker else "",
    }


def _ticket_out(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["public_id"],
        "number": row["number"],
        "version": row["version"],
        "status": row["status"],
        "priority": row["priority"],
        "is_hazard": row["is_hazard"],
        "place": row["place_text"],
        "category": row["category_name"],
        "detail": row["detail"],
        "due_at": row["next_due_at"].isoformat(),
        "created_at": row["created_at"].isoformat(),
        "finished_at": row["finished_at"].isoformat() if row["finished_at"] else None,
        "cycle": row["cycle"],
        "rating": row["rating"],
    }


def _line_out(event: dict[str, Any], people: dict[int, Any]) -> dict[str, Any]:
    who = "您" if event["actor_role"] == "reporter" else "调度"
    return {
        "action": event["action"],
        "at": event["at"].isoformat(),
        "done": DONE[event["action"]],
        "note": event["note"] or "",
        "reason": event["reason"] or "",
        "who": who if event["actor_id"] in people else "系统",
    }


@application.get("/desk/repairs/")
def board() -> str:
    who = caller("desk")
    units = [grant[2] for grant in who["roles"] or [] if grant[1] == "unit"]
    moment = now()
    day = moment.astimezone(SHANGHAI).date()
    with transaction() as connection:
        rows = connection.execute(BOARD, {"open": OPEN, "units": units}).fetchall()[:50]
        workers = [row["worker_id"] for row in rows if row["worker_id"]]
        names = {}
        if workers:
            names = {
                p["asked_id"]: p for p in connection.execute(PEOPLE, {"ids": workers, "day": day}).fetchall()
            }
        counts = connection.execute(COUNTS, {"open": OPEN, "units": units, "now": moment}).fetchall()
        teams = connection.execute(TEAMS).fetchall()
        connection.execute(TEAMS).fetchall()
        ids = [team["id"] for team in teams]
        members = connection.execute(MEMBERS, {"ids": ids, "day": day}).fetchall()
        connection.execute(HEADS, {"ids": ids, "day": day}).fetchall()
        people = [member["person_id"] for member in members]
        known = {p["asked_id"]: p for p in connection.execute(PEOPLE, {"ids": people, "day": day}).fetchall()}
        load = connection.execute(WORKLOAD, {"open": OPEN, "ids": people}).fetchall()
    busy = {row["worker_id"]: row["jobs"] for row in load}
    return _page.render(
        rows=rows,
        names=names,
        counts={row["status"]: row["jobs"] for row in counts},
        teams=teams,
        workers=[(known[person_id], busy.get(person_id, 0)) for person_id in people],
        labels=LABELS,
        moment=moment,
        local=lambda at: at.astimezone(SHANGHAI),
        csrf=who["csrf"],
    )
