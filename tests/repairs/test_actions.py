"""The table of actions: every action × state × role does what the table says, and nothing else."""

import itertools
from datetime import timedelta

import pytest

from app.kit import clock, db
from app.kit.errors import DomainError
from app.repairs import queries
from app.repairs.models import Status
from app.repairs.service.actions import ACTIONS, Role, allowed

STATES = (
    "submitted",
    "triaged",
    "dispatched",
    "taken",
    "working",
    "on_hold",
    "finished",
    "closed",
    "cancelled",
    "rejected",
)
ROLES = {"li": Role.REPORTER, "zhao": Role.DISPATCHER, "he": Role.HEAD, "wang": Role.WORKER}
FIELDS = {
    "reject": {"reason": "unclear", "note": "看不清是哪一间"},
    "dispatch": {},
    "reassign": {"reason": "load"},
    "decline": {"reason": "busy"},
    "rework": {"note": "灯又不亮了"},
    "rate": {"speed": 5, "quality": 4, "attitude": 5},
}


def test_it_has_a_row_for_every_action_of_the_reference():
    named = {
        *("accept", "reject", "merge", "dispatch", "take", "decline", "auto_return", "reassign"),
        *("collaborate", "arrive", "hold", "resume", "no_access", "finish", "return_work", "confirm"),
        *("auto_close", "proxy_confirm", "rework", "cancel", "transfer", "urge", "rate", "admin_fix"),
    }
    assert set(ACTIONS) == named


@pytest.mark.parametrize("state", STATES)
def test_each_action_in_each_state_by_each_role(house, state):
    # One ticket a state is made and shown to every role; a forbidden act must change nothing.
    public_id = house.bring_to(state)
    before = house.ticket(public_id)
    for (name, role), key in itertools.product(ROLES.items(), ACTIONS):
        by = getattr(house, name)
        roles = {role} if role is not Role.WORKER or before.worker_id == by.person_id else set()
        if ACTIONS[key] in allowed(state, frozenset(roles)):
            continue
        if key in ("dispatch", "reassign"):
            extra = {"worker_id": house.ids.liu}
        else:
            extra = {}
        with pytest.raises(DomainError):
            house.act(by, public_id, key, **FIELDS.get(key, {}), **extra, version=before.version)
        after = house.ticket(public_id)
        assert (after.status, after.version) == (before.status, before.version), (key, name)


@pytest.mark.parametrize(
    ("state", "name", "key"),
    [
        (state, name, action.key)
        for state in STATES
        for name, role in ROLES.items()
        for action in allowed(state, frozenset({role}))
        if not (role is Role.WORKER and state in ("submitted", "triaged", "cancelled", "rejected"))
    ],
)
def test_what_the_table_allows_works(house, state, name, key):
    public_id = house.bring_to(state)
    fields = dict(FIELDS.get(key, {}))
    if key in ("dispatch", "reassign"):
        fields["worker_id"] = house.ids.liu
    if key == "hold":
        after = house.hold(public_id)
    elif key == "urge":
        clock.advance(timedelta(minutes=31))
        after = house.act(getattr(house, name), public_id, key)
    else:
        after = house.act(getattr(house, name), public_id, key, **fields)
    action = ACTIONS[key]
    assert after.status == (action.to or Status(state))
    with db.unit_of_work() as session:
        view = queries.ticket_for(session, house.zhao, public_id)
    assert view.lines[0].action == key


def test_a_stranger_finds_no_ticket(house):
    public_id = house.bring_to("working")
    for key in ACTIONS:
        if ACTIONS[key].is_available and ACTIONS[key].has_button:
            with pytest.raises(DomainError) as refused:
                house.act(house.chen, public_id, key, **FIELDS.get(key, {}))
            assert refused.value.status in (404, 422), key


def test_what_comes_later_says_so(house):
    public_id = house.bring_to("submitted")
    with pytest.raises(DomainError) as refused:
        house.act(house.zhao, public_id, "merge")
    assert refused.value.code == "repairs.action_unavailable"


def test_what_staff_write_to_each_other_stays_with_them(house):
    public_id = house.bring_to("submitted")
    house.act(house.zhao, public_id, "dispatch", worker_id=house.ids.wang, note="这位同学很急躁")
    house.act(house.wang, public_id, "decline", reason="busy", note="不想去")
    with db.unit_of_work() as session:
        for_reporter = queries.ticket_for(session, house.li, public_id).lines
        for_staff = queries.ticket_for(session, house.zhao, public_id).lines
    assert [line.note + line.reason for line in for_reporter] == ["", "", ""]
    assert [line.note for line in for_staff][:2] == ["不想去", "这位同学很急躁"]
