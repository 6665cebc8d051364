"""One step of the ladder as rows: the intent before the call, the outcome after it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock
from app.platform.identity import queries as identity
from app.platform.notifications.models import REACHED, Delivery, Message, Quota, Status
from app.platform.notifications.service import catalogue, credits, texts
from app.platform.notifications.service.ladder import Task

REPEAT_WITHIN = timedelta(minutes=8)
"""WeChat knows a client_msg_id for ten minutes from the first request; two are kept for the call itself."""


@dataclass(frozen=True)
class Call:
    """A call that is to be made now; its intent is written. `is_repeat`: an earlier one may have arrived."""

    delivery_id: int
    openid: str
    template_id: str
    attempts: int
    is_repeat: bool = False


STOP, DOWN = "stop", "down"
Verdict = Call | str
"""A call to make, or: the ladder ends here (STOP), the next step's turn (DOWN)."""


class Rests(Exception):
    """WeChat wants no more of this step until `until`; the message can wait."""

    def __init__(self, delay: timedelta) -> None:
        super().__init__(f"rests for {delay}")
        self.delay = delay


def openid_to_ask_about(session: Session, task: Task) -> str | None:
    """Of somebody who, as far as we know, does not follow, before the first push of a message.

    Followers from before our time, and those whose event was lost, are found out by asking WeChat.
    """
    found = identity.openid_of(session, task.person_id)
    if found is None or found.is_following or "template" not in task.kind.ladder:
        return None
    begun = select(Delivery.id).where(Delivery.message_id == task.message_id, Delivery.step == "template")
    return found.openid if session.scalar(begun) is None else None


def begin_template(session: Session, task: Task) -> Verdict:
    """Write the intent of a template message. After a lost answer it is repeated under the same id."""
    step = _step(session, task, "template")
    if step.status == Status.SENT:
        return _repeat(step, task)
    if step.status != Status.QUEUED:
        return _ended(step)
    template_id = catalogue.template_id(task.kind)
    found = identity.openid_of(session, task.person_id)
    if not template_id:
        return _skip(step, "no_template")
    if found is None:
        return _skip(step, "no_wechat")
    if not found.is_following:
        return _skip(step, "not_following")
    if rest := rest_of(session, "template"):
        if task.kind.is_urgent:
            return _skip(step, "quota")
        raise Rests(rest)
    return _intend(step, task, found.openid, template_id)


def begin_subscription(session: Session, task: Task) -> Verdict:
    """Write the intent of a subscription message and use up a credit. Never repeated: it has no id."""
    step = _step(session, task, "subscription")
    if step.status == Status.SENT:
        return _end(step, Status.UNKNOWN, "no_answer")
    if step.status != Status.QUEUED:
        return _ended(step)
    template_id = catalogue.subscription_template_id(task.kind)
    found = identity.openid_of(session, task.person_id)
    if found is None or not template_id:
        return _skip(step, "no_wechat" if template_id else "no_template")
    if not credits.use(session, openid=found.openid, template_id=template_id):
        return _skip(step, "no_credit")
    return _intend(step, task, found.openid, template_id)


def begin_sms(session: Session, task: Task, knows: texts.Knows) -> texts.TextCall | str:
    """Write the intent of a text message. Never repeated: no gateway promises to know a repetition."""
    step = _step(session, task, "sms")
    if step.status == Status.SENT:
        texts.lose(session, step.id)
        return _end(step, Status.UNKNOWN, "no_answer")
    if step.status != Status.QUEUED:
        return _ended(step)
    if why := texts.hindrance(session, person_id=task.person_id, kind=task.kind.key, knows=knows):
        return _skip(step, why)
    step.status, step.sent_at, step.attempts = Status.SENT, clock.now(), step.attempts + 1
    step.error = None
    return texts.intend(
        session, person_id=task.person_id, kind=task.kind.key, delivery_id=step.id, params=task.params
    )


def put_on_call_list(session: Session, task: Task) -> Verdict:
    """Ask the people on duty to phone. One open call for each person and matter: the newest."""
    if not task.is_important:
        return DOWN
    step = _step(session, task, "call_list")
    if step.status != Status.QUEUED or task.matter is None:
        return STOP
    calls = _open_calls(session, task)
    older = [delivery_id for message_id, delivery_id in calls if message_id < max(calls)[0]]
    session.execute(
        update(Delivery)
        .where(Delivery.id.in_(older))
        .values(status=Status.SKIPPED, error="superseded", done_at=clock.now())
    )
    return STOP


def _open_calls(session: Session, task: Task) -> list[tuple[int, int]]:
    """(message, delivery) of all open calls about this person's matter, locked."""
    rows = session.execute(
        select(Delivery.message_id, Delivery.id)
        .join(Message, Message.id == Delivery.message_id)
        .where(
            Delivery.step == "call_list",
            Delivery.status == Status.QUEUED,
            Message.person_id == task.person_id,
            Message.matter == task.matter,
        )
        .order_by(Delivery.id)
        .with_for_update(of=Delivery)
    )
    return [(row.message_id, row.id) for row in rows]


def settle(
    session: Session, call: Call | texts.TextCall, status: Status, *, error: str = "", msgid: str = ""
) -> bool:
    """Note the outcome of a call. False when it was noted before, by another worker."""
    values: dict[str, Any] = {"status": status, "error": error or None}
    values |= {"done_at": clock.now()} if status not in (Status.QUEUED, Status.SENT) else {}
    values |= {"msgid": msgid} if msgid else {}
    values |= {"sent_at": None} if status == Status.QUEUED else {}
    changed = session.scalar(
        update(Delivery)
        .where(Delivery.id == call.delivery_id, Delivery.status == Status.SENT)
        .values(**values)
        .returning(Delivery.step)
    )
    if changed is not None and status == Status.ACCEPTED:
        _count(session, changed)
    return changed is not None


def rest_of(session: Session, step: str) -> timedelta | None:
    """How long a step still rests because its quota is used up."""
    until = session.scalar(select(Quota.stopped_until).where(Quota.day == clock.today(), Quota.step == step))
    return until - clock.now() if until and until > clock.now() else None


def stop_until_midnight(session: Session, step: str) -> timedelta:
    """WeChat said that the day's quota is used up; returns how long the day still is."""
    day = clock.today()
    midnight = clock.start_of_day(day + timedelta(days=1))
    stmt = insert(Quota).values(day=day, step=step, used=0, stopped_until=midnight)
    session.execute(
        stmt.on_conflict_do_update(index_elements=["day", "step"], set_={"stopped_until": midnight})
    )
    return midnight - clock.now()


def _count(session: Session, step: str) -> None:
    stmt = insert(Quota).values(day=clock.today(), step=step, used=1)
    session.execute(stmt.on_conflict_do_update(index_elements=["day", "step"], set_={"used": Quota.used + 1}))


def _step(session: Session, task: Task, step: str) -> Delivery:
    """The row of this step, locked; made when it is the first time."""
    session.execute(
        insert(Delivery)
        .values(
            message_id=task.message_id,
            step=step,
            status=Status.QUEUED,
            attempts=0,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["message_id", "step"])
    )
    return session.scalars(
        select(Delivery)
        .where(Delivery.message_id == task.message_id, Delivery.step == step)
        .with_for_update()
    ).one()


def _intend(step: Delivery, task: Task, openid: str, template_id: str) -> Call:
    step.status, step.sent_at, step.attempts = Status.SENT, clock.now(), step.attempts + 1
    step.openid, step.client_msg_id, step.error = openid, task.public_id, None
    return Call(step.id, openid, template_id, step.attempts)


def _repeat(step: Delivery, task: Task) -> Verdict:
    if step.sent_at is None or step.openid is None or clock.now() - step.sent_at >= REPEAT_WITHIN:
        return _end(step, Status.UNKNOWN, "no_answer")
    step.attempts += 1
    return Call(step.id, step.openid, catalogue.template_id(task.kind), step.attempts, is_repeat=True)


def _ended(step: Delivery) -> str:
    return STOP if step.status in (*REACHED, Status.UNKNOWN) else DOWN


def _skip(step: Delivery, reason: str) -> str:
    return _end(step, Status.SKIPPED, reason)


def _end(step: Delivery, status: Status, error: str) -> str:
    step.status, step.error, step.done_at = status, error, clock.now()
    return _ended(step)
