"""Differences in plain words, with what to do about them and what proves it; which days are to be run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import AnyRow
from app.kit.i18n import N_
from app.kit.money import yuan
from app.payments.models import (
    CHANNEL_NAMES,
    Action,
    Bill,
    BillStatus,
    Channel,
    Day,
    Difference,
    DifferenceStatus,
    LedgerEntry,
    Run,
)
from app.payments.queries import card_flows
from app.payments.queries.desk.explanations import EXPLANATIONS

LOOKS_BACK = 3
"""Days before yesterday that are run again while they are open."""
AT_LEAST = timedelta(hours=12)
LIVE = (DifferenceStatus.OPEN, DifferenceStatus.WAITING, DifferenceStatus.PROPOSED)


@dataclass(frozen=True)
class Explanation:
    """`msgid % params` is the sentence; `action` what is usually done; `evidence` pairs of a kind and an id."""

    msgid: str
    params: Mapping[str, str]
    action: Action
    evidence: tuple[tuple[str, int], ...]


def explain(difference: AnyRow | Difference) -> Explanation:
    """Of a row of payments_differences."""
    msgid, action = EXPLANATIONS[(difference.kind, str(difference.facts["reason"]))]
    evidence = {
        "line": difference.line_id,
        "entry": difference.entry_id,
        "order": difference.order_id,
        "bill": difference.facts.get("bill"),
    }
    known = tuple((what, int(key)) for what, key in evidence.items() if key is not None)
    return Explanation(msgid, _params(difference), action, known)


def _params(difference: AnyRow | Difference) -> Mapping[str, str]:
    facts = difference.facts
    return {
        "bill": _sum(difference.bill_fen),
        "ours": _sum(difference.our_fen),
        "difference": yuan(difference.fen),
        "account": difference.account,
        "reference": str(facts.get("reference") or "—"),
        "number": str(facts.get("refund") or facts.get("number") or "—"),
        "original": str(facts.get("original") or "—"),
        "room": str(facts.get("room") or "—"),
        "item": str(facts.get("item") or "—"),
        "lines": str(facts.get("lines", "")),
        "entry_on": str(facts.get("entry_on", "")),
        "heal_by": f"{difference.heal_by or ''}",
        "at": _moment(facts.get("at")),
        "merchant": str(facts.get("merchant_no") or "—"),
        "first": str(facts.get("first", "")),
        "last": str(facts.get("last", "")),
        "ordered": _sum(facts.get("ordered_fen")),
        "fund": _sum(facts.get("fund_fen")),
        "trade": _sum(facts.get("trade_fen")),
        "rate": f"{facts.get('rate_e6', 0) / 10_000:.2f}%",
        "fee": f"{facts.get('fee_e5', 0) / 100_000:.5f}",
        "wanted": f"{facts.get('wanted_e5', 0) / 100_000:.5f}",
    }


def _sum(fen: int | None) -> str:
    """Which way money goes is said by the sentence."""
    return "—" if fen is None else yuan(abs(fen))


def _moment(text: str | None) -> str:
    return f"{clock.local(clock.datetime.fromisoformat(text)):%m-%d %H:%M:%S}" if text else ""


def source_name(source: str) -> str:
    """A msgid: who tells."""
    names = {"meters": N_("水电表"), "bank": N_("银行")}
    return CHANNEL_NAMES[Channel(source)] if source in set(Channel) else names[source]


def is_explained(session: Session, day: date) -> bool:
    """As the last run of the day says, and nothing has been opened or taken up again since."""
    said = session.scalar(
        select(Run.figures["missing"].as_integer()).where(Run.day == day).order_by(Run.id.desc()).limit(1)
    )
    if said != 0:
        return False
    live = select(func.count()).where(Difference.day == day, Difference.status.in_(LIVE))
    return session.scalar(live) == 0


def days_due(session: Session, *, today: date) -> list[date]:
    """Days to be run now: bills have come since the last run, or that is half a day ago, or a wait is over."""
    recent = [today - timedelta(days=back) for back in range(LOOKS_BACK + 1, 0, -1)]
    late = session.scalars(
        select(Difference.day)
        .where(Difference.status == DifferenceStatus.WAITING, Difference.heal_by < today)
        .distinct()
    )
    wanted = sorted({*recent, *late})
    closed = set(session.scalars(select(Day.day).where(Day.day.in_(wanted), Day.status == "closed")))
    return [day for day in wanted if day not in closed and _has_news(session, day)]


def _has_news(session: Session, day: date) -> bool:
    arrived = session.scalar(
        select(func.max(Bill.loaded_at)).where(Bill.day == day, Bill.status == BillStatus.CURRENT)
    )
    if arrived is None:
        return False
    last = session.scalar(select(func.max(Run.started_at)).where(Run.day == day))
    if last is None or last < clock.now() - AT_LEAST:
        return True
    if card_flows.has_news(session, day, since=last):
        return True
    around = (day - timedelta(days=LOOKS_BACK), day + timedelta(days=LOOKS_BACK))
    bills = select(Bill.id).where(Bill.day.between(*around), Bill.loaded_at > last)
    entries = select(LedgerEntry.id).where(LedgerEntry.business_on == day, LedgerEntry.posted_at > last)
    return session.scalar(bills.limit(1)) is not None or session.scalar(entries.limit(1)) is not None
