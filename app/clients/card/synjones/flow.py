"""A page of the card centre's flow, as the gateway tells it. The names are the sandbox's, see `card.py`."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.clients.card.protocol import FlowLine, FlowPage
from app.clients.statement import KINDS, StatementRow
from app.kit import clock


def read_flow(answer: Mapping[str, Any], merchant: str) -> FlowPage:
    """Raises what reading raises: a page with fewer lines than it says, or with a line of ours that makes no sense."""
    rows = answer["rows"]
    if not isinstance(rows, list) or int(answer["count"]) > len(rows):
        raise ValueError("cut off")
    return FlowPage(tuple(_line(row, merchant) for row in rows), last=_number(answer["last"]))


def _line(row: Mapping[str, Any], merchant: str) -> FlowLine:
    told = json.dumps(row, ensure_ascii=False, sort_keys=True)
    return FlowLine(
        _number(row["centerno"]), told, _movement(row) if _text(row["merchant"]) == merchant else None
    )


def _movement(row: Mapping[str, Any]) -> StatementRow:
    if row["type"] not in KINDS:
        raise ValueError("not a movement")
    return StatementRow(
        vendor_ref=_text(row["journo"]),
        order_no=row["orderno"] or None,
        biz_date=_moment(row["bizdate"], "%Y%m%d").date(),
        at=_moment(row["time"], "%Y-%m-%d %H:%M:%S"),
        kind=row["type"],
        key=_text(row["account"]),
        meter="",
        fen=int(row["amt"]),
        status="1",
    )


def _number(text: Any) -> int:
    number = int(text)
    if number < 0:
        raise ValueError("not a number of the flow")
    return number


def _moment(text: str, form: str) -> datetime:
    return datetime.strptime(text, form).replace(tzinfo=clock.SHANGHAI)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("empty")
    return value
