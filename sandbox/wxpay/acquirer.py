"""What every part of WeChat Pay works with, and how it says no."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, cast

from flask import current_app

from sandbox.config import Config
from sandbox.knobs import Knobs
from sandbox.store import Row, Store
from sandbox.wxpay.faults import Faults
from sandbox.wxpay.keys import Keys, Lazy

if TYPE_CHECKING:
    from sandbox.wxpay.notices import Notifier

CHINA = timezone(timedelta(hours=8))
FAULT_KINDS = {
    "notify": "lost dup late before_response reorder wrong_amount wrong_appid wrong_mchid bad_sig "
    "signtest stale_ts unknown_serial slow_body",
    "api": "timeout_before_commit timeout_after_commit 500 500_after_commit 429 bad_resp_sig signtest "
    "partial_json unsigned",
    "refund": "abnormal closed processing_forever not_enough success_then_abnormal",
    "bill": "missing_line extra_line dup_line amount status total_mismatch truncated bad_hash "
    "old_header reordered_columns creating none no_bom shift_day expired",
    "fund": "fee_diff missing_settlement",
}
FAULTS = frozenset(f"{kind}.{name}" for kind, names in FAULT_KINDS.items() for name in names.split())


class Refusal(Exception):
    """An answer 4xx."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status, code, message)
        self.status, self.code, self.message = status, code, message


@dataclass
class Acquirer:
    config: Config
    store: Store
    knobs: Knobs
    lazy_keys: Lazy
    faults: Faults
    notifier: Notifier = None  # type: ignore[assignment] # made from this object

    @property
    def keys(self) -> Keys:
        return self.lazy_keys.get()

    def now(self) -> float:
        """WeChat Pay's clock, which may differ even from WeChat's."""
        return self.store.now() + float(self.knobs["wxpay_clock_skew"])

    def merchant(self, mchid: str) -> Row:
        row = self.store.one("SELECT * FROM wxpay_merchants WHERE mchid = ?", (mchid,))
        if row is None:
            raise Refusal(400, "MCH_NOT_EXISTS", "商户号不存在")
        return row

    def order(self, mchid: str, order_no: str) -> Row | None:
        """The order, closed by itself after seven days."""
        row = self.store.one("SELECT * FROM wxpay_orders WHERE mchid = ? AND order_no = ?", (mchid, order_no))
        if row and row["state"] == "NOTPAY" and self.now() > row["created"] + 7 * 86400:
            self.set_order(row, state="CLOSED", closed=row["created"] + 7 * 86400)
            row = {**row, "state": "CLOSED"}
        return row

    def order_by_number(self, order_no: str) -> Row | None:
        """For the controls, which need not name the merchant."""
        mchid = self.store.value("SELECT mchid FROM wxpay_orders WHERE order_no = ?", (order_no,))
        return self.order(mchid, order_no) if mchid else None

    def set_order(self, order: Row, **changes: object) -> None:
        names = ", ".join(f"{name} = ?" for name in changes)
        self.store.run(
            f"UPDATE wxpay_orders SET {names} WHERE mchid = ? AND order_no = ?",  # noqa: S608
            [*changes.values(), order["mchid"], order["order_no"]],
        )

    def payments(self, order: Row) -> list[Row]:
        return self.store.all(
            "SELECT * FROM wxpay_payments WHERE mchid = ? AND order_no = ? ORDER BY at, transaction_id",
            (order["mchid"], order["order_no"]),
        )


def acquirer() -> Acquirer:
    """Of the current application."""
    return cast("Acquirer", current_app.extensions["wxpay"])


def rfc3339(at: float) -> str:
    return datetime.fromtimestamp(int(at), CHINA).isoformat()


def number(prefix: str, at: float, digits: int) -> str:
    """`prefix`, the day, and random digits, as WeChat's own numbers look."""
    day = datetime.fromtimestamp(at, CHINA).strftime("%Y%m%d")
    return f"{prefix}{day}{secrets.randbelow(10**digits):0{digits}}"


def yuan(fen: int, decimals: int = 2) -> str:
    sign, whole, rest = "-" if fen < 0 else "", abs(fen) // 100, abs(fen) % 100
    return f"{sign}{whole}.{rest:02}{'0' * (decimals - 2)}"
