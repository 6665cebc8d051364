"""Parents are told where the policy says so: that there is leave, from when until when, and nothing of why."""

from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.miniapps.leave.days import moment as moment_of
from app.miniapps.leave.labels import RELATIONS
from app.miniapps.leave.models import Contact, Guardian, LeaveRequest, Policy
from app.miniapps.leave.parents import token_of
from app.miniapps.leave.queries.audiences import counsellors
from app.miniapps.leave.service.guardians import SUBJECT, phone_of_guardian
from app.miniapps.leave.service.log import note
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.platform.notifications import service as notifications

APPROVED, OVERDUE = "approved", "overdue"
TEXTS = {APPROVED: "leave.parents_approved", OVERDUE: "leave.parents_overdue"}
TOLD = {APPROVED: "请假已批准", OVERDUE: "逾期未返校"}
LIVES = timedelta(hours=1)
QUIET_FROM, QUIET_UNTIL = time(22, 0), time(7, 0)
WHY_NOT = {
    "no_phone": "没有家长电话",
    "no_sms_client": "学校没有开通短信",
    "no_template": "没有短信模板",
    "sms_quota": "今天的短信已到上限",
    "too_late": "短信没有及时发出",
    "no_answer": "短信是否送达不明",
    "phone_gone": "家长电话刚刚换过或收回",
}


def tells_parents(policy: Policy, moment: str) -> bool:
    return policy.parents_told == "sms" and policy.parents_when in (moment, "both")


def tell_parents(session: Session, request: LeaveRequest, moment: str) -> None:
    """A text to each parent whose phone the student gave; without one the counsellor is to call."""
    guardians = session.scalars(
        select(Guardian)
        .where(Guardian.person_id == request.person_id, Guardian.phone.is_not(None))
        .order_by(Guardian.id)
        .with_for_update(read=True)
    ).all()
    if not guardians:
        note_not_told(session, request, moment, "no_phone")
        return
    who = directory.mask_name(directory.person(session, request.person_id).name)
    for one in guardians:
        assert one.phone
        notifications.text_other(
            session,
            kind=TEXTS[moment],
            person_id=request.person_id,
            phone=one.phone,
            params={
                "who": who,
                "start": f"{clock.local(request.starts_at):%m-%d %H:%M}",
                "due": f"{clock.local(request.due_at):%m-%d %H:%M}",
                "token": token_of(request.public_id, request.due_at),
            },
            subject=f"{SUBJECT}:{request.id}:{moment}:{one.relation}",
            expires_at=_sent_until(),
        )


def _sent_until() -> datetime:
    """Soon, or not at all: the house does not know what becomes of him meanwhile, and nobody is woken."""
    now = clock.now()
    return min(now + LIVES, moment_of(clock.local(now).date(), QUIET_FROM))


def cancel(session: Session, request: LeaveRequest, moment: str = "") -> None:
    """What is not sent yet (of one moment) is not sent any more."""
    start = f"{SUBJECT}:{request.id}:" + (f"{moment}:" if moment else "")
    notifications.cancel_texts(session, person_id=request.person_id, subject=start)


def note_told(session: Session, request: LeaveRequest, moment: str, relation: str) -> None:
    """The gateway has it: a line of the contact log, of the leave's history, and of who looked at the student."""
    audit.record(
        session,
        by=None,
        action="leave.parents_told",
        object_type="person",
        object_id=request.person_id,
        fields=(request.public_id, moment),
    )
    note(session, request.id, "parents_told", by=None, moment=moment)
    _contact(session, request, "told", f"{RELATIONS[relation]}：{TOLD[moment]}")


def note_not_told(
    session: Session, request: LeaveRequest, moment: str, why: str, relation: str | None = None
) -> None:
    """A line of the contact log, and the counsellors hear that they are to call; once a moment, once a list.

    `relation` is of whom was not reached; None: of nobody is there a phone.
    """
    reason = WHY_NOT.get(why, "短信没有发出")
    whom = f"{_named(session, request, relation)}：" if relation else ""
    _contact(session, request, "not_told", f"{whom}{TOLD[moment]}：{reason}")
    key = f"leave:{request.id}:parents:{moment}:{request.due_at.isoformat()}"
    who = directory.person(session, request.person_id).name
    if request.batch_id is not None and moment == APPROVED:
        key = f"leave:batch:{request.batch_id}:parents"  # one for the list; the contact log has each
        who = f"{who}等公假名单里的学生"
    for person_id in counsellors(session, request):
        notifications.tell(
            session,
            kind="leave.parents_not_told",
            person_id=person_id,
            params={
                "leave_id": request.public_id,
                "who": who,
                "due": f"{clock.local(request.due_at):%m-%d %H:%M}",
                "why": f"{reason}（{RELATIONS[relation]}）" if relation else reason,
            },
            key=key,
            matter=f"leave:{request.id}",
        )


def _named(session: Session, request: LeaveRequest, relation: str) -> str:
    """父亲 100****0091; the relation alone when the phone is withdrawn meanwhile."""
    phone = phone_of_guardian(session, request.person_id, relation)
    return f"{RELATIONS[relation]} {directory.mask_phone(phone)}" if phone else RELATIONS[relation]


def note_log_late(session: Session, request: LeaveRequest, reached_at: datetime | None) -> None:
    """Nobody knows whether he is back: his parents are not told, the counsellors are to find out."""
    _contact(session, request, "not_told", f"{TOLD[OVERDUE]}：闸机的通行记录没有读到")
    for person_id in counsellors(session, request):
        notifications.tell(
            session,
            kind="leave.gates_log_late",
            person_id=person_id,
            params={
                "leave_id": request.public_id,
                "who": directory.person(session, request.person_id).name,
                "due": f"{clock.local(request.due_at):%m-%d %H:%M}",
                "since": f"{clock.local(reached_at):%m-%d %H:%M}" if reached_at else "接入时",
            },
            key=f"leave:{request.id}:log_late:{request.due_at.isoformat()}",
            matter=f"leave:{request.id}",
        )


def _contact(session: Session, request: LeaveRequest, outcome: str, text: str) -> None:
    session.add(
        Contact(
            request_id=request.id, by_id=None, at=clock.now(), way="sms", outcome=outcome, note=text[:200]
        )
    )
