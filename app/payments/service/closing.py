"""日结: a day whose every fen is explained is signed and closed."""

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.kit import clock, db, outbox
from app.kit.caller import Caller
from app.payments.errors import DayClosed, DayNotExplained
from app.payments.events import DayWasClosed
from app.payments.models import Bill, BillStatus, Day, Difference, DifferenceStatus
from app.payments.service import settling
from app.payments.service.reconciling import BY_NET, Report, reconcile
from app.payments.service.reconciling.places import Deliveries
from app.platform.audit import service as audit

OURS = ("lines", "fen", "matched", "matched_fen", "explained_fen", "entries", "our_fen", "our_matched_fen")


def close_day(
    session: Session,
    *,
    by: Caller | None,
    day: date,
    deliveries: Deliveries = (),
    meters: Sequence[str] = (),
    settled: Sequence[str] = BY_NET,
) -> dict[str, Any]:
    """Run the day once more and, when all of it is explained, sign it. `by` None: it closes itself.

    By itself only a day without any difference is closed. Returns the certificate. Raises DayNotExplained, DayClosed,
    and what `reconcile` raises.
    """
    if session.scalar(select(Day.status).where(Day.day == day)) == "closed":
        raise DayClosed()
    report = reconcile(
        session,
        day=day,
        by_id=by.person_id if by else None,
        deliveries=deliveries,
        meters=meters,
        settled=settled,
    )
    differences = _differences(session, day)
    if not report.is_explained or (by is None and differences):
        raise DayNotExplained(live=report.live or len(differences), missing=len(report.missing))
    settling.book_day(session, day)
    certificate = _certificate(session, report, differences, by)
    closed = db.rows_changed(
        session,
        update(Day)
        .where(Day.day == day, Day.status == "open")
        .values(
            status="closed",
            closed_at=clock.now(),
            closed_by_id=by.person_id if by else None,
            certificate=certificate,
        )
        .execution_options(synchronize_session=False),
    )
    if closed != 1:
        raise DayClosed()
    audit.record(session, by=by, action="payments.close_day", object_type="day", object_id=day.toordinal())
    outbox.emit(session, DayWasClosed(day.isoformat()))
    return certificate


def fingerprint(certificate: dict[str, Any]) -> str:
    """SHA-256 of all of it but itself, as it was signed."""
    signed = {name: value for name, value in certificate.items() if name != "fingerprint"}
    text = json.dumps(signed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _certificate(
    session: Session, report: Report, differences: list[dict[str, Any]], by: Caller | None
) -> dict[str, Any]:
    made = {
        "number": f"RJ{report.day:%Y%m%d}",
        "day": report.day.isoformat(),
        "run": report.run_id,
        "closed_at": clock.now().isoformat(),
        "closed_by_id": by.person_id if by else None,
        "accounts": [_account(one) for one in report.accounts],
        "bills": _bills(session, report.day),
        "differences": differences,
    }
    return made | {"fingerprint": fingerprint(made)}


def _account(one: Any) -> dict[str, Any]:
    named = {"source": one.source, "kind": one.kind, "account": one.account}
    return named | {name: getattr(one, name) for name in OURS}


def _bills(session: Session, day: date) -> list[dict[str, Any]]:
    stmt = (
        select(
            Bill.public_id,
            Bill.source,
            Bill.kind,
            Bill.account,
            Bill.version,
            Bill.is_empty,
            Bill.sha256,
            Bill.lines,
            Bill.in_fen,
            Bill.out_fen,
            Bill.fee_e5,
        )
        .where(Bill.day == day, Bill.status == BillStatus.CURRENT)
        .order_by(Bill.source, Bill.kind, Bill.account)
    )
    return [db.as_dict(row) for row in session.execute(stmt)]


def _differences(session: Session, day: date) -> list[dict[str, Any]]:
    """Those of the day, and those that came after it was closed; what healed was none."""
    stmt = (
        select(
            Difference.number,
            Difference.source,
            Difference.account,
            Difference.kind,
            Difference.fen,
            Difference.status,
            Difference.action,
            Difference.owner_id,
            Difference.proposed_by_id,
            Difference.decided_by_id,
        )
        .where(
            or_(Difference.day == day, Difference.facts["closed_day"].astext == day.isoformat()),
            Difference.status != DifferenceStatus.HEALED,
        )
        .order_by(Difference.id)
    )
    return [db.as_dict(row) for row in session.execute(stmt)]
