"""Which bills ought to be here, which are not, and whose turn it is to ask."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from sqlalchemy import Table, and_, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, outbox
from app.payments.events import BillDue
from app.payments.models import (
    Bill,
    BillFetch,
    BillKind,
    BillStatus,
    Channel,
    LedgerEntry,
    Merchant,
    Source,
)
from app.payments.service import empty_days
from app.payments.service.bills import HALVES, Matter

FIRST_ASKED = {
    Source.WECHAT: time(10),
    Source.CARD: time(6),
    Source.PLATFORM: time(6),
    Source.METERS: time(6),
}
KEPT_DAYS = 89
"""WeChat gives bills of the last three months."""
WARN_DAYS = 75
LEASE = timedelta(minutes=10)
_fetches = cast("Table", BillFetch.__table__)


@dataclass(frozen=True)
class Account:
    """Something that has one bill a day."""

    source: str
    kind: str
    account: str

    def on(self, day: date) -> Matter:
        return Matter(self.source, self.kind, self.account, day)


def accounts(session: Session, *, meters: Iterable[str], has_card: bool) -> list[Account]:
    """Every merchant number that collects something, each with what its channel tells; and the meter systems."""
    rows = session.execute(
        select(Merchant.channel, Merchant.merchant_no)
        .distinct()
        .order_by(Merchant.channel, Merchant.merchant_no)
    )
    found: list[Account] = []
    for channel, number in rows:
        if channel == Channel.WECHAT:
            found += [Account(channel, BillKind.TRADE, number), Account(channel, BillKind.FUND, number)]
        elif channel == Channel.PLATFORM or has_card:
            found.append(Account(channel, BillKind.TRADE, number))
    return found + [Account(Source.METERS, BillKind.DELIVERY, name) for name in sorted(meters)]


def missing(session: Session, every: Iterable[Account]) -> list[Matter]:
    """What should be here by now and is not, the oldest first."""
    found = [matter for account in every for matter in _missing_of(session, account)]
    return sorted(found, key=lambda matter: matter.day)


def _missing_of(session: Session, account: Account) -> Iterator[Matter]:
    last = last_day(account.source, clock.now())
    first = max(_first_day(session, account, last), clock.today() - timedelta(days=KEPT_DAYS))
    here = _days_here(session, account, first) - empty_days.doubtful(session, **vars(account), first=first)
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        if day not in here:
            yield account.on(day)


def last_day(source: str, now: datetime) -> date:
    """The newest day whose bill may be asked for."""
    local = clock.local(now)
    is_time = local.time() >= FIRST_ASKED.get(Source(source), time(10))
    return local.date() - timedelta(days=1 if is_time else 2)


def _first_day(session: Session, account: Account, last: date) -> date:
    """WeChat has the past at hand, so from our first entry on; of others from when we began to ask."""
    if account.source == Source.WECHAT:
        first = session.execute(select(LedgerEntry.business_on).order_by(LedgerEntry.id).limit(1)).scalar()
        return first or last
    asked = [
        session.execute(
            select(func.min(table.day)).where(
                table.source == account.source, table.kind == account.kind, table.account == account.account
            )
        ).scalar()
        for table in (Bill, BillFetch)
    ]
    return min([last, *(day for day in asked if day)])


def _days_here(session: Session, account: Account, first: date) -> set[date]:
    """Days with a bill that counts; two halves are one."""
    kinds = [account.kind]
    if account.kind == BillKind.TRADE:
        kinds += [str(half) for half in HALVES]
    rows = session.execute(
        select(Bill.day, func.array_agg(Bill.kind))
        .where(
            Bill.source == account.source,
            Bill.kind.in_(kinds),
            Bill.account == account.account,
            Bill.status == BillStatus.CURRENT,
            Bill.day >= first,
        )
        .group_by(Bill.day)
    )
    return {day for day, found in rows if account.kind in found or set(found) == set(HALVES)}


def claim(session: Session, matter: Matter) -> bool:
    """Whether it is time to ask and we are the one: two schedulers never both get True."""
    now = clock.now()
    asked = insert(_fetches).values(**vars(matter), tries=1, next_try_at=now + LEASE)
    row = session.execute(
        asked.on_conflict_do_update(
            index_elements=["source", "kind", "account", "day"],
            set_={"tries": _fetches.c.tries + 1, "next_try_at": now + LEASE},
            where=_fetches.c.next_try_at <= now,
        ).returning(_fetches.c.tries)
    ).first()
    return row is not None


def ask(session: Session, matter: Matter) -> None:
    """A worker asks for it."""
    outbox.emit(session, BillDue(matter.source, matter.kind, matter.account, matter.day.isoformat()))


def ask_now(session: Session, matter: Matter) -> None:
    """Somebody does not want to wait for the clock; what is under way already is left alone."""
    put_off(session, matter, answer="asked", delay=LEASE)
    ask(session, matter)


def put_off(session: Session, matter: Matter, *, answer: str, delay: timedelta) -> None:
    """It was asked for and did not come; the next try is after `delay`."""
    values = {"answer": answer, "next_try_at": clock.now() + delay}
    stmt = insert(_fetches).values(**vars(matter), tries=1, **values)
    session.execute(
        stmt.on_conflict_do_update(index_elements=["source", "kind", "account", "day"], set_=values)
    )


def close(session: Session, matter: Matter) -> None:
    """It is here."""
    session.execute(delete(BillFetch).where(*_about(matter)))


def _about(matter: Matter) -> tuple[Any, ...]:
    return (
        and_(
            BillFetch.source == matter.source,
            BillFetch.kind == matter.kind,
            BillFetch.account == matter.account,
            BillFetch.day == matter.day,
        ),
    )
