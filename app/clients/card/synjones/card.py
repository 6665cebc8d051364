"""The campus card over TSM 2.0.

The vendor's names for debit, refund, their query and the statement are in no public document. Those used here
(`sim.…`) are the sandbox's; the real ones come with the school's contract and go into `gateway.operations`. Where
their fields differ too, this file is where to write them.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from app.clients.card.protocol import (
    ELECTRONIC,
    PURSE,
    CardAccount,
    CardCapabilities,
    CardStatus,
    CardTransaction,
    DebitState,
    DebitStatus,
    FlowPage,
    NoSuchAccount,
    TransactionPage,
)
from app.clients.card.synjones.codes import CODES, NO_ACCOUNT, NO_ORDER
from app.clients.card.synjones.flow import read_flow
from app.clients.card.synjones.gateway import GatewaySettings, Operation, TsmGateway
from app.clients.card.synjones.page import TsmPage
from app.clients.line import Line, LineSettings
from app.clients.orders import asked_about, check_order
from app.clients.service_hours import ServiceHours
from app.clients.statement import Statement, StatementMissing, read_statement
from app.clients.vendor import BadReply, NoSuchOrder, OrderClass, Refused
from app.clients.verdicts import REFUSED, verdicts
from app.kit import clock

QUERY_CARD = Operation("synjones.onecard.query.card", "query_card")
DEBIT = Operation("sim.onecard.debit", "debit")
PIN_PAGE = Operation("sim.onecard.pin_page", "pin_page")
REFUND = Operation("sim.onecard.refund", "refund")
QUERY_ORDER = Operation("sim.onecard.query.order", "query_order")
TURNOVER = Operation("sim.onecard.query.turnover", "query_turnover")
FLOW = Operation("sim.onecard.query.flow", "query_flow")
STATEMENT = Operation("sim.statement", "statement")

CARD_PURSE = "###"
PAGE_SIZE = 50
ORDER_NO_LENGTH = 32
_STATUS: Mapping[str, DebitStatus] = {"1": "applied", "2": "pending", "3": "refused"}


@dataclass(frozen=True)
class SynjonesCardSettings:
    """`page_url` sends reads to Tsm.html there; otherwise they go through the gateway as well. `pin_url` is the
    vendor's page for the PIN; without it, and without `has_agreements`, nobody can pay by card.
    """

    dialect: str
    system: str
    merchant: str
    gateway: GatewaySettings
    page_url: str = ""
    pin_url: str = ""
    has_agreements: bool = True
    has_flow: bool = True
    order_class: OrderClass = "B"
    min_fen: int = 1
    max_fen: int = 50_000
    settle_seconds: int = 600
    service_hours: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    line: LineSettings = LineSettings()

    def __post_init__(self) -> None:
        if self.pin_url and urlsplit(self.pin_url).scheme not in ("http", "https"):
            raise ValueError("card.pin_url: an address")


class SynjonesCard:
    """See `CardSystem`."""

    def __init__(self, settings: SynjonesCardSettings) -> None:
        known = verdicts(CODES, settings.codes)
        line = Line(settings.system, settings.line)
        self.system = settings.system
        self.merchant = settings.merchant
        self.capabilities = _capabilities(settings)
        self._settings = settings
        self._gateway = TsmGateway(settings.gateway, line, known)
        self._reads = TsmPage(settings.page_url, line, known) if settings.page_url else self._gateway

    def account(self, student_no: str) -> CardAccount:
        try:
            return self._reads.ask(
                QUERY_CARD, {"idtype": "sno", "id": student_no, "get_accinfo": "1"}, _account
            )
        except Refused as error:
            if error.code not in NO_ACCOUNT:
                raise
            failure = NoSuchAccount(error.code, error.said, call=error.call)
        raise failure

    def transactions(
        self, account_no: str, since: date, until: date, cursor: str | None = None
    ) -> TransactionPage:
        page = int(cursor or 1)
        body = {
            "account": account_no,
            "begindate": f"{since:%Y%m%d}",
            "enddate": f"{until:%Y%m%d}",
            "page": str(page),
            "size": str(PAGE_SIZE),
        }
        return self._gateway.ask(self._named("turnover", TURNOVER), body, lambda answer: _page(answer, page))

    def debit(self, order_no: str, account_no: str, fen: int, memo: str) -> DebitState:
        rules = self.capabilities
        check_order(order_no, rules.order_no_max_len, fen, rules.min_fen, rules.max_fen)
        body = {
            "orderno": order_no,
            "account": account_no,
            "acctype": CARD_PURSE,
            "amt": str(fen),
            "memo": memo,
        }
        return self._gateway.write(self._named("debit", DEBIT), body, _moved)

    def pin_page(
        self, order_no: str, account_no: str, fen: int, memo: str, *, expires_at: datetime, return_url: str
    ) -> str:
        rules = self.capabilities
        check_order(order_no, rules.order_no_max_len, fen, rules.min_fen, rules.max_fen)
        body = {
            "orderno": order_no,
            "account": account_no,
            "acctype": CARD_PURSE,
            "amt": str(fen),
            "memo": memo,
            "expires": f"{clock.local(expires_at):%Y-%m-%d %H:%M:%S}",
            "returnurl": return_url,
        }
        fields = self._gateway.signed(self._named("pin_page", PIN_PAGE), body)
        return f"{self._settings.pin_url}?{urlencode(fields)}"

    def query(self, order_no: str) -> DebitState:
        return self._query({"orderno": order_no})

    def refund(self, refund_no: str, order_no: str, vendor_ref: str, account_no: str, fen: int) -> DebitState:
        rules = self.capabilities
        check_order(refund_no, rules.order_no_max_len, fen, 1, rules.max_fen)
        body = {
            "refundno": refund_no,
            "orderno": order_no,
            "journo": vendor_ref,
            "account": account_no,
            "amt": str(fen),
        }
        nothing_there = dict.fromkeys(NO_ORDER, REFUSED)
        return self._gateway.write(self._named("refund", REFUND), body, _moved, nothing_there)

    def query_refund(self, refund_no: str, order_no: str) -> DebitState:
        return self._query({"orderno": order_no, "refundno": refund_no})

    def flow(self, after: int, limit: int) -> FlowPage:
        body = {"after": str(after), "size": str(limit)}
        operation = self._named("flow", FLOW)
        try:
            return self._gateway.ask(operation, body, lambda answer: read_flow(answer, self.merchant))
        except Refused as error:
            failure = BadReply(error.code, error.said, call=error.call)
        raise failure

    def statement(self, day: date) -> Statement:
        return read_statement(self.statement_file(day), merchant=self.merchant, day=day, call="statement")

    def statement_file(self, day: date) -> bytes:
        return fetch_statement(self._gateway, self._named("statement", STATEMENT), "debit", day)

    def _query(self, body: Mapping[str, str]) -> DebitState:
        operation = self._named("query_order", QUERY_ORDER)
        wanted = body.get("refundno") or body["orderno"]
        return asked_about(
            lambda: self._gateway.ask(operation, body, lambda answer: _state(answer, wanted)),
            DebitState("not_found"),
        )

    def _named(self, name: str, default: Operation) -> Operation:
        return self._settings.gateway.named(name, default)


def fetch_statement(gateway: TsmGateway, operation: Operation, part: str, day: date) -> bytes:
    """The file of one day; `part` is debit or elec. A school may not offer it yet, or ever."""
    body = {"bizdate": f"{day:%Y%m%d}", "part": part}
    try:
        content = gateway.ask(operation, body, lambda answer: base64.b64decode(answer["file"], validate=True))
    except NoSuchOrder:
        content = None
    if content is None:
        raise StatementMissing("statement_missing", call=operation.method)
    return content


def _capabilities(settings: SynjonesCardSettings) -> CardCapabilities:
    return CardCapabilities(
        order_class=settings.order_class,
        can_query_order=True,
        has_transactions=True,
        has_statement=True,
        has_flow=settings.has_flow,
        order_no_max_len=ORDER_NO_LENGTH,
        min_fen=settings.min_fen,
        max_fen=settings.max_fen,
        has_agreements=settings.has_agreements,
        has_pin_page=bool(settings.pin_url),
        settle_seconds=settings.settle_seconds,
        service_hours=ServiceHours.read(settings.service_hours),
    )


def _account(answer: Mapping[str, Any]) -> CardAccount:
    """Fen throughout. `elec_accamt` is the electronic account, nothing to do with electricity."""
    card = answer["card"][0]
    purse: Mapping[str, Any] = next(
        (each for each in card.get("accinfo") or () if each["type"] == CARD_PURSE), {}
    )
    return CardAccount(
        account_no=_text(card["account"]),
        status=_status(card),
        balances={
            PURSE: int(card["db_balance"]) + int(card["unsettle_amount"]),
            ELECTRONIC: int(card["elec_accamt"]),
        },
        single_limit_fen=_limit(purse, "singlelimit"),
        day_limit_fen=_limit(purse, "daycostlimit"),
        day_spent_fen=_limit(purse, "daycostamt"),
    )


def _status(card: Mapping[str, Any]) -> CardStatus:
    if card["lostflag"] == "1":
        return "lost"
    if card["freezeflag"] == "1":
        return "frozen"
    if card.get("acc_status", "0") not in ("", "0"):
        return "closed"
    expires = str(card.get("expdate") or "")
    return "expired" if expires and expires < f"{clock.today():%Y%m%d}" else "normal"


def _limit(purse: Mapping[str, Any], name: str) -> int | None:
    return int(purse[name]) if purse.get(name) else None


def _page(answer: Mapping[str, Any], page: int) -> TransactionPage:
    rows = tuple(
        CardTransaction(
            vendor_ref=_text(row["journo"]),
            at=_moment(row["time"]),
            fen=int(row["amt"]),
            place=str(row["place"]),
            balance_fen=int(row["balance"]) if row.get("balance") else None,
        )
        for row in answer["rows"]
    )
    more = page * PAGE_SIZE < int(answer["total"])
    return TransactionPage(rows, str(page + 1) if more else None)


def _moved(answer: Mapping[str, Any]) -> DebitState:
    """The answer to a debit or a refund that was carried out or taken on."""
    return DebitState(_STATUS[str(answer.get("status", "1"))], vendor_ref=_text(answer["journo"]))


def _state(answer: Mapping[str, Any], wanted: str) -> DebitState:
    if answer.get("refundno") != wanted and answer["orderno"] != wanted:
        raise ValueError("about another order")
    return DebitState(
        status=_STATUS[str(answer["status"])],
        vendor_ref=_text(answer["journo"]),
        fen=int(answer["amt"]),
        account_no=_text(answer["account"]),
        at=_moment(answer["time"]),
    )


def _text(value: Any) -> str:
    """A text with something in it."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("empty")
    return value


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=clock.SHANGHAI)
