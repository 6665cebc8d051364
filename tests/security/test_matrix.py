"""Every route × every role × {somebody else's, missing}: who may not see a thing can't tell that it is there."""

import re
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.kit.http import CALLBACK, PUBLIC
from app.repairs.service.actions import ACTIONS
from tests.security.world import PARAMETER, World, browsers, make_world

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(600)]

# Parameters that choose a deed or a look, or are themselves the secret that opens: they name no thing of a person.
WORDS = {
    "deed",
    "action",
    "size",
    "key",
    "day",
    "month",
    "code",
    "proof",
    "filename",
    "merchant_no",
    "token",
    "channel",
    "relation",
    "place",
}
APPROVALS = (
    "approve",
    "reject",
    "return",
    "transfer",
    "delegate",
    "add",
    "claim",
    "unclaim",
    "take_back",
    "revise",
)
APPROVALS += ("urge", "comment")
DEEDS = {
    "approvals.act": APPROVALS,
    "approvals.acted": APPROVALS,
    "approvals_desk.act": (*APPROVALS, "copy", "terminate", "jump", "assign"),
    "leave.act": ("withdraw", "return", "extend", "safe"),
    "leave.acted": ("withdraw", "return", "extend", "safe"),
    "leave_class.act": ("return", "out", "contact", "revoke"),
    "leave_class.roll": ("building", "class"),
    "leave_class.mark": ("building", "class"),
    "electricity.act": ("accept", "end", "wishes"),
    "electricity.deed": ("share", "settle", "not_arrived"),
    "electricity_desk.act": ("take", "answer"),
    "electricity_desk.decide": ("accept", "decline"),
    "repairs.act": tuple(ACTIONS),
    "repairs.acted": tuple(ACTIONS),
    "repairs_desk.act": tuple(ACTIONS),
    "repairs_api.act": tuple(ACTIONS),
    "welcome_aid_desk.decide": ("grant", "refuse"),
    "welcome_dorm.act": ("ask", "accept", "end", "block", "report"),
    "welcome_companions.act_on_post": ("join", "report", "block"),
    "welcome_companions.act_on_thread": ("accept", "end", "write", "report", "block"),
    "welcome_moderation.decide_note": ("approve", "refuse", "hide", "mute"),
    "welcome_disputes_desk.decide": ("grant", "decline"),
    "welcome_guardians.act": ("accept", "decline", "end"),
    "welcome_arrivals_desk.change_slot": ("move", "close", "resize"),
    "welcome_arrivals_desk.end_shuttle": ("left", "cancelled"),
    "welcome_arrivals_desk.switch_station": ("open", "close"),
}
# What forms of all kinds would bring, so that a refusal is about the thing and not about a field.
FORM = {
    "note": "说明原因的一句话",
    "reason": "unclear",
    "answer": "已经核对清楚",
    "version": "1",
    "low_kwh": "10",
    "month": "2026-11",
    "speed": "5",
    "quality": "5",
    "attitude": "5",
    "_key": "0123456789abcdef0123",
}
# His, but shown to his counsellor and dorm manager only (tests/miniapps/leave/test_phone_pages.py asks as them), or
# not before it is granted (test_gate.py has one that is).
FOLLOWED = {"leave_class.leave", "leave_class.roll", "leave.show_pass"}
# Open to everybody at the desk for his own cases; whoever holds this permission may read all.
READ_WITH = {"approvals_desk.case": "approvals.read", "approvals_desk.act": "approvals.read"}
# What everybody with the permission shares, wherever they hold it.
SHARED = {
    "repairs_desk.door_labels": "the labels hang on the doors",
    "repairs_desk.issue": "codes of doors are nobody's own",
    "messages_desk.call": "one list of calls for whoever is on duty; each look at a number is counted and recorded",
    "messages_desk.reveal": "the same",
    "messages_desk.phoned": "the same",
    "welcome_alarms_desk.close": "an alarm names no claim and no freshman; closing it is recorded",
}
VARIABLE = re.compile(r'name="(?:csrf|_csrf|_key)"[^>]*|[0-9A-Z]{26}|[0-9a-f]{16,}|\d\d:\d\d(:\d\d)?')


@pytest.fixture
def world(app, dorm) -> World:
    return make_world(app, dorm)


def rules_with_things(world: World) -> list[Rule]:
    """Routes with a parameter that names a thing of somebody."""
    return [
        rule
        for rule in world.app.url_map.iter_rules()
        if set(rule.arguments) - WORDS
        and rule.endpoint not in SHARED
        and world.app.view_functions[rule.endpoint].permission not in (PUBLIC, CALLBACK)
    ]


def is_only_for_staff_everywhere(world: World, permission: str) -> bool:
    """Nobody can hold it at one place only: then the permission alone decides."""
    holders = [role for role in world.registry.roles() if permission in role.permissions]
    return not permission.startswith("-") and all(role.scopes == ("all",) for role in holders)


def address(world: World, rule: Rule, deed: str, *, is_missing: bool) -> str:
    def value(found: re.Match[str]) -> str:
        converter, name = found.groups()
        missing = "999999999" if converter == "int" else "none_AAAAAAAAAAAA"
        if name in WORDS:
            return deed
        return missing if is_missing else world.foreign(rule.endpoint, name) or missing

    return PARAMETER.sub(value, rule.rule)


def look_of(client: FlaskClient, url: str, method: str, token: str) -> tuple[int, str]:
    body = {"json": {"version": 1}} if url.startswith("/api/") else {"data": FORM}
    answer = client.open(url, method=method, headers={"X-CSRF-Token": token}, **body)
    said = answer.get_data().decode("latin-1") + answer.headers.get("Location", "")
    for asked in (url, quote(url, safe=""), *(part for part in url.split("/") if len(part) > 12)):
        said = said.replace(asked, "")
    return answer.status_code, VARIABLE.sub("", said)


def token_of(client: FlaskClient, surface: str) -> str:
    answer = client.get("/api/v1/me", headers={"X-Surface": surface})
    return str((answer.json or {}).get("csrf_token", ""))


def test_it_works(world):
    """Somebody else's thing is answered as one that is not there, in every route for every role."""
    told = []
    for who, (client, everywhere) in browsers(world).items():
        token = token_of(client, "desk" if "." in who or "elsewhere" in who else "phone")
        for rule in rules_with_things(world):
            permission = world.app.view_functions[rule.endpoint].permission
            if permission in everywhere or READ_WITH.get(rule.endpoint) in everywhere:
                continue
            for method in sorted(rule.methods & {"GET", "POST", "DELETE"}):
                for deed in DEEDS.get(rule.endpoint, ("x",)):
                    theirs, missing = (
                        look_of(client, address(world, rule, deed, is_missing=flag), method, token)
                        for flag in (False, True)
                    )
                    if theirs != missing:
                        told.append(f"{who}: {method} {rule.rule} {deed}: {theirs[0]} and {missing[0]}")
    assert told == []


def test_every_route_with_a_thing_is_in_the_matrix(world):
    """A new one must name a thing that 李 owns (world.py), or be for staff whose permission has no place."""
    unknown = [
        f"{rule.endpoint} {rule.rule}"
        for rule in rules_with_things(world)
        if not is_only_for_staff_everywhere(world, world.app.view_functions[rule.endpoint].permission)
        and any(not world.foreign(rule.endpoint, name) for name in set(rule.arguments) - WORDS)
    ]
    assert unknown == []


def test_every_deed_is_named(world):
    """A route whose address chooses a deed: each of them is tried."""
    chosen = {rule.endpoint for rule in rules_with_things(world) if rule.arguments & {"deed", "action"}}
    assert chosen - set(DEEDS) == set()


def test_the_owner_is_answered(world):
    """The things are there: without this the matrix would compare nothing with nothing."""
    from tests import visit  # noqa: PLC0415

    li = visit.phone(world.app, world.dorm.ids.li)
    closed = [
        rule.rule
        for rule in rules_with_things(world)
        if "GET" in rule.methods
        and world.app.view_functions[rule.endpoint].permission == "-signed-in"
        and rule.rule.startswith("/m/")
        and rule.endpoint not in FOLLOWED
        and li.get(address(world, rule, DEEDS.get(rule.endpoint, "x")[0], is_missing=False)).status_code
        == 404
    ]
    assert closed == []
