"""From entries of the ledger to vouchers: what is new is tied to a voucher, and its lines are summed by rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.payments.errors import VoucherRuleMissing
from app.payments.exporters.texts import filled
from app.payments.models import CHANNEL_NAMES, Channel, FeeItem, Side, Voucher, VoucherEntry, VoucherLine
from app.payments.service.vouchers import statements as sql
from app.payments.service.vouchers.periods import Period, refuse_open
from app.platform.audit import service as audit
from app.platform.directory import queries as directory

SUMMARY_WIDTH = 60


def make_vouchers(session: Session, *, by: Caller | None, period: Period) -> int:
    """All entries of the period that are in no voucher yet; returns how many vouchers it has now.

    Again and again gives the same: drafts are made anew under their numbers, everything else stays, and what
    came late for it goes into a voucher of the next sequence. One at a time. Raises PeriodNotOver, DayStillOpen,
    VoucherRuleMissing.
    """
    refuse_open(session, period)
    session.execute(text("LOCK TABLE payments_vouchers IN SHARE ROW EXCLUSIVE MODE"))
    session.execute(text("LOCK TABLE payments_voucher_rules IN SHARE MODE"))
    span = {"period": period.text, "first": period.first, "last": period.last}
    _empty_drafts(session, period)
    _refuse_without_rule(session, span)
    session.execute(
        sql.NEW_VOUCHERS,
        span
        | {
            "by_id": by.person_id if by else None,
            "now": clock.now(),
            "regular_on": period.last,
            "late_on": _late_on(period),
        },
    )
    session.execute(sql.TIE, span)
    _write_lines(session, period)
    audit.record(
        session, by=by, action="payments.make_vouchers", object_type="voucher_period", object_id=period.text
    )
    return int(
        session.scalar(select(func.count()).select_from(Voucher).where(Voucher.period == period.text)) or 0
    )


def _late_on(period: Period) -> date:
    """What is booked after its month is over belongs to the month in which it is booked."""
    today = clock.today()
    return period.last if (today.year, today.month) == (period.last.year, period.last.month) else today


def _empty_drafts(session: Session, period: Period) -> None:
    drafts = select(Voucher.id).where(Voucher.period == period.text, Voucher.status == "draft")
    for table in (VoucherLine, VoucherEntry):
        session.execute(
            delete(table)
            .where(table.voucher_id.in_(drafts.scalar_subquery()))
            .execution_options(synchronize_session=False)
        )


def _refuse_without_rule(session: Session, span: Mapping[str, Any]) -> None:
    row = session.execute(sql.WITHOUT_RULE, span).first()
    if row is not None:
        movement = f"{row.debit_of} ← {row.credit_of}"
        raise VoucherRuleMissing(movement=movement, item=row.fee_title or "—", day=row.business_on)


@dataclass(frozen=True)
class _Line:
    side: str
    account: str
    debit_fen: int
    credit_fen: int
    summary: str
    department: str
    department_name: str
    project: str
    partner: str


def _write_lines(session: Session, period: Period) -> None:
    """Sums by rule, then by account and 辅助核算; drafts of which nothing is left go."""
    by_voucher: dict[int, list[AnyRow]] = {}
    for row in session.execute(sql.SUMS, {"period": period.text}):
        by_voucher.setdefault(row.voucher_id, []).append(row)
    known = _Names(session, [rows[0] for rows in by_voucher.values()])
    lines: list[dict[str, Any]] = []
    for voucher_id, rows in by_voucher.items():
        made = _lines(rows, known.fields(rows[0]), known)
        lines += [{"voucher_id": voucher_id, "no": no, **vars(line)} for no, line in enumerate(made, start=1)]
    if lines:
        session.execute(insert(VoucherLine), lines)
    session.execute(sql.DROP_EMPTY, {"period": period.text})
    session.execute(sql.TOTALS, {"period": period.text})


class _Names:
    """What the texts of rules may name, of the vouchers at hand."""

    def __init__(self, session: Session, rows: list[AnyRow]) -> None:
        wanted = {row.fee_item_id for row in rows} - {None}
        self._items = {
            one.id: one
            for one in session.execute(
                select(FeeItem.id, FeeItem.code, FeeItem.title).where(FeeItem.id.in_(wanted))
            )
        }
        self._units = directory.org_units(session, {row.unit_id for row in rows} - {None})

    def fields(self, row: AnyRow) -> dict[str, Any]:
        item, unit = self._items.get(row.fee_item_id), self._units.get(row.unit_id)
        is_known = row.channel in {str(one) for one in Channel}
        return {
            "period": row.period,
            "year": f"{row.voucher_on:%Y}",
            "month": f"{row.voucher_on:%m}",
            "day": row.voucher_on,
            "kind": row.kind,
            "fee_code": item.code if item else "",
            "fee_title": item.title if item else "",
            "unit_code": unit.code if unit else "",
            "unit_name": unit.name if unit else "",
            "channel": row.channel,
            "channel_name": CHANNEL_NAMES[Channel(row.channel)] if is_known else row.channel,
            "merchant_no": row.merchant_no,
            "number": row.number,
            "sequence": row.sequence,
        }


def _lines(rows: list[AnyRow], fields: dict[str, Any], known: _Names) -> list[_Line]:
    """Financial before budget, debit before credit; several movements onto one account are one line."""
    sums: dict[tuple[Any, ...], int] = {}
    counts: dict[tuple[Any, ...], int] = {}
    for row in rows:
        halves = [(row.debit, row.debit_aux, True), (row.credit, row.credit_aux, False)]
        for account, aux, is_debit in halves:
            key = (
                row.side != Side.FINANCIAL,
                is_debit == row.is_reversed,
                account,
                tuple(sorted(aux.items())),
                row.summary,
            )
            sums[key] = sums.get(key, 0) + int(row.fen)
            counts[key] = counts.get(key, 0) + int(row.entries)
    return [_line(key, sums[key], fields | {"count": counts[key]}) for key in sorted(sums)]


def _line(key: tuple[Any, ...], fen: int, fields: dict[str, Any]) -> _Line:
    is_budget, is_credit, account, aux, summary = key
    texts = {name: filled(given, fields) for name, given in aux}
    department = texts.get("department", "")
    return _Line(
        side=str(Side.BUDGET if is_budget else Side.FINANCIAL),
        account=account,
        debit_fen=0 if is_credit else fen,
        credit_fen=fen if is_credit else 0,
        summary=plain(filled(summary, fields))[:SUMMARY_WIDTH],
        department=department,
        department_name=fields["unit_name"] if department == fields["unit_code"] else "",
        project=texts.get("project", ""),
        partner=texts.get("partner", ""),
    )


_BREAKERS = str.maketrans(',";\t', "，”； ")


def plain(words: str) -> str:
    """Without what would break a line of a file: separators, quotes, line ends."""
    return " ".join(words.translate(_BREAKERS).split())
