"""Who sees which micro-app, in which order, in which state."""

import pytest

from app.kit import db
from app.kit.caller import Caller, Grant
from app.kit.module import Card, Module, Registry
from app.platform.portal import queries, service
from app.platform.portal.errors import AudienceMissing, BadState, ModuleChanged, NoSuchModule, NoteMissing

REPAIRS = Module(
    "repairs", "报修", audiences=("student", "visitor"), card=Card("报修", "/m/r", "wrench", "", 10)
)
POWER = Module("power", "电费", audiences=("student",), card=Card("电费", "/m/p", "bolt", "", 20))
INNER = Module("inner", "内务")
REGISTRY = Registry((POWER, REPAIRS, INNER))
STUDENT = Caller(1, affiliation_kinds=frozenset({"student"}))
VISITOR = Caller(2)


@pytest.fixture
def zheng(app, campus) -> Caller:
    return Caller(campus.zheng, (Grant("portal.manage"),), affiliation_kinds=frozenset({"staff"}))


def shelf_of(caller: Caller) -> list[str]:
    with db.unit_of_work() as session:
        return [one.key for one in queries.shelf(session, REGISTRY, caller)]


def place(by: Caller, key: str, state: str, *, version: int = 0, **changes) -> None:
    values = {"position": None, "audiences": [], "note": ""} | changes
    with db.unit_of_work() as session:
        service.place_module(
            session, by=by, registry=REGISTRY, key=key, state=state, expected_version=version, **values
        )


def test_it_works(app):
    assert shelf_of(STUDENT) == ["repairs", "power"]


def test_a_visitor_sees_what_is_for_visitors(app):
    assert shelf_of(VISITOR) == ["repairs"]


def test_a_draft_is_seen_by_the_administrator_alone(zheng):
    place(zheng, "power", "draft")
    assert shelf_of(STUDENT) == ["repairs"]
    assert shelf_of(zheng) == ["power"]


def test_a_trial_is_for_the_chosen_audience(zheng):
    place(zheng, "power", "trial", audiences=["staff"])
    assert shelf_of(STUDENT) == ["repairs"]
    assert shelf_of(Caller(3, affiliation_kinds=frozenset({"staff"}))) == ["power"]


def test_a_trial_without_an_audience_is_refused(zheng):
    with pytest.raises(AudienceMissing):
        place(zheng, "power", "trial")


def test_a_suspended_app_stays_on_the_shelf_with_its_reason(zheng):
    place(zheng, "repairs", "suspended", note="系统维护，今晚 22:00 恢复")
    with db.unit_of_work() as session:
        first = queries.shelf(session, REGISTRY, STUDENT)[0]
    assert (first.key, first.is_suspended, first.note) == ("repairs", True, "系统维护，今晚 22:00 恢复")


def test_suspending_without_a_reason_is_refused(zheng):
    with pytest.raises(NoteMissing):
        place(zheng, "repairs", "suspended", note="  ")


def test_the_order_can_be_changed(zheng):
    place(zheng, "power", "open", position=1)
    assert shelf_of(STUDENT) == ["power", "repairs"]


def test_the_second_of_two_administrators_is_told(zheng):
    place(zheng, "power", "draft")
    with pytest.raises(ModuleChanged):
        place(zheng, "power", "open")
    place(zheng, "power", "open", version=1)
    with pytest.raises(ModuleChanged):
        place(zheng, "power", "open", version=1)


def test_unknown_states_and_modules_are_refused(zheng):
    with pytest.raises(BadState):
        place(zheng, "power", "gone")
    with pytest.raises(NoSuchModule):
        place(zheng, "inner", "open")


def test_visits_are_counted_per_day(app):
    with db.unit_of_work() as session:
        for _ in range(3):
            service.note_visit(session, "repairs")
        assert queries.visits_by_module(session) == {"repairs": 3}
