"""The same top-up written by hand on psycopg and cryptography: no ORM, no layers, no errors, no logs."""

import base64
import json
import secrets
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from sqlalchemy import make_url

from benchmarks.pay_sql import (
    CALL,
    CLAIM,
    DUE,
    END_CALL,
    EVENT,
    FULFIL,
    FULFILMENT_OF,
    HELD,
    HELD_ROW,
    INSERT_ATTEMPT,
    INSERT_ORDER,
    ITEM,
    KNOWN,
    LIVE_ORDER,
    LIVE_TASKS,
    LOCK_ORDER,
    LOOK,
    MERCHANT,
    MOVE,
    ORDER,
    OUTBOX,
    PAID_ATTEMPT,
    PAID_ORDER,
    PAYMENT,
    POST,
)
from tests.chaos.stage import Stage

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LEASE = timedelta(seconds=90)


def random_text(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


class Cycle:
    def __init__(self, stage: Stage, people: dict[str, int]) -> None:
        url = make_url(stage.environment["DATABASE_URL"]).set(drivername="postgresql")
        self.connection = psycopg.connect(
            url.render_as_string(hide_password=False), row_factory=dict_row, options="-c jit=off"
        )
        told = json.loads((stage.folder / "vendors.json").read_text("utf-8"))["wxpay"]["1699900001"]
        self.keys = {
            ident: load_pem_public_key(pem.encode())
            for ident, pem in told["public_keys"].items()
            if ident.startswith("PUB_KEY_ID")
        }
        self.cipher = AESGCM(told["api_v3_key"].encode())
        self.offset = timedelta(seconds=float((stage.folder / "clock").read_text()))
        self.person, self.numbers = people["li"], count()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def order(self, fen: int) -> str:
        now = self.now()
        given: dict[str, Any] = {
            "code": "electricity",
            "subject": f"floor:{next(self.numbers)}",
            "public_id": f"ord_{random_text(20).lower()}",
            "number": f"W{now:%y%m%d}{random_text(7)}",
            "attempt": f"A{now:%y%m%d}{random_text(7)}",
            "person": self.person,
            "fen": fen,
            "title": "电费 3号楼512",
            "facts": Jsonb([["房间", "3号楼 512"]]),
            "now": now,
            "expires": now + timedelta(minutes=30),
            "check": now + timedelta(seconds=30),
        }
        run = self.connection.execute
        with self.connection.transaction():
            item = run(ITEM, given).fetchone()
            assert item is not None
            given |= {"item": item["id"], "service": item["service_key"]}
            run(LIVE_ORDER, given).fetchone()
            order = run(INSERT_ORDER, given).fetchone()
        assert order is not None
        given["order"] = self.order_id = order["id"]
        with self.connection.transaction():
            run(LOCK_ORDER, given).fetchone()
            merchant = run(MERCHANT, given).fetchone()
            assert merchant is not None
            given["merchant"] = merchant["merchant_no"]
            run(INSERT_ATTEMPT, given)
            run(LIVE_TASKS, given).fetchall()
        return str(given["attempt"])

    def notice(self, headers: dict[str, str], body: bytes) -> None:
        timestamp, nonce = headers["Wechatpay-Timestamp"], headers["Wechatpay-Nonce"]
        assert abs(int(timestamp) - self.now().timestamp()) < 300
        key: Any = self.keys[headers["Wechatpay-Serial"]]
        signature = base64.b64decode(headers["Wechatpay-Signature"])
        key.verify(signature, f"{timestamp}\n{nonce}\n".encode() + body + b"\n", PKCS1v15(), SHA256())
        sealed = json.loads(body)["resource"]
        trade = json.loads(
            self.cipher.decrypt(
                sealed["nonce"].encode(),
                base64.b64decode(sealed["ciphertext"]),
                sealed["associated_data"].encode(),
            )
        )
        self.book(trade, datetime.fromisoformat(trade["success_time"]))

    def book(self, trade: dict[str, Any], paid_at: datetime) -> None:
        now, run = self.now(), self.connection.execute
        with self.connection.transaction():
            order = run(LOOK, {"attempt": trade["out_trade_no"]}).fetchone()
            assert order is not None and order["fen"] == trade["amount"]["total"]
            given = order | {
                "transaction": trade["transaction_id"],
                "paid_at": paid_at,
                "now": now,
                "day": paid_at.date(),
                "kind": "payment",
                "debit": f"channel:wechat:{trade['mchid']}",
                "credit": f"due:{order['fee_code']}",
            }
            assert run(KNOWN, given).fetchone() is None
            payment = run(PAYMENT, given).fetchone()
            assert payment is not None
            run(PAID_ATTEMPT, given)
            run(POST, given | {"reference": str(payment["id"])})
            run(PAID_ORDER, given)
            run(FULFIL, given)
            told = {"order_id": order["id"], "service_key": "electricity", "subject": order["subject"]}
            subscribers = ["electricity.on_payment_succeeded", "payments.on_payment_succeeded"]
            about = {"event": "PaymentSucceeded", "subscribers": subscribers}
            run(OUTBOX, given | about | {"payload": Jsonb(told)})
            evidence = {"number": trade["out_trade_no"], "fen": order["fen"]}
            run(EVENT, given | {"payload": Jsonb(evidence), "external": f"T:{trade['transaction_id']}"})

    def deliver(self) -> None:
        run, now = self.connection.execute, self.now()
        with self.connection.transaction():
            ident = run(FULFILMENT_OF, {"order": self.order_id}).fetchone()
            assert ident is not None
            row = run(DUE, {"id": ident["id"], "now": now}).fetchone()
            assert row is not None
            given = {"id": row["id"], "fence": row["fence"] + 1, "now": now, "until": now + LEASE, "tries": 1}
            run(CLAIM, given)
            run(CALL, given)
        with self.connection.transaction():
            run(HELD, given).fetchone()
        with self.connection.transaction():
            run(END_CALL, given)
            run(HELD_ROW, given).fetchone()
            run(MOVE, given)
            order = run(ORDER, {"order": self.order_id}).fetchone()
            assert order is not None
            money = {"debit": f"due:{order['fee_code']}", "credit": f"delivered:{order['fee_code']}"}
            entry = {"kind": "delivery", "reference": str(row["id"]), "paid_at": now, "day": now.date()}
            run(POST, money | entry | {"fen": order["fen"], "id": self.order_id, "now": now})
            told = {"order_id": self.order_id, "service_key": "electricity", "subject": order["subject"]}
            about = {"event": "FulfilmentApplied", "subscribers": ["electricity.on_fulfilment_applied"]}
            run(OUTBOX, about | {"payload": Jsonb(told), "now": now})
