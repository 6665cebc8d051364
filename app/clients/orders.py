"""What holds for orders at every vendor: what may be sent, and how to read a question about one."""

import re
from collections.abc import Callable
from typing import TypeVar

from app.clients.vendor import BadReply, NoSuchOrder, Refused

T = TypeVar("T")

_ORDER_NO = re.compile(r"[0-9A-Z]+")


def check_order(order_no: str, longest: int, fen: int, least: int, most: int, step: int = 1) -> None:
    """Raises Refused before anything is sent: such an order can never go through."""
    if not _ORDER_NO.fullmatch(order_no) or len(order_no) > longest:
        raise Refused("bad_order_no")
    if not isinstance(fen, int) or not least <= fen <= most or fen % step:
        raise Refused("bad_amount")


def asked_about(ask: Callable[[], T], not_found: T) -> T:
    """The answer about an order. "No such order" is one; another refusal says nothing about it: BadReply."""
    try:
        return ask()
    except NoSuchOrder:
        return not_found
    except Refused as error:
        failure = BadReply(error.code, error.said, call=error.call)
    raise failure
