"""Files of vouchers. A voucher goes out once in each format; a file stays as it was for ever."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.payments.errors import FormatUnknown, NothingToExport
from app.payments.exporters import Line, Sheet, ending, write
from app.payments.models import (
    Voucher,
    VoucherExport,
    VoucherExported,
    VoucherFormat,
    VoucherLine,
    VoucherStatus,
)
from app.payments.service.vouchers.making import make_vouchers
from app.payments.service.vouchers.periods import Period
from app.platform.audit import service as audit


@dataclass(frozen=True)
class ExportFile:
    """`no` counts the files of a period and format; `is_new` tells the first time from a repetition."""

    name: str
    content: bytes
    no: int
    vouchers: int
    is_new: bool


def export_period(
    session: Session, *, by: Caller | None, period: Period, format_key: str, no: int | None = None
) -> ExportFile:
    """What has not gone out in this format; when all has, the last file again, byte for byte.

    With `no` that file of the period again. Vouchers that the finance system got by push are not in files.
    Raises PeriodNotOver, DayStillOpen, FormatUnknown, NothingToExport, VoucherRuleMissing, FormatUnfit.
    """
    settings = session.scalar(select(VoucherFormat.settings).where(VoucherFormat.key == format_key))
    if settings is None:
        raise FormatUnknown(key=format_key)
    if no is not None:
        return _known(session, period, format_key, no)
    make_vouchers(session, by=by, period=period)
    ids = _waiting(session, period, format_key)
    if not ids:
        return _known(session, period, format_key, None)
    made = _File(session, period, format_key)
    content = write(settings, sheets_of(session, ids))
    audit.record(
        session, by=by, action="payments.export_vouchers", object_type="voucher_period", object_id=period.text
    )
    return made.keep(content, f"凭证_{period.text}_{made.no}.{ending(settings)}", ids, by)


def _waiting(session: Session, period: Period, format_key: str) -> list[int]:
    gone = select(VoucherExported.voucher_id).where(VoucherExported.format == format_key)
    return list(
        session.scalars(
            select(Voucher.id)
            .where(
                Voucher.period == period.text,
                Voucher.status.in_((VoucherStatus.DRAFT, VoucherStatus.EXPORTED)),
                Voucher.id.not_in(gone),
            )
            .order_by(Voucher.number)
        )
    )


def _known(session: Session, period: Period, format_key: str, no: int | None) -> ExportFile:
    """Raises NothingToExport."""
    found = (
        select(VoucherExport.file_name, VoucherExport.content, VoucherExport.no, VoucherExport.vouchers)
        .where(VoucherExport.period == period.text, VoucherExport.format == format_key)
        .order_by(VoucherExport.no.desc())
        .limit(1)
    )
    row = session.execute(found if no is None else found.where(VoucherExport.no == no)).first()
    if row is None:
        raise NothingToExport(period=period.text)
    return ExportFile(row.file_name, row.content, row.no, row.vouchers, is_new=False)


def sheets_of(session: Session, ids: Sequence[int]) -> list[Sheet]:
    """In the order of their numbers, each with its lines."""
    lines: dict[int, list[Line]] = {}
    columns = [getattr(VoucherLine, name) for name in Line.__dataclass_fields__]
    for row in session.execute(
        select(VoucherLine.voucher_id, *columns)
        .where(VoucherLine.voucher_id.in_(ids))
        .order_by(VoucherLine.voucher_id, VoucherLine.no)
    ):
        lines.setdefault(row.voucher_id, []).append(Line(*row[1:]))
    heads = session.execute(
        select(Voucher.id, Voucher.number, Voucher.voucher_on, Voucher.period)
        .where(Voucher.id.in_(ids))
        .order_by(Voucher.number)
    )
    return [Sheet(row.number, row.voucher_on, row.period, tuple(lines.get(row.id, ()))) for row in heads]


class _File:
    """The next file of a period and format. `make_vouchers` has seen to it that nobody else makes one."""

    def __init__(self, session: Session, period: Period, format_key: str) -> None:
        self._session, self._period, self._format = session, period, format_key
        last = session.scalar(
            select(func.max(VoucherExport.no)).where(
                VoucherExport.period == period.text, VoucherExport.format == format_key
            )
        )
        self.no = int(last or 0) + 1

    def keep(self, content: bytes, name: str, ids: Sequence[int], by: Caller | None) -> ExportFile:
        now = clock.now()
        export_id = self._session.scalar(
            insert(VoucherExport)
            .values(
                period=self._period.text,
                format=self._format,
                no=self.no,
                file_name=name,
                content=content,
                sha256=hashlib.sha256(content).hexdigest(),
                vouchers=len(ids),
                made_by_id=by.person_id if by else None,
                made_at=now,
            )
            .returning(VoucherExport.id)
        )
        self._session.execute(
            insert(VoucherExported),
            [{"voucher_id": one, "format": self._format, "export_id": export_id} for one in ids],
        )
        self._session.execute(
            update(Voucher)
            .where(Voucher.id.in_(ids), Voucher.status == VoucherStatus.DRAFT)
            .values(status=VoucherStatus.EXPORTED, exported_at=now)
            .execution_options(synchronize_session=False)
        )
        return ExportFile(name, content, self.no, len(ids), is_new=True)
