"""What electricity does when something happened or the time has come."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import unit_of_work
from app.kit.money import yuan
from app.miniapps.electricity.events import BindingDecided, BindingRequested, CaseAnswered
from app.miniapps.electricity.flows import sweeping
from app.miniapps.electricity.models import CASE_KINDS, Binding, BindingStatus, Case, CaseKind, Room, TopUp
from app.miniapps.electricity.service import bindings, end_stays, top_ups
from app.payments.events import (
    FulfilmentAbandoned,
    FulfilmentAccepted,
    FulfilmentApplied,
    OrderClosed,
    PaymentSucceeded,
    RefundSucceeded,
)
from app.payments.queries import timeline as orders
from app.platform.directory import queries as directory
from app.platform.identity import queries as identity
from app.platform.notifications import service as notifications

KEY = "electricity"


def is_ours(event: Any) -> bool:
    """Of payments and deliveries: others are none of our business."""
    return bool(event.service_key == KEY)


def on_payment_succeeded(session: Session, event: PaymentSucceeded) -> None:
    paid_at = orders.timeline(session, event.order_id).paid_at
    top_ups.note_paid(session, event.subject, paid_at or clock.now(), event.order_id)


def on_order_closed(session: Session, event: OrderClosed) -> None:
    top_ups.note_closed(session, event.order_id)


def on_refund_succeeded(session: Session, event: RefundSucceeded) -> None:
    top_ups.note_refunded(session, event.order_id)


def on_fulfilment_accepted(session: Session, event: FulfilmentAccepted) -> None:
    top_ups.note_accepted(session, event.subject)


def on_fulfilment_applied(session: Session, event: FulfilmentApplied) -> None:
    """The payer learns that it arrived, the others of the room who want to that somebody topped up."""
    if not top_ups.note_applied(session, event.subject):
        return
    top_up = _top_up(session, event.subject)
    params = _params(session, top_up)
    key = f"electricity:{top_up.public_id}"
    notifications.tell(
        session,
        kind="electricity.applied",
        person_id=top_up.person_id,
        params=params,
        key=f"{key}:applied",
        matter=key,
    )
    payer = directory.mask_name(directory.person(session, top_up.person_id).name)
    for mate in _roommates(session, top_up):
        notifications.tell(
            session,
            kind="electricity.roommate_topped_up",
            person_id=mate.person_id,
            params={**params, "who": payer, "binding_id": mate.public_id},
            key=f"{key}:roommate",
            matter=key,
        )


def on_fulfilment_abandoned(session: Session, event: FulfilmentAbandoned) -> None:
    if not top_ups.note_abandoned(session, event.subject):
        return
    top_up = _top_up(session, event.subject)
    key = f"electricity:{top_up.public_id}"
    notifications.tell(
        session,
        kind="electricity.abandoned",
        person_id=top_up.person_id,
        params=_params(session, top_up),
        key=f"{key}:abandoned",
        matter=key,
    )


def on_binding_requested(session: Session, event: BindingRequested) -> None:
    """Roommates who may consent, the dorm managers of the building, and the college where it is asked."""
    request = bindings.request_row(session, _public_id(session, event.binding_id))
    if request is None or request.status != BindingStatus.REQUESTED:
        return
    place = directory.place(session, room_id=request.place_id)
    people = set(
        identity.people_with(
            session, bindings.CONSENT, building_id=request.building_id, unit_id=request.unit_id
        )
    )
    if request.policy == "roommate":
        people |= {mate.person_id for mate in _bound(session, request.room_id, request.person_id)}
    for person_id in people:
        notifications.tell(
            session,
            kind="electricity.consent_asked",
            person_id=person_id,
            params={
                "room": place.text,
                "room_en": place.text_en,
                "who": directory.person(session, request.person_id).name,
                "time": _time(request.requested_at),
            },
            key=f"electricity:request:{request.id}",
        )


def on_binding_decided(session: Session, event: BindingDecided) -> None:
    row = session.get_one(Binding, event.binding_id)
    room_id = session.scalars(select(Room.room_id).where(Room.id == row.room_id)).one()
    place = directory.place(session, room_id=room_id)
    accepted = event.is_accepted
    notifications.tell(
        session,
        kind="electricity.consent_given",
        person_id=row.person_id,
        params={
            "room": place.text,
            "room_en": place.text_en,
            "result": "已同意" if accepted else "未同意",
            "result_en": "accepted" if accepted else "not accepted",
            "time": _time(clock.now()),
        },
        key=f"electricity:decided:{row.id}",
    )


def on_case_answered(session: Session, event: CaseAnswered) -> None:
    case = session.get_one(Case, event.case_id)
    kind = CASE_KINDS[CaseKind(case.kind)]
    notifications.tell(
        session,
        kind="electricity.case_answered",
        person_id=case.opened_by_id,
        params={
            "kind": kind,
            "kind_en": {"not_arrived": "not arrived", "wrong_room": "wrong room"}[case.kind],
            "answer": case.answer or "",
            "time": _time(case.answered_at or clock.now()),
            "top_up_id": session.scalars(select(TopUp.public_id).where(TopUp.id == case.top_up_id)).one(),
        },
        key=f"electricity:case:{case.id}:answered",
    )


def sweep_rooms(*, clients: Any) -> None:
    """By night only: low balances are told in the morning, as quiet hours allow."""
    if sweeping.is_night():
        sweeping.sweep(clients=clients)


def end_past_stays(*, clients: Any) -> None:
    """A few hundred at a time, each slice its own transaction."""
    after = 0
    while True:
        with unit_of_work() as session:
            after = end_stays(session, after=after)
        if not after:
            return


def _top_up(session: Session, public_id: str) -> TopUp:
    return session.scalars(select(TopUp).where(TopUp.public_id == public_id)).one()


def _params(session: Session, top_up: TopUp) -> dict[str, Any]:
    room_id = session.scalars(select(Room.room_id).where(Room.id == top_up.room_id)).one()
    place = directory.place(session, room_id=room_id)
    order = orders.orders_of(session, [top_up.order_id] if top_up.order_id else [])
    return {
        "room": f"{place.building_name}{place.room_number or ''}",
        "room_en": place.text_en,
        "amount": yuan(top_up.fen),
        "time": _time(clock.now()),
        "number": next(iter(order.values())).number if order else "",
        "top_up_id": top_up.public_id,
    }


def _time(moment: datetime) -> str:
    return f"{clock.local(moment):%Y年%-m月%-d日 %H:%M}"


def _roommates(session: Session, top_up: TopUp) -> list[Any]:
    return [row for row in _bound(session, top_up.room_id, top_up.person_id) if row.tells_top_ups]


def _bound(session: Session, room_id: int, without: int) -> list[Any]:
    return list(
        session.execute(
            select(Binding.person_id, Binding.public_id, Binding.tells_top_ups).where(
                Binding.room_id == room_id,
                Binding.status == BindingStatus.LIVE,
                Binding.person_id != without,
            )
        )
    )


def _public_id(session: Session, binding_id: int) -> str:
    return session.scalars(select(Binding.public_id).where(Binding.id == binding_id)).one()
