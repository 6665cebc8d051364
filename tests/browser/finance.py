"""The finance office of the browser tests: `python -m tests.browser.finance people`, `stranger`, `hand ORDER FEN TOTAL`.

`people` are 钱 who prepares and 孙 who checks, with sessions, and the accountant's rules. `stranger` is another system
that shares our merchant number: an order we never heard of. `hand` refunds part of an order on the channel's own site.
Each in a process of its own, with the stage's environment, through the real client.
"""

import json
import sys
from datetime import timedelta
from typing import Any

from app.factory import create_app
from app.kit import clock, db
from app.platform.directory import queries as directory
from app.platform.identity import service as identity
from dev.seed import electricity
from tests.chaos.seed import OPENIDS, sign_in
from tests.make import add_member

STRANGE, BY_HAND = "HQ20261126000001", "SHOUGONG0001"
ELSEWHERE = "http://127.0.0.1:9/notices"
"""Whoever asked gets its notices, not we; nobody listens there."""


def main(what: str, *words: str) -> Any:
    app = create_app()
    return {"people": people, "stranger": stranger, "hand": by_hand}[what](app, *words)


def people(app: Any) -> list[dict[str, Any]]:
    with db.unit_of_work() as session:
        unit = directory.find_org_unit(session, "WXZX")
        assert unit is not None
        electricity.load_voucher_rules(session)
        found = []
        for name, number, role in (
            ("钱慧", "T0005", "payments.cashier"),
            ("孙立", "T0004", "payments.reviewer"),
        ):
            person = add_member(session, name, number, "staff", unit.id)
            identity.grant_role(session, by=None, person_id=person, role=role)
            found.append(sign_in(app, session, person, "desk"))
        return found


def stranger(app: Any) -> str:
    merchant = _merchant(app)
    merchant.prepay_jsapi(
        order_no=STRANGE,
        description="图书馆复印",
        fen=1_230,
        openid=OPENIDS["T0001"],
        expires_at=clock.now() + timedelta(hours=1),
        notify_url=ELSEWHERE,
    )
    return STRANGE


def by_hand(app: Any, order_no: str, fen: str, total: str) -> str:
    _merchant(app).refund(
        refund_no=BY_HAND,
        order_no=order_no,
        fen=int(fen),
        total_fen=int(total),
        reason="窗口手工退款",
        notify_url=ELSEWHERE,
    )
    return BY_HAND


def _merchant(app: Any) -> Any:
    return app.extensions["clients"].wxpay[electricity.MERCHANTS["wechat"]]


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))  # noqa: T201
