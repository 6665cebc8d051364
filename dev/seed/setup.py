"""Before the first repair: campus, catalogue, routes, door codes, roles, passwords and WeChat links."""

import json
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.platform.directory import queries as directory
from app.platform.directory.imports import import_workbook
from app.platform.identity import queries as identity_queries
from app.platform.identity import service as identity
from app.repairs import queries as repairs_queries
from app.repairs import service as repairs
from dev.seed.login import PASSWORD

SAMPLES = Path("samples")
TEAMS = {"EAST": "T-EAST", "WEST": "T-WEST", "SOUTH": "T-SOUTH"}
DISPATCHER, ADMINISTRATOR, HEAD, FINANCE = "T0001", "T0002", "T0006", "T0005"
LABELLED = ("E03", "E-T1", "E-LIB", "W-T1", "S03")  # buildings whose doors carry codes
DOORS = (("E03", "512"), ("E03", "101"), ("E-T1", "203"), ("E-LIB", "301"), ("W-T1", "105"), ("S03", "204"))
Say = Callable[[str], None]


def prepare(appid: str, say: Say) -> None:
    """Everything but people's repairs. The calendar is loaded before, by its own command."""
    with db.unit_of_work() as session:
        report = import_workbook(session, by=None, source=SAMPLES / "campus.xlsx")
        say("，".join(f"{sheet.title} {sheet.rows}" for sheet in report.sheets))
    with db.unit_of_work() as session:
        catalogue = json.loads((SAMPLES / "repairs-catalogue.json").read_text("utf-8"))
        repairs.load_catalogue(session, categories=catalogue["categories"], reasons=catalogue["reasons"])
        _add_routes(session)
        _grant_roles(session)
    with db.unit_of_work() as session:
        administrator = caller_of(session, person_id(session, ADMINISTRATOR))
        codes = sum(_label(session, administrator, code) for code in LABELLED)
        for number in _console_users(session):
            identity.set_password(
                session,
                by=administrator,
                person_id=person_id(session, number),
                password=PASSWORD,
                must_change=False,
            )
        say(f"{codes} door codes")
    _link_cast(appid)


def person_id(session: Session, number: str) -> int:
    person = directory.find_person_by_number(session, number)
    assert person is not None, f"{number} is not in the campus workbook"
    return person.id


def unit_id(session: Session, code: str) -> int:
    unit = directory.find_org_unit(session, code)
    assert unit is not None, f"{code} is not in the campus workbook"
    return unit.id


def caller_of(session: Session, person: int, surface: str = "desk") -> Caller:
    """As their next request would find them."""
    return Caller(person, identity_queries.grants_of(session, person), surface)


def doors(session: Session) -> list[dict[str, str]]:
    """Labels that hang nearby, for the phone's scanner."""
    found = []
    for building_code, number in DOORS:
        room = directory.find_room(session, building_code, number)
        assert room is not None, f"{building_code} {number} is not in the campus workbook"
        text = directory.place(session, room_id=room.id).text
        labels = repairs_queries.door_labels(session, room.building_id, room.floor)
        found.append({"code": next(code for code, label in labels if label == text), "label": text})
    return found


def _add_routes(session: Session) -> None:
    """Each campus has its team; what can't wait goes to the emergency team wherever it is."""
    unit = unit_id(session, "WXZX")
    for campus in directory.campuses(session):
        team = unit_id(session, TEAMS[campus.code])
        repairs.add_route(session, unit_id=unit, team_id=team, campus_id=campus.id)
    emergency = unit_id(session, "T-URGENT")
    for trade in repairs_queries.categories(session):
        for fault in trade.faults:
            if fault.is_urgent:
                repairs.add_route(session, unit_id=unit, team_id=emergency, category_id=fault.id)


def _grant_roles(session: Session) -> None:
    unit = unit_id(session, "WXZX")
    _grant(session, person_id(session, DISPATCHER), "repairs.dispatcher", "unit", unit)
    campuses = iter(directory.campuses(session)[1:])
    for code in ("WXZX", "SDZX", "WYZX"):
        for person in directory.holders_of(session, unit_id(session, code), "dispatcher"):
            if person.number != DISPATCHER and (campus := next(campuses, None)):
                _grant(session, person.id, "repairs.dispatcher", "campus", campus.id)
    for team in directory.teams(session, unit):
        if head := directory.team_head(session, team.id):
            _grant(session, head.id, "repairs.head", "team", team.id)
            _grant(session, head.id, "team_head", "team", team.id)
    _grant(session, person_id(session, FINANCE), "payments.cashier")
    _grant(session, person_id(session, ADMINISTRATOR), "payments.reviewer")
    for role in identity_queries.known_roles():
        if role.key.endswith("administrator") and "all" in role.scopes:
            _grant(session, person_id(session, ADMINISTRATOR), role.key)


def _grant(session: Session, person: int, role: str, kind: str = "all", place: int | None = None) -> None:
    identity.grant_role(session, by=None, person_id=person, role=role, scope_kind=kind, scope_id=place)


def _console_users(session: Session) -> list[str]:
    """Numbers of those who hold a role."""
    people = {grant.person_id for grant in identity_queries.granted_roles(session)}
    return sorted(brief.number for brief in directory.people(session, people).values() if brief.number)


def _label(session: Session, by: Caller, building_code: str) -> int:
    building = directory.find_building(session, building_code)
    assert building is not None
    return repairs.issue_door_codes(session, by=by, building_id=building.id)


def _link_cast(appid: str) -> None:
    """They follow the account and bind their WeChat, as each would on a first visit."""
    for member in json.loads((SAMPLES / "cast.json").read_text("utf-8")):
        with db.unit_of_work() as session:
            if member["follows"]:
                identity.note_follow(session, appid, member["openid"], is_following=True, at=clock.now())
            if person := directory.find_person_by_number(session, member["number"]):
                _bind(session, appid, member["openid"], person.id)


def _bind(session: Session, appid: str, openid: str, person: int) -> None:
    visitor = identity.person_for_openid(session, appid, openid)
    link = identity_queries.link_of_person(session, visitor)
    assert link is not None
    signed_in = identity.open_session(
        session, person_id=visitor, surface="phone", wechat_link_id=link.id, is_proved=True
    )
    identity.bind(session, by=Caller(visitor, surface="phone", session_id=signed_in.id), person_id=person)
