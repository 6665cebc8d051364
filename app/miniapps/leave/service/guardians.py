"""Parents' phones: given by the student, withdrawn by him whenever he likes."""

from typing import Any

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from app.kit import clock, db
from app.kit.caller import Caller
from app.kit.cells import normal_phone
from app.kit.i18n import N_
from app.kit.module import Agreement
from app.miniapps.leave.errors import GuardianGone, GuardianWrong, NotAStudent
from app.miniapps.leave.labels import RELATIONS
from app.miniapps.leave.models import Guardian, LeaveRequest
from app.miniapps.leave.queries.guardians import to_call
from app.miniapps.leave.queries.students import find_student
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.platform.notifications import service as notifications
from app.platform.privacy.errors import AgreementNotFound

SUBJECT = "leave.parents"
"""Of texts to parents: `SUBJECT:request:moment:relation`."""
KEEP = clock.timedelta(days=730)
"""After the last leave."""
KEEP_WITHDRAWN = clock.timedelta(days=30)
A_NIGHT = 10_000  # that go at once
PHONE_SEEN = "leave.parents_phone_seen"
TELLS = N_("让学校短信告诉家长请假情况")
WHAT = N_(
    "学校的请假办法要求时，短信告诉家长请假的起止时间和是否返校，不说类型、原因和去向。收回后马上删除家长电话。"
)


def give_guardian(session: Session, *, by: Caller, relation: str, phone: str) -> None:
    """The caller's parent; another phone replaces the one before. Raises NotAStudent, GuardianWrong."""
    if find_student(session, by.person_id) is None:
        raise NotAStudent()
    digits = normal_phone(phone)
    wrong: dict[str, list[str]] = {}
    if relation not in RELATIONS:
        wrong["relation"] = [N_("请选择是您的什么人。")]
    if len(digits) != 11 or not digits.startswith("1"):
        wrong["phone"] = [N_("请填 11 位手机号。")]
    if wrong:
        raise GuardianWrong(details=wrong)
    _check_whose(session, by.person_id, relation, digits)
    values = {"phone": digits, "given_at": clock.now(), "withdrawn_at": None}
    stmt = insert(Guardian).values(person_id=by.person_id, relation=relation, **values)
    session.execute(stmt.on_conflict_do_update(index_elements=["person_id", "relation"], set_=values))
    _take_back(session, by.person_id, relation)
    _record(session, by, "guardian_given", relation)


def withdraw_guardian(session: Session, *, by: Caller, key: str) -> None:
    """The phone goes at once. `key` is the relation. Raises AgreementNotFound."""
    withdrawn = db.rows_changed(
        session,
        update(Guardian)
        .where(Guardian.person_id == by.person_id, Guardian.relation == key, Guardian.phone.is_not(None))
        .values(phone=None, withdrawn_at=clock.now()),
    )
    if not withdrawn:
        raise AgreementNotFound()
    _take_back(session, by.person_id, key)
    _record(session, by, "guardian_withdrawn", key)


def _take_back(session: Session, person_id: int, relation: str) -> None:
    """Texts that wait for the phone are not sent, and it goes from those that were."""
    notifications.take_back_phone(
        session, person_id=person_id, starts=f"{SUBJECT}:", ends=f":{relation}", why="phone_gone"
    )


def _check_whose(session: Session, person_id: int, relation: str, digits: str) -> None:
    """Neither the student's own, nor one given for two of them. Raises GuardianWrong."""
    own = directory.phone_indexes(session, [person_id]).get(person_id)
    if own == directory.phone_index(digits):
        raise GuardianWrong(details={"phone": [N_("这是您自己的手机号，请填家长的。")]})
    others = session.scalars(
        select(Guardian.phone).where(Guardian.person_id == person_id, Guardian.relation != relation)
    )
    if digits in others.all():
        raise GuardianWrong(details={"phone": [N_("这个手机号已经填给另一位家长了，请填别的号码。")]})


def agreements(session: Session, *, person_id: int) -> list[Agreement]:
    """Newest first; withdrawn ones too."""
    rows = session.scalars(
        select(Guardian).where(Guardian.person_id == person_id).order_by(Guardian.given_at.desc())
    )
    return [
        Agreement(one.relation, TELLS, WHAT, one.given_at, one.withdrawn_at, about=RELATIONS[one.relation])
        for one in rows
    ]


def phone_of_guardian(session: Session, person_id: int, relation: str) -> str | None:
    return session.scalar(
        select(Guardian.phone).where(Guardian.person_id == person_id, Guardian.relation == relation)
    )


def reveal_guardian(session: Session, *, by: Caller, request: LeaveRequest, relation: str) -> str:
    """The full number, for whoever is to call because a text did not reach a parent: doors ask who that is.

    The student sees it in who looked at his data. Raises GuardianGone: withdrawn, or nobody is to call that parent.
    """
    phone = next((one.phone for one in to_call(session, request) if one.relation == relation), None)
    if phone is None:
        raise GuardianGone()
    audit.record(
        session,
        by=by,
        action=PHONE_SEEN,
        object_type="person",
        object_id=request.person_id,
        fields=(request.public_id, relation),
    )
    return phone


def retain_guardians(session: Session) -> int:
    """Withdrawn ones, and phones of who has had no leave for two years; how many went."""
    later = (
        select(func.max(LeaveRequest.ends_at))
        .where(LeaveRequest.person_id == Guardian.person_id)
        .scalar_subquery()
    )
    used_at = func.greatest(Guardian.given_at, func.coalesce(later, Guardian.given_at))
    now = clock.now()
    old = select(Guardian.id).where(or_(Guardian.withdrawn_at < now - KEEP_WITHDRAWN, used_at < now - KEEP))
    return db.rows_changed(session, delete(Guardian).where(Guardian.id.in_(old.limit(A_NIGHT))))


def export_guardians(session: Session, person_id: int) -> list[dict[str, Any]]:
    rows = session.scalars(select(Guardian).where(Guardian.person_id == person_id).order_by(Guardian.id))
    return [{"relation": one.relation, "phone": one.phone, "at": one.given_at.isoformat()} for one in rows]


def merge_guardians(session: Session, from_id: int, into_id: int) -> None:
    """What the person gave himself stays."""
    own = aliased(Guardian)
    has_own = exists().where(own.person_id == into_id, own.relation == Guardian.relation)
    session.execute(update(Guardian).where(Guardian.person_id == from_id, ~has_own).values(person_id=into_id))
    session.execute(delete(Guardian).where(Guardian.person_id == from_id))


def _record(session: Session, by: Caller, action: str, relation: str) -> None:
    audit.record(
        session,
        by=by,
        action=f"leave.{action}",
        object_type="person",
        object_id=by.person_id,
        fields=(relation,),
    )
