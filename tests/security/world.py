"""A campus in which 李 owns one of everything that has an address of its own, and people with every role elsewhere."""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.kit import clock, db, outbox
from app.kit.module import Registry, Role
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from app.platform.privacy import service as privacy
from app.repairs import service as repairs
from app.welcome import service as welcome
from tests import visit
from tests.make import add_member
from tests.miniapps.electricity.conftest import Dorm
from tests.payments.conftest import add_fee_item
from tests.repairs.conftest import CATALOGUE
from tests.security import freshmen, leaves
from tests.welcome.claiming import given
from tests.welcome.conftest import PEOPLE

PARAMETER = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")


@dataclass
class World:
    """`objects`: what 李 owns, by parameter or by `endpoint.parameter`."""

    app: Flask
    dorm: Dorm
    objects: dict[str, str]

    @property
    def registry(self) -> Registry:
        registry: Registry = self.app.extensions["registry"]
        return registry

    def foreign(self, endpoint: str, name: str) -> str | None:
        return self.objects.get(f"{endpoint}.{name}", self.objects.get(name))


def make_world(app: Flask, dorm: Dorm) -> World:
    """李's room, top-up with its order, ticket, message and session."""
    add_fee_item(service_key="electricity")
    binding = dorm.bind()
    dorm.refresh()
    dorm.start(binding)
    catalogue = json.loads(CATALOGUE.read_text("utf-8"))
    with db.unit_of_work() as session:
        repairs.load_catalogue(session, categories=catalogue["categories"], reasons=catalogue["reasons"])
        repairs.add_route(session, unit_id=dorm.ids.unit, team_id=dorm.ids.team_east)
        report = repairs.Report(category="electric.lamp", room_id=dorm.ids.room_512)
        ticket = repairs.submit_ticket(session, by=dorm.li, report=report).public_id
        identity.open_session(session, person_id=dorm.ids.li, surface="desk", is_proved=True)
        copy_id = privacy.ask_export(session, by=dorm.li)
    outbox.drain(clients=dorm.clients, seconds=10)
    objects = {
        "ticket_id": ticket,
        "binding_id": binding,
        "top_up_id": one("SELECT public_id FROM electricity_top_ups WHERE person_id = :li", dorm),
        "public_id": one("SELECT public_id FROM payments_orders WHERE owner_id = :li", dorm),
        "order_id": one("SELECT public_id FROM payments_orders WHERE owner_id = :li", dorm),
        "session_id": one("SELECT min(id) FROM identity_sessions WHERE person_id = :li", dorm),
        "message_id": one("SELECT min(public_id) FROM notifications_messages WHERE person_id = :li", dorm),
        "copy_id": copy_id,
        "unit_id": dorm.ids.unit,
        "building_id": dorm.ids.building_3,
    }
    objects |= freshmen.share(dorm.ids)
    objects |= claims_of_a_freshman(dorm)
    objects |= leaves.share(dorm.ids)
    return World(app, dorm, {key: str(value) for key, value in objects.items()})


def claims_of_a_freshman(dorm: Dorm) -> dict[str, Any]:
    """李 disputes the claim of a freshman, and asks as a parent to look on."""
    today = clock.today()
    with db.unit_of_work() as session:
        season = welcome.open_season(
            session,
            by=None,
            code="matrix-claims",
            name="迎新",
            opens_on=today,
            dorms_on=today,
            arrives_on=today,
            arrival_ends_on=today,
            closes_on=today + timedelta(days=9),
        )
        college = directory.add_org_unit(session, by=None, code="XX", name="信息学院", kind="college")
        welcome.admit(
            session, by=None, season_id=season, admitted=welcome.Admitted(**PEOPLE["he"], college_id=college)
        )
        held = {name: PEOPLE["he"][name] for name in ("profile", "name", "number", "letter")}
        dispute = welcome.open_dispute(
            session, by=dorm.li, held=welcome.Held(**held, phone="10000000199", words="不是我")
        )
        guardian = welcome.claim_as_guardian(
            session, by=dorm.li, given=given(), relation="mother", network="n"
        )
    outbox.drain(clients=dorm.clients, seconds=10)
    desk = {f"welcome_disputes_desk.{name}.dispute_id": dispute for name in ("dispute", "phone", "decide")}
    return desk | {"guardian_id": guardian}


def one(statement: str, dorm: Dorm) -> Any:
    with db.unit_of_work() as session:
        return session.execute(text(statement), {"li": dorm.ids.li}).scalar_one()


def browsers(world: World) -> dict[str, tuple[FlaskClient, frozenset[str]]]:
    """By who they are: the browser, and the permissions that hold everywhere.

    A role that can be limited to a place is held at a place where 李's things are not.
    """
    app, ids = world.app, world.dorm.ids
    found: dict[str, tuple[FlaskClient, frozenset[str]]] = {
        "a stranger": (app.test_client(), frozenset()),
        "a visitor": (visit.phone(app, openid="o-of-a-visitor"), frozenset()),
        "another student": (visit.phone(app, ids.chen), frozenset()),
        "a repairer of another job": (visit.phone(app, ids.liu), frozenset()),
    }
    for number, role in enumerate(world.registry.roles()):
        person_id, everywhere = _holder(world, number, role)
        allowed = frozenset(role.permissions) if everywhere else frozenset()
        found[f"{role.key} elsewhere" if not everywhere else role.key] = (
            visit.desk(app, person_id),
            allowed,
        )
    return found


def _holder(world: World, number: int, role: Role) -> tuple[int, bool]:
    places = [kind for kind in role.scopes if kind != "all"]
    with db.unit_of_work() as session:
        person_id = add_member(session, f"测试{number}", f"T8{number:03}", "staff", None)
        scope: dict[str, Any] = {}
        if places:
            scope = {"scope_kind": places[0], "scope_id": _elsewhere(session, places[0])}
        identity.grant_role(session, by=None, person_id=person_id, role=role.key, **scope)
    return person_id, not places


def _elsewhere(session: Any, kind: str) -> int:
    """A place of this kind where nothing of 李's is."""
    if kind in ("unit", "team"):
        code = f"ELSE-{kind.upper()}"
        known = session.execute(
            text("SELECT id FROM directory_org_units WHERE code = :code"), {"code": code}
        ).scalar_one_or_none()
        if known is not None:
            return int(known)
        parent = _elsewhere(session, "unit") if kind == "team" else None
        return directory.add_org_unit(
            session, by=None, code=code, name=f"别处的{kind}", kind=kind, parent_id=parent
        )
    known = session.execute(
        text("SELECT id FROM directory_buildings WHERE code = 'ELSE'"), {}
    ).scalar_one_or_none()
    if known is not None:
        return int(known)
    campus = directory.add_campus(session, by=None, code="ELSE", name="别处校区")
    return directory.add_building(session, by=None, campus_id=campus, code="ELSE", name="别处楼", kind="dorm")
