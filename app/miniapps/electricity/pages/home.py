"""Phone: one room's balance, what it uses, and who topped it up."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, current_app, render_template, request
from sqlalchemy.orm import Session

from app.kit import clock, limits
from app.kit.db import AnyRow, unit_of_work
from app.kit.errors import TooMany
from app.kit.http import SIGNED_IN, caller, permit
from app.kit.i18n import N_
from app.miniapps.electricity.errors import BindingNotFound
from app.miniapps.electricity.flows import reading
from app.miniapps.electricity.models import TOP_UP_LABELS, BindingStatus
from app.miniapps.electricity.queries import home, top_ups
from app.miniapps.electricity.queries.home import MeterView, RoomView
from app.miniapps.electricity.service import end_stays
from app.platform.directory import queries as directory

phone = Blueprint("electricity", __name__, url_prefix="/m/electricity")

KIND_LABELS = {
    "light": N_("照明"),
    "ac": N_("空调"),
    "hot_water": N_("热水"),
    "cold_water": N_("冷水"),
    "gas": N_("燃气"),
    "other": N_("电表"),
}
READS_PER_MINUTE = 20
WARN_BEFORE = timedelta(hours=2)
DAYS = (7, 30)


@phone.get("/")
@permit(SIGNED_IN)
def index() -> Any:
    """The room that was named, or the first; without any, how to get one."""
    me = caller().person_id
    with unit_of_work() as session:
        end_stays(session, person_id=me)
        mine = home.bindings_of(session, me)
        chosen = _chosen(mine, request.args.get("room"))
        if chosen is None:
            return render_template(
                "electricity/phone/none.html",
                requests=[place for row, place in mine if row.status == BindingStatus.REQUESTED],
                home=directory.room_of(session, me),
            )
        view = home.room_view(session, home.binding_for(session, me, chosen.public_id, is_live=False))
        return render_template(
            "electricity/phone/home.html",
            view=view,
            mine=[(row, place) for row, place in mine if row.status != BindingStatus.REQUESTED],
            is_live=view.binding.status == BindingStatus.LIVE,
            top_ups=_top_ups(session, view, me)[:3],
            labels=TOP_UP_LABELS,
            shares=top_ups.my_shares(session, me),
            waiting=home.requests_to_decide(session, me),
            **_facts(view),
        )


@phone.get("/balance")
@permit(SIGNED_IN)
def balance() -> Any:
    """The card of balances anew (htmx): asks the vendor when what is known is older than a minute."""
    me, room = caller().person_id, request.args.get("room", "")
    with unit_of_work() as session:
        binding = home.binding_for(session, me, room)
    is_limited = not _may_ask(me)
    answer = reading.Answer.BUSY if is_limited else _refresh(binding)
    with unit_of_work() as session:
        view = home.room_view(session, home.binding_for(session, me, room))
        return render_template(
            "electricity/phone/_balance.html",
            view=view,
            asked=True,
            answer=answer,
            is_limited=is_limited,
            is_live=True,
            **_facts(view),
        )


@phone.get("/history")
@permit(SIGNED_IN)
def history() -> Any:
    """Use by day, and top-ups by all, during one's own stay."""
    me = caller().person_id
    days = request.args.get("days", type=int)
    days = days if days in DAYS else DAYS[0]
    with unit_of_work() as session:
        binding = home.binding_for(session, me, request.args.get("room", ""), is_live=False)
        view = home.room_view(session, binding, days=days)
        rows = _top_ups(session, view, me)
        return render_template(
            "electricity/phone/history.html",
            view=view,
            days=days,
            spans=DAYS,
            top_ups=rows,
            payers=_payers(rows),
            elsewhere=_bought_elsewhere(session, view),
            labels=TOP_UP_LABELS,
            **_facts(view),
        )


def _chosen(mine: list[tuple[AnyRow, Any]], wanted: str | None) -> AnyRow | None:
    """Raises BindingNotFound for a room that is not one's own: the same whether it exists or not."""
    shown = [row for row, _ in mine if row.status != BindingStatus.REQUESTED]
    if wanted:
        found = next((row for row in shown if row.public_id == wanted), None)
        if found is None:
            raise BindingNotFound()
        return found
    return shown[0] if shown else None


def _may_ask(person_id: int) -> bool:
    try:
        limits.hit("electricity.read", str(person_id), limit=READS_PER_MINUTE, seconds=60)
    except TooMany:
        return False
    return True


def _refresh(binding: AnyRow) -> reading.Answer:
    return reading.refresh(binding.room_id, clients=current_app.extensions["clients"])


def _top_ups(session: Session, view: RoomView, me: int) -> list[tuple[AnyRow, str]]:
    binding = view.binding
    return top_ups.of_room(
        session, room_id=binding.room_id, me=me, since=binding.started_at, until=binding.ended_at
    )


def _bought_elsewhere(session: Session, view: RoomView) -> list[AnyRow]:
    binding = view.binding
    return top_ups.bought_elsewhere(
        session, room_id=binding.room_id, since=binding.started_at, until=binding.ended_at
    )


def _payers(rows: list[tuple[AnyRow, str]]) -> list[tuple[str, int]]:
    """Who paid how much in the list, the most first; "" is oneself."""
    sums: dict[str, int] = {}
    for row, who in rows:
        if row.status == "applied" and row.refunded_at is None:
            sums[who] = sums.get(who, 0) + row.fen
    return sorted(sums.items(), key=lambda item: -item[1])


def _facts(view: RoomView) -> dict[str, Any]:
    return {"kinds": KIND_LABELS, "warning": warning(view), "cut_soon": cut_soon(view.system)}


def warning(view: RoomView) -> MeterView | None:
    """The meter that may run out before tomorrow evening, if one may."""
    for meter in view.meters:
        if not meter.is_electric or meter.left is None or meter.is_powered is False:
            continue
        if meter.left <= view.binding.low_kwh or (meter.days_left is not None and meter.days_left < 1):
            return meter
    return None


def cut_soon(system: AnyRow) -> datetime | None:
    """When the nightly cut begins, if that is within two hours."""
    if system.cut_from is None:
        return None
    now = clock.local(clock.now())
    begins = now.replace(hour=system.cut_from.hour, minute=system.cut_from.minute, second=0, microsecond=0)
    return begins if timedelta(0) <= begins - now <= WARN_BEFORE else None
