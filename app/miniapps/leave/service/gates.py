"""Gates: opened and closed by the office."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.kit import clock, ids
from app.kit.caller import Caller
from app.kit.errors import Forbidden
from app.kit.hidden import check_seen
from app.miniapps.leave.errors import GateCodeWrong, GateMissing, GateNameWrong
from app.miniapps.leave.models import Gate
from app.platform.audit import service as audit

OFFICE = "leave.office"
LONGEST_NAME = 30
LONGEST_CODE = 64


def add_gate(session: Session, *, by: Caller, name: str) -> Gate:
    """From the first gate on, students have passes. Raises GateNameWrong, Forbidden."""
    if not by.may(OFFICE):
        raise Forbidden()
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise GateNameWrong()
    check_seen(name=name)
    gate = Gate(
        public_id=ids.public_id("lvg"), name=name, is_open=True, made_by_id=by.person_id, made_at=clock.now()
    )
    session.add(gate)
    session.flush()
    audit.record(session, by=by, action="leave.add_gate", object_type="leave.gate", object_id=gate.id)
    return gate


def change_gate(session: Session, *, by: Caller, gate_id: str, code: str, is_door: bool) -> None:
    """What the school's own gates call it (empty: nothing comes of it from their log), and whether it is a dormitory's.

    Raises GateMissing, GateCodeWrong, Forbidden.
    """
    if not by.may(OFFICE):
        raise Forbidden()
    code = code.strip()
    if len(code) > LONGEST_CODE or "\0" in code:
        raise GateCodeWrong()
    gate = session.scalar(select(Gate).where(Gate.public_id == gate_id).with_for_update())
    if gate is None:
        raise GateMissing()
    if code and session.scalar(select(Gate.id).where(Gate.code == code, Gate.id != gate.id)):
        raise GateCodeWrong()
    gate.code, gate.is_door = code or None, is_door
    audit.record(session, by=by, action="leave.change_gate", object_type="leave.gate", object_id=gate.id)


def switch_gate(session: Session, *, by: Caller, gate_id: str, is_open: bool) -> None:
    """A closed gate checks nobody; what was checked stays. Raises GateMissing, Forbidden."""
    if not by.may(OFFICE):
        raise Forbidden()
    switched = session.scalar(
        update(Gate).where(Gate.public_id == gate_id).values(is_open=is_open).returning(Gate.id)
    )
    if switched is None:
        raise GateMissing()
    action = "leave.open_gate" if is_open else "leave.close_gate"
    audit.record(session, by=by, action=action, object_type="leave.gate", object_id=switched)
