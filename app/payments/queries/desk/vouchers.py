"""Vouchers and the files they went out in, as the desk lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.i18n import N_
from app.kit.paging import Key, Page, page
from app.payments.errors import VoucherNotFound
from app.payments.models import (
    FeeItem,
    Voucher,
    VoucherExport,
    VoucherFormat,
    VoucherLine,
    VoucherRule,
    VoucherStatus,
)
from app.platform.directory import queries as directory

S = VoucherStatus
VIEWS = {
    "all": (N_("全部"), ()),
    "draft": (N_("草稿"), (S.DRAFT,)),
    "exported": (N_("已导出"), (S.EXPORTED,)),
    "sending": (N_("推送中"), (S.SENDING,)),
    "accepted": (N_("已入账"), (S.ACCEPTED,)),
    "refused": (N_("被退回"), (S.REFUSED,)),
}
_LIST = select(Voucher.__table__, FeeItem.title.label("item_title")).outerjoin(
    FeeItem, FeeItem.id == Voucher.fee_item_id
)


def vouchers(
    session: Session, *, period: str = "", view: str = "all", cursor: str | None = None, limit: int = 50
) -> Page[AnyRow]:
    """The newest first."""
    stmt = _LIST
    statuses = VIEWS.get(view, VIEWS["all"])[1]
    if period:
        stmt = stmt.where(Voucher.period.startswith(period, autoescape=True))
    if statuses:
        stmt = stmt.where(Voucher.status.in_([str(status) for status in statuses]))
    keys = [Key("id", Voucher.id, descending=True)]
    return page(session, stmt, keys=keys, cursor=cursor, limit=limit)


def counts(session: Session, period: str = "") -> dict[str, int]:
    stmt = select(Voucher.status, func.count()).group_by(Voucher.status)
    if period:
        stmt = stmt.where(Voucher.period.startswith(period, autoescape=True))
    found = {str(status): int(count) for status, count in session.execute(stmt)}
    return {
        view: sum(found.get(str(one), 0) for one in statuses)
        for view, (_, statuses) in VIEWS.items()
        if statuses
    }


def vouchers_refused(session: Session, caller: Caller) -> int:
    """What waits for a person: the live figure of the rail."""
    return int(
        session.scalar(select(func.count()).select_from(Voucher).where(Voucher.status == S.REFUSED)) or 0
    )


def unit_names(session: Session, rows: list[AnyRow]) -> dict[int, str]:
    ids = {row.unit_id for row in rows} - {None}
    return {unit_id: unit.name for unit_id, unit in directory.org_units(session, ids).items()}


@dataclass(frozen=True)
class VoucherFile:
    """One voucher with its lines and who made it."""

    voucher: AnyRow
    lines: list[AnyRow]
    unit_name: str
    people: Mapping[int, directory.PersonBrief]


def voucher_file(session: Session, number: str) -> VoucherFile:
    """Raises VoucherNotFound."""
    row = session.execute(_LIST.where(Voucher.number == number)).first()
    if row is None:
        raise VoucherNotFound()
    lines = session.execute(
        select(VoucherLine.__table__).where(VoucherLine.voucher_id == row.id).order_by(VoucherLine.no)
    ).all()
    people = directory.people(session, [row.made_by_id] if row.made_by_id else [])
    return VoucherFile(row, list(lines), unit_names(session, [row]).get(row.unit_id, ""), people)


def formats(session: Session) -> list[tuple[str, str]]:
    rows = session.execute(select(VoucherFormat.key, VoucherFormat.title).order_by(VoucherFormat.key.desc()))
    return [(row.key, row.title) for row in rows]


def exports(session: Session, period: str) -> list[AnyRow]:
    """Files of a period, the newest first, without their contents."""
    names = ("id", "period", "format", "no", "file_name", "vouchers", "sha256", "made_at")
    return list(
        session.execute(
            select(*(getattr(VoucherExport, name) for name in names))
            .where(VoucherExport.period == period)
            .order_by(VoucherExport.id.desc())
        )
    )


def export_content(session: Session, export_id: int) -> AnyRow:
    """Raises VoucherNotFound."""
    row = session.execute(
        select(VoucherExport.file_name, VoucherExport.content).where(VoucherExport.id == export_id)
    ).first()
    if row is None:
        raise VoucherNotFound()
    return row


def rules(session: Session) -> list[AnyRow]:
    """All of them, of each movement in the order in which they win."""
    columns: list[Any] = [VoucherRule.__table__, FeeItem.title.label("item_title")]
    return list(
        session.execute(
            select(*columns)
            .outerjoin(FeeItem, FeeItem.id == VoucherRule.fee_item_id)
            .order_by(
                VoucherRule.debit_of,
                VoucherRule.credit_of,
                VoucherRule.side.desc(),
                VoucherRule.fee_item_id.nulls_last(),
                VoucherRule.channel.nulls_last(),
                VoucherRule.valid_from.desc(),
            )
        )
    )
