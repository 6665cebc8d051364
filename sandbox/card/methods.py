"""The methods of both doors: our name, the word around request and answer, what it does."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sandbox.card import electricity, operations
from sandbox.card.operations import Bank
from sandbox.machine import Call, Refusal, Trouble


class Method(NamedTuple):
    op: str
    root: str
    work: Callable[[Bank, Mapping[str, Any], Trouble], dict[str, Any]]


READS = {
    "synjones.onecard.query.card": Method("account", "query_card", operations.query_card),
    "synjones.onecard.query.applist": Method("tree", "query_applist", electricity.apps),
    "synjones.onecard.query.elec.area": Method("tree", "query_elec_area", electricity.areas),
    "synjones.onecard.query.elec.building": Method("tree", "query_elec_building", electricity.buildings),
    "synjones.onecard.query.elec.roominfo": Method("reading", "query_elec_roominfo", electricity.room_info),
}
"""What anybody may ask, over Tsm.html too."""

METHODS = READS | {
    "sim.onecard.debit": Method("debit", "debit", operations.debit),
    "sim.onecard.refund": Method("refund", "refund", operations.refund),
    "sim.onecard.query.order": Method("query", "query_order", operations.query_order),
    "sim.onecard.query.turnover": Method("turnover", "query_turnover", operations.turnover),
    "sim.onecard.query.flow": Method("flow", "query_flow", operations.flow),
    "sim.elec.topup": Method("top_up", "elec_topup", electricity.top_up),
    "sim.elec.query.order": Method("query_top_up", "elec_query_order", electricity.query),
    "sim.statement": Method("statement", "statement", operations.statement_of),
}


def call_of(name: str, method: Method, given: Mapping[str, Any]) -> Call:
    """What a fault may be scoped by."""
    building, room = given.get("building"), given.get("room")
    key = f"{building.get('buildingid')}-{room.get('roomid')}" if building and room else ""
    return Call(
        op=method.op,
        wire=name,
        room=key,
        order_no=str(given.get("refundno") or given.get("orderno") or ""),
        account=str(given.get("account") or given.get("id") or ""),
    )


def worked(bank: Bank, method: Method, given: Mapping[str, Any], trouble: Trouble) -> dict[str, Any]:
    try:
        return method.work(bank, given, trouble)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Refusal("bad_request") from None
