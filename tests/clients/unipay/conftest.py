"""A running platform, one merchant of it, and orders that payers have opened."""

from datetime import timedelta
from typing import Any

import pytest
import requests

from app.kit import clock
from tests.vendors import HANG, Vendors, _vendor_server, patience, vendors  # noqa: F401 - fixtures

NO, REFUND = "A26112200001AA", "R26112200001AA"


class Desk:
    """The merchant's side; `meets` makes the next call of a kind go wrong."""

    def __init__(self, vendors: Vendors) -> None:  # noqa: F811
        self.vendors, self.pay_platform = vendors, vendors.unipay()
        self.sender = self.pay_platform
        self.began = clock.now()  # the same order runs out at the same second whenever it is asked for

    def url(self, order_no: str = NO, fen: int = 1_000, minutes: float = 30, **changes: Any) -> str:
        given = {
            "order_no": order_no,
            "description": "电费 3号楼512 & 公摊=a",
            "fen": fen,
            "payer_ref": "17",
            "expires_at": self.began + timedelta(minutes=minutes),
            "notify_url": "http://127.0.0.1:9/callbacks/unipay/UP01",
            "return_url": "http://127.0.0.1:9/m/pay/ord_1/result?a=1&b=2",
        }
        return self.pay_platform.cashier_url(**{**given, **changes})

    def opened(self, order_no: str = NO, **given: Any) -> None:
        answer = requests.get(self.url(order_no, **given), timeout=10)
        assert answer.status_code == 200, answer.text

    def paid(self, order_no: str = NO, **given: Any) -> None:
        self.vendors.post("/_sim/unipay/pay", {"url": self.url(order_no, **given)})

    def meets(self, op: str, fault: str) -> None:
        """The next call of this kind fails, and who sends it knows when to give up."""
        self.sender = self.vendors.unipay(**patience(fault))
        self.vendors.fault("unipay", fault, op=op, delay=HANG)

    def refund(self, fen: int = 400, refund_no: str = REFUND, **changes: Any) -> Any:
        given = {
            "refund_no": refund_no,
            "order_no": NO,
            "fen": fen,
            "total_fen": 1_000,
            "reason": "宿舍已退费",
        }
        return self.sender.refund(**{**given, **changes})

    def refunds(self) -> list[Any]:
        return list(self.vendors.get("/_sim/unipay/orders", order_no=NO)["refunds"])


@pytest.fixture
def desk(vendors: Vendors) -> Desk:  # noqa: F811
    return Desk(vendors)
