"""A page of the card centre's flow against the place where we are: what is new of it, or why it does not go on."""

import hashlib
from typing import Any

from app.clients.card.protocol import FlowLine, FlowPage
from app.clients.statement import SORTS, StatementRow
from app.payments.service.card_flows import News, Place


class FlowBroken(Exception):
    """`problem`: gap, reset (it counts from the start again) or changed (what was read before is another line)."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


def news(at: Place, page: FlowPage) -> News:
    """Raises FlowBroken."""
    new = following(at, page)
    cursor = new[-1].no if new else at.cursor
    return News(
        cursor=cursor,
        anchor=digest(new[-1]) if new else at.anchor,
        is_end=cursor >= page.last,
        lines=[_row(line.no, line.told, line.movement) for line in new if line.movement],
    )


def following(at: Place, page: FlowPage) -> list[FlowLine]:
    """What comes after the cursor, in order, each number once; none missing in between. Raises FlowBroken."""
    if page.last < at.cursor:
        raise FlowBroken("reset")
    lines: dict[int, FlowLine] = {}
    for line in page.lines:
        if lines.setdefault(line.no, line).told != line.told:
            raise FlowBroken("changed")
    known = lines.get(at.cursor)
    if at.anchor and known and digest(known) != at.anchor:
        raise FlowBroken("changed")
    new = sorted((line for line in lines.values() if line.no > at.cursor), key=lambda line: line.no)
    is_whole = [line.no for line in new] == list(range(at.cursor + 1, at.cursor + 1 + len(new)))
    if not is_whole or (at.anchor and not known) or (not new and page.last > at.cursor):
        raise FlowBroken("gap")
    return new


def digest(line: FlowLine) -> str:
    return hashlib.sha256(line.told.encode()).hexdigest()


def _row(no: int, told: str, movement: StatementRow) -> dict[str, Any]:
    return {
        "no": no,
        "day": movement.biz_date,
        "sort": SORTS[movement.kind],
        "at": movement.at,
        "reference": movement.vendor_ref,
        "number": movement.order_no,
        "key": movement.key,
        "fen": movement.fen,
        "told": told,
    }
