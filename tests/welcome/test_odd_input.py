"""Every form of welcome with nothing, and with things that no form sends: refused with a sentence, never a 5xx."""

import re
from collections.abc import Iterable
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kit import ids
from tests import visit
from tests.welcome.claiming import handset
from tests.welcome.conftest import Intake
from tests.welcome.reception import Reception, make_reception

# fmt: off
FIELDS = [
    "address", "agrees", "as", "audience", "campus_id", "capacity", "channel", "city", "code", "companions",
    "contact", "class_id", "college_id", "day", "days", "deed", "decision", "driver", "ends", "expected", "from",
    "is_active", "is_final", "is_required", "is_same_sex", "key", "kind", "last_six", "leaves", "letter", "luggage",
    "map_url", "mode", "name", "name_en", "nickname", "note", "number", "office", "office_en", "on", "opened",
    "outcome", "phone", "plate", "position", "profile", "purpose", "reason", "relation", "route", "route_en",
    "seats", "seen", "slot", "starts", "station", "status", "step", "text", "time", "title", "train_number",
    "transport", "travels_on", "value", "vehicle", "version", "wanted", "way", "word", "words",
]
# fmt: on
ODD = {
    "nothing": None,
    "empty": "",
    "long": "长" * 20_000,
    "huge": "9" * 30,
    "negative": "-1",
    "over int": "3000000000",
    "nul": "a\0b",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈" * 3,
    "date": "2026-02-30",
    "far": "9999-12-31",
    "offset": "09:00+23:59",
    "surrogate": "\ud800",
}
LIKELY = {
    "profile": "undergraduate", "last_six": "123456", "way": "letter", "relation": "father", "channel": "phone",
    "reason": "abuse", "day": "2026-11-20", "starts": "09:00", "ends": "10:00", "leaves": "09:00", "kind": "once",
    "key": "papers", "title": "a", "city": "440100", "travels_on": "2026-11-20", "transport": "train",
    "campus_id": "1", "wanted": "1", "agrees": "1", "outcome": "reached", "seen": "admitted", "decision": "excused",
}  # fmt: skip
ASKED = (
    "post_id",
    "thread_id",
    "dispute_id",
    "guardian_id",
    "shuttle_id",
    "report_id",
    "block_id",
    "device_id",
)
ASKED += ("alarm_id", "word_id")
BODIES: list[object] = [
    [], 1, None, "a", {}, {"text": None}, {"text": "a\0"}, {"text": "\ud800"}, {"text": ["a"]}, {"text": "长" * 9999},
    {"entries": 1}, {"entries": [1]}, {"entries": [{}], "client": None}, {"name": "\0", "key": "k" * 99},
    {"client": "c" * 20, "entries": [{"sequence": 2**80, "code": "a"}, {"sequence": True, "code": {}, "step": []}]},
    {"client": "c" * 20 + "\0", "entries": [{"sequence": 1, "code": "\0", "step": "\0", "reason": "\0"}]},
    {"client": "c" * 20, "entries": [{"sequence": 5, "at": "0001-01-01T00:00:00+23:00"}, {"sequence": -1}]},
]  # fmt: skip
DEEDS = {
    "/m/welcome/dorm/contacts": ("save", "remove"),
    "/m/welcome/dorm/roommates": ("ask", "accept", "end", "report", "block"),
    "/m/welcome/companions/posts": ("join", "report", "block"),
    "/m/welcome/companions/threads": ("accept", "end", "write", "report", "block"),
    "/m/welcome/guardians": ("accept", "end"),
    "/desk/welcome/disputes": ("grant", "decline"),
    "/desk/welcome/arrivals/stations": ("close", "open"),
    "/desk/welcome/arrivals/slots": ("move", "resize", "close"),
    "/desk/welcome/arrivals/shuttles": ("left", "cancelled"),
    "/desk/welcome/moderation/notes": ("approve", "refuse", "hide", "mute"),
}
NUMBERS = ("campus_id", "person_id", "word_id", "alarm_id")


def _paths(app: Flask, method: str, known: dict[str, str]) -> list[str]:
    """Every address of welcome, its gaps filled with what is known, else with what no row has."""
    found = []
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(("/m/welcome", "/desk/welcome")) or method not in (rule.methods or ()):
            continue
        deeds = next((deeds for start, deeds in DEEDS.items() if rule.rule.startswith(start)), ("end",))
        for deed in deeds if "deed" in rule.arguments else ("",):
            path = rule.rule
            for name in rule.arguments:
                value = {"deed": deed, "channel": "phone"}.get(name) or known.get(name) or _unknown(name)
                path = path.replace(f"<{name}>", value).replace(f"<int:{name}>", value)
            found.append(path)
    return found


def _unknown(name: str) -> str:
    return "1" if name in NUMBERS else "x_1"


@pytest.fixture
def known(app: Flask, intake: Intake) -> dict[str, str]:
    """Ids of what is there."""
    reception = make_reception(app, intake)
    return {
        "admission_id": reception.admission(intake.he).public_id,
        "mate_id": reception.admission(intake.lin).public_id,
        "station_id": reception.station,
        "slot_id": reception.morning,
        "person_id": str(intake.campus.zheng),
        "campus_id": str(intake.campus.campus),
    }


@pytest.fixture
def doors(app: Flask, intake: Intake, known: dict[str, str]) -> dict[str, FlaskClient]:
    desk = Reception(app, intake, "", "", "").desk(intake.campus.zheng)
    return {
        "/m/": visit.phone(app, intake.zhou),
        "/m/welcome/claim": handset(app).client,
        "/m/welcome/disputes": handset(app, "o-other").client,
        "/desk/": desk,
    }


def _door(doors: dict[str, FlaskClient], path: str) -> FlaskClient:
    return doors[max((key for key in doors if path.startswith(key)), key=len)]


@pytest.mark.timeout(400)
@pytest.mark.parametrize("odd", ODD)
def test_no_form_breaks(app: Flask, doors: dict[str, FlaskClient], known: dict[str, str], odd: str) -> None:
    value = ODD[odd]
    broken = []
    for path in _paths(app, "POST", known):
        client = _door(doors, path)
        headers = visit.csrf(client) | {"Idempotency-Key": ids.public_id("key")}
        for fields in (FIELDS, LIKELY) if odd in ("huge", "nul") else (LIKELY,):
            body = b"" if value is None else _form(value, fields)
            answer = client.post(
                path, data=body, headers=headers, content_type="application/x-www-form-urlencoded"
            )
            if answer.status_code >= 500:
                broken.append(f"{answer.status_code} {path}")
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("odd", ["long", "huge", "nul"])
def test_no_address_breaks(
    app: Flask, doors: dict[str, FlaskClient], known: dict[str, str], odd: str
) -> None:
    query = _form((ODD[odd] or "")[:60], [*FIELDS, "cursor", "view", "did", "change"]).decode()
    broken = []
    for path in _paths(app, "GET", known):
        answer = _door(doors, path).get(f"{path}?{query}")
        if answer.status_code >= 500:
            broken.append(f"{answer.status_code} {path}")
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("odd", ["a%00b", "9" * 25])
def test_no_name_in_an_address_breaks(
    app: Flask, doors: dict[str, FlaskClient], known: dict[str, str], odd: str
) -> None:
    broken = []
    for method in ("GET", "POST"):
        for path in _paths(app, method, dict.fromkeys((*known, *ASKED), odd)):
            client = _door(doors, path)
            headers = visit.csrf(client) | {"Idempotency-Key": ids.public_id("key")}
            answer = client.open(path, method=method, headers=headers)
            if answer.status_code >= 500:
                broken.append(f"{answer.status_code} {path}")
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_no_body_breaks_the_desk(doors: dict[str, FlaskClient], known: dict[str, str], body: object) -> None:
    client = doors["/desk/"]
    for path in ("find", "sent", "devices"):
        answer = client.post(f"/desk/welcome/check-in/{path}", json=body, headers=visit.csrf(client))
        assert answer.status_code < 500, path


def test_a_line_that_no_column_can_hold_stops_no_queue(
    doors: dict[str, FlaskClient], known: dict[str, str]
) -> None:
    client = doors["/desk/"]
    entries = [
        {"sequence": 1, "code": known["admission_id"], "step": "papers\0"},
        {"sequence": 2, "code": "adm\0", "step": "papers"},
        {"sequence": 3, "code": known["admission_id"], "step": "papers"},
    ]
    author = re.search(r'data-me="(per_\w+)"', client.get("/desk/welcome/check-in").text)[1]
    for entry in entries:
        entry["author"] = author
    body = {"client": "browser-of-a-desk", "entries": entries}
    answer = client.post("/desk/welcome/check-in/sent", json=body, headers=visit.csrf(client))
    assert [one["status"] for one in answer.json["answers"]] == ["refused", "refused", "done"]


def _form(value: str, fields: Iterable[str]) -> bytes:
    """Every field odd; of a dict, those that stand in it as it has them, so that what comes after is looked at."""
    usual = fields if isinstance(fields, dict) else {}
    text = quote(value, safe="", errors="surrogatepass")
    return "&".join(f"{name}={usual.get(name) or text}" for name in FIELDS + [*fields]).encode()
