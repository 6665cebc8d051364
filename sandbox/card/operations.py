"""What each method of the card platform does, reads and movements; `sim.…` are inventions."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask import current_app

from sandbox.card.books import Books, Move, reference
from sandbox.card.crypto import Sealer
from sandbox.card.keys import TsmKeys
from sandbox.days import day_of, number_of, second_text, within
from sandbox.machine import Machine, Refusal, Trouble
from sandbox.meters import answers
from sandbox.meters.answers import compact_date
from sandbox.meters.plant import plant
from sandbox.statement import MERCHANT, Line, statement
from sandbox.store import Row, Store

DEFAULTS = {
    "duplicates": "refuse",  # accept, refuse or replay: what a repeated order number does
    "elec_delivery": "instant",  # or batch: at the odd hours
    "service_hours": "",  # such as 00:00-23:30
    "token_ttl": 7200,
    "token_quota": 0,  # calls per token; 0 is no limit
    "charset": "utf-8",  # or gbk: of the sealed JSON and of Tsm.html
}
Given = Mapping[str, Any]


@dataclass(frozen=True)
class Bank:
    """The card platform as a whole."""

    store: Store
    machine: Machine
    books: Books
    keys: TsmKeys
    sealer: Sealer


def bank() -> Bank:
    """The platform of the current application."""
    return cast("Bank", current_app.extensions["card"])


def query_card(made: Bank, given: Given, _: Trouble) -> dict[str, Any]:
    if given["idtype"] == "acc":
        row = made.books.account(str(given["id"]))
    elif given["idtype"] == "sno":
        row = made.books.account_of(str(given["id"]))
    else:
        raise Refusal("bad_request")
    return {"card": [card_of(made, row)]}


def card_of(made: Bank, row: Row) -> dict[str, Any]:
    """Fen as texts throughout."""
    status = row["status"]
    spent = made.books.spent_on(row["account"], day_of(made.store.now()))
    return {
        "account": row["account"],
        "name": row["name"],
        "sno": row["student"],
        "db_balance": str(row["purse"]),
        "unsettle_amount": "0",
        "elec_accamt": str(row["electronic"]),
        "acc_status": "1" if status == "closed" else "0",
        "lostflag": "1" if status == "lost" else "0",
        "freezeflag": "1" if status == "frozen" else "0",
        "expdate": "20200131" if status == "expired" else "20300131",
        "cardtype": "800",
        "cardname": "学生卡",
        "accinfo": [
            {
                "name": "卡钱包",
                "type": "###",
                "balance": str(row["purse"]),
                "singlelimit": str(row["single_limit"]),
                "daycostlimit": str(row["day_limit"]),
                "daycostamt": str(spent),
            },
            {"name": "电子账户", "type": "000", "balance": str(row["electronic"])},
        ],
    }


def debit(made: Bank, given: Given, trouble: Trouble) -> dict[str, Any]:
    check_hours(made)
    if given["acctype"] != "###":
        raise Refusal("bad_request")
    asked = Move(
        "DEBIT",
        str(given["orderno"]),
        str(given["account"]),
        fen_of(given["amt"]),
        memo=str(given.get("memo") or ""),
    )
    return moved(made, made.books.move(asked, trouble, made.machine["duplicates"]))


def refund(made: Bank, given: Given, trouble: Trouble) -> dict[str, Any]:
    check_hours(made)
    order_no, refund_no = str(given["orderno"]), str(given["refundno"])
    asked = Move("REFUND", order_no, str(given["account"]), fen_of(given["amt"]), refund_no=refund_no)
    original = made.books.find(Move("DEBIT", order_no, asked.account, asked.fen))
    if original is None or reference(original) != given["journo"]:
        raise Refusal("no_order")
    return moved(made, made.books.move(asked, trouble, made.machine["duplicates"]))


def moved(made: Bank, row: Row) -> dict[str, Any]:
    repeated = {"errmsg": "[订单号重复]"} if row.get("repeated") else {}
    balance = made.books.account(row["account"])["purse"]
    return {"journo": reference(row), "status": "1", "balance": str(balance), **repeated}


def query_order(made: Bank, given: Given, _: Trouble) -> dict[str, Any]:
    refund_no = str(given.get("refundno") or "")
    kind = "REFUND" if refund_no else "DEBIT"
    found = made.books.find(Move(kind, str(given["orderno"]), "", 0, refund_no=refund_no))
    if found is None:
        raise Refusal("no_order")
    return {
        "orderno": found["order_no"],
        "refundno": found["refund_no"],
        "journo": reference(found),
        "account": found["account"],
        "amt": str(found["moved_fen"]),
        "status": "1",
        "time": second_text(found["applies"]),
    }


def turnover(made: Bank, given: Given, _: Trouble) -> dict[str, Any]:
    """Newest first, page by page."""
    page, size = int(given["page"]), int(given["size"])
    first, last = (number_of(compact_date(given[name])) for name in ("begindate", "enddate"))
    rows = made.books.of_account(str(given["account"]), first, last)
    return {
        "total": str(len(rows)),
        "rows": [
            {
                "journo": reference(row),
                "time": second_text(row["applies"]),
                "amt": str(row["moved_fen"] if row["kind"] == "REFUND" else -row["moved_fen"]),
                "place": row["memo"] or "微生活",
                "balance": str(row["balance"]),
            }
            for row in rows[(page - 1) * size : page * size]
        ],
    }


def flow(made: Bank, given: Given, trouble: Trouble) -> dict[str, Any]:
    return made.books.flow().page(int(given["after"]), int(given["size"]), trouble)


def statement_of(made: Bank, given: Given, trouble: Trouble) -> dict[str, Any]:
    """The file in base64."""
    day = number_of(compact_date(str(given["bizdate"])))
    part = str(given["part"])
    if part not in ("debit", "elec"):
        raise Refusal("bad_request")

    def lines_of(number: int) -> list[Line]:
        return lines(made, number) if part == "debit" else answers.lines(plant(), "synjones", number)

    content = statement(made.store, f"card_{part}", MERCHANT, day, lines_of, trouble)
    return {"file": base64.b64encode(content).decode()}


def lines(made: Bank, day: int) -> list[Line]:
    return [
        Line(
            ref=reference(row),
            order_no=row["refund_no"] or row["order_no"],
            moment=row["applies"],
            kind=row["kind"],
            key=row["account"],
            meter="",
            fen=-row["moved_fen"] if row["kind"] == "REFUND" else row["moved_fen"],
        )
        for row in made.books.of_day(day)
    ]


def check_hours(made: Bank) -> None:
    if not within(made.machine["service_hours"], made.store.now()):
        raise Refusal("service_closed")


def fen_of(text: Any) -> int:
    if not isinstance(text, str) or not text.isdecimal():
        raise Refusal("bad_amount")
    return int(text)
