"""Looking after those who are away: contacts, and the evening's roll call."""

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, ids
from app.kit.caller import Caller
from app.kit.errors import Invalid, NotFound
from app.kit.i18n import N_
from app.miniapps.leave.errors import LeaveMissing
from app.miniapps.leave.models import Contact, LeaveRequest, Roll, RollMark
from app.miniapps.leave.service.log import note

FOLLOW, DORM = "leave.follow", "leave.dorm"
WAYS = ("phone", "message", "visit", "family")
OUTCOMES = ("safe", "no_answer", "worrying")
MARKS = ("present", "absent", "explained")


class ContactWrong(Invalid):
    code = "leave.contact_wrong"
    msgid = N_("请选择联系方式和结果，备注最多 200 字。")


class RollClosed(NotFound):
    code = "leave.roll_closed"
    msgid = N_("这次点名已经结束，不能再改。")


def note_contact(
    session: Session, *, by: Caller, request_id: int, way: str, outcome: str, text: str = ""
) -> None:
    """Write down that somebody tried to reach him, and what came of it. Raises LeaveMissing, ContactWrong."""
    request = session.get(LeaveRequest, request_id)
    if request is None or not may_follow(by, request):
        raise LeaveMissing()
    if way not in WAYS or outcome not in OUTCOMES or len(text) > 200:
        raise ContactWrong()
    session.add(
        Contact(
            request_id=request_id,
            by_id=by.person_id,
            at=clock.now(),
            way=way,
            outcome=outcome,
            note=text.strip(),
        )
    )
    note(session, request_id, "contact", by=by, way=way, outcome=outcome)


def may_follow(by: Caller, request: LeaveRequest) -> bool:
    """Counsellors of the class or college, the office, and managers of a building that he does not sleep in."""
    units = [unit for unit in (request.class_id, request.college_id) if unit is not None]
    if any(by.may(FOLLOW, unit_id=unit) for unit in units):
        return True
    return (
        request.leaves_dorm
        and request.building_id is not None
        and by.may(DORM, building_id=request.building_id)
    )


def open_roll(session: Session, *, by: Caller, building_id: int | None, class_id: int | None) -> Roll:
    """Tonight's roll call of a building or a class; the same one for whoever opens it again.

    Whether the caller has that place in his care is for the door to ask.
    """
    session.execute(
        insert(Roll)
        .values(
            public_id=ids.public_id("lvr"),
            building_id=building_id,
            class_id=class_id,
            day=clock.today(),
            opened_by_id=by.person_id,
            opened_at=clock.now(),
        )
        .on_conflict_do_nothing()
    )
    place = Roll.building_id == building_id if building_id else Roll.class_id == class_id
    return session.scalars(select(Roll).where(place, Roll.day == clock.today())).one()


def mark_present(
    session: Session, *, by: Caller, roll_id: int, marks: dict[int, str], may_be: Collection[int]
) -> None:
    """What was found of people of this roll; a later mark replaces an earlier one. Raises RollClosed, NotFound."""
    roll = session.get(Roll, roll_id, with_for_update=True)
    if roll is None or roll.closed_at is not None:
        raise RollClosed()
    if not set(marks) <= set(may_be) or not set(marks.values()) <= set(MARKS):
        raise NotFound()
    rows = [
        {
            "roll_id": roll_id,
            "person_id": person,
            "mark": mark,
            "marked_by_id": by.person_id,
            "marked_at": clock.now(),
        }
        for person, mark in marks.items()
    ]
    if not rows:
        return
    stmt = insert(RollMark).values(rows)
    session.execute(
        stmt.on_conflict_do_update(
            index_elements=["roll_id", "person_id"],
            set_={name: stmt.excluded[name] for name in ("mark", "marked_by_id", "marked_at")},
        )
    )


def close_roll(session: Session, *, by: Caller, roll_id: int) -> None:
    """Tonight's roll call is over. Raises RollClosed."""
    closed = session.execute(
        update(Roll)
        .where(Roll.id == roll_id, Roll.closed_at.is_(None))
        .values(closed_at=clock.now())
        .returning(Roll.id)
    ).first()
    if closed is None:
        raise RollClosed()
