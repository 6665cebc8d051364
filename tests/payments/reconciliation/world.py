"""Days of a school's money, written straight into the tables: orders, payments, refunds, deliveries, and the bills.

Everything agrees until `plants` puts something wrong in; then `expected` says what a run must find.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.payments.models import Difference, Order

DAY = date(2026, 11, 15)
WECHAT, CHARGED, CARD, PLATFORM = (
    ("wechat", "1601"),
    ("wechat", "1602"),
    ("card", "WL001"),
    ("platform", "P1"),
)
ACCOUNTS = (WECHAT, CHARGED, CARD, PLATFORM)
NORTH, SOUTH = "north", "south"
RATE_E6 = 6000
ITEMS = {1: "electricity", 2: "bath"}
COLUMNS = {
    "payments_fee_items": "id code title service_key filing_number price_basis price_text valid_from channels"
    " order_minutes takes_late refund_alone_fen",
    "payments_merchants": "id fee_item_id channel merchant_no",
    "payments_fee_rates": "id channel merchant_no fee_item_id rate_e6 valid_from",
    "payments_ledger_accounts": "id code kind",
    "payments_orders": "id public_id number fee_item_id service_key subject owner_id fen title facts masked_facts"
    " return_path status is_late created_at expires_at paid_at closed_at closed_reason",
    "payments_attempts": "id order_id number channel trade_type merchant_no payer_id payer_account fen status checks"
    " created_at",
    "payments_payments": "id order_id attempt_id channel merchant_no transaction_id fen role learned_by paid_at"
    " received_at refunding_fen refunded_fen",
    "payments_refunds": "id public_id number former_numbers payment_id order_id fen cause reason status"
    " channel_refund_id tries fence created_at",
    "payments_fulfilments": "id order_id service_key number status fence next_at tries asks blanks is_refused"
    " created_at applied_at",
    "payments_ledger_entries": "id kind reference debit_id credit_id fen order_id reverses_id business_on happened_at"
    " posted_at",
    "payments_bills": "id public_id source kind account day version status origin is_empty file_key lines size in_fen"
    " out_fen fee_e5 loaded_at",
    "payments_bill_lines": "id bill_id no sort at reference number original key fen fee_e5 status note start size",
}


@dataclass
class Line:
    """A line before it is written: bills can be given in any order, or a second time as a new version."""

    sort: str
    at: datetime
    reference: str
    fen: int
    number: str | None = None
    original: str | None = None
    key: str | None = None
    fee_e5: int = 0
    status: str | None = None
    note: str | None = None


@dataclass
class Paid:
    """A payment with all that hangs on it."""

    order: int
    number: str
    attempt: str
    payment: int
    transaction: str
    account: tuple[str, str]
    item: int
    fen: int
    at: datetime
    entry: int
    system: str
    room: str


BillKey = tuple[str, str, str, date]


@dataclass
class World:
    seed: int
    owner: int
    day: date = DAY
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    bills: dict[BillKey, list[Line]] = field(default_factory=lambda: defaultdict(list))
    expected: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    paid: list[Paid] = field(default_factory=list)
    days: set[date] = field(default_factory=set)
    told: set[BillKey] = field(default_factory=set)
    """Fund flows that follow from trade bills."""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.everybody(self.day)
        self._ids: dict[str, int] = defaultdict(int)
        self._codes: dict[str, int] = {}
        long_ago = date(2020, 1, 1)
        for item, code in ITEMS.items():
            self.add("payments_fee_items", id=item, code=code, title=code, service_key=code, filing_number="1",
                     price_basis="-", price_text="-", valid_from=long_ago, channels=["wechat"], order_minutes=30,
                     takes_late=True, refund_alone_fen=5000)  # fmt: skip
        for source, account in ACCOUNTS:
            self.add("payments_merchants", fee_item_id=1 if account != CHARGED[1] else 2, channel=source,
                     merchant_no=account)  # fmt: skip
        self.add("payments_fee_rates", channel="wechat", merchant_no=CHARGED[1], fee_item_id=None, rate_e6=RATE_E6,
                 valid_from=long_ago)  # fmt: skip

    def everybody(self, day: date) -> None:
        """Whoever should tell of a day does."""
        self.days.add(day)
        for source, account in ACCOUNTS:
            self.bills[(source, "trade", account, day)]
        for system in (NORTH, SOUTH):
            self.bills[("meters", "delivery", system, day)]

    def add(self, table: str, **values: Any) -> int:
        self._ids[table] += 1
        self.rows[table].append({"id": self._ids[table], **values})
        return int(self.rows[table][-1]["id"])

    def last_id(self, table: str) -> int:
        return self._ids[table]

    def name(self, prefix: str) -> str:
        self._ids["names"] += 1
        return f"{prefix}{self.seed % 100:02d}{self._ids['names']:09d}"

    def moment(self, day: date, *, low: int = 2400, high: int = 83_000) -> datetime:
        """Not near midnight, unless asked for."""
        return clock.start_of_day(day) + timedelta(seconds=self.random.randint(low, high))

    def fee_of(self, account: tuple[str, str], fen: int) -> int:
        """In 0.00001 yuan, rounded to the fen, half away from zero."""
        if account != CHARGED:
            return 0
        size = (abs(fen) * RATE_E6 + 500_000) // 1_000_000 * 1000
        return size if fen > 0 else -size

    def code(self, code: str) -> int:
        if code not in self._codes:
            kind = "asset" if code.startswith("channel") else "liability"
            self._codes[code] = self.add("payments_ledger_accounts", code=code, kind=kind)
        return self._codes[code]

    def entry(
        self, kind: str, reference: int, debit: str, credit: str, fen: int, at: datetime, **more: Any
    ) -> int:
        day = clock.local(at).date()
        return self.add("payments_ledger_entries", kind=kind, reference=str(reference), debit_id=self.code(debit),
                        credit_id=self.code(credit), fen=fen, business_on=day, happened_at=at, posted_at=at,
                        **more)  # fmt: skip

    def order(self, item: int, fen: int, at: datetime, status: str, subject: str = "") -> tuple[int, str]:
        number = self.name("E")
        order = self.add("payments_orders", public_id=self.name("ord_"), number=number, fee_item_id=item,
                         service_key=ITEMS[item], subject=subject or number, owner_id=self.owner, fen=fen, title="-",
                         facts="[]", masked_facts="[]", return_path="/m/", status=status, is_late=False,
                         created_at=at, expires_at=at + timedelta(minutes=30),
                         paid_at=at if status == "paid" else None,
                         closed_at=at if status == "closed" else None,
                         closed_reason="expired" if status == "closed" else None)  # fmt: skip
        return order, number

    def attempt(
        self, order: int, account: tuple[str, str], fen: int, at: datetime, status: str
    ) -> tuple[int, str]:
        number = self.name("A")
        attempt = self.add("payments_attempts", order_id=order, number=number, channel=account[0],
                           trade_type=self.name("T"), merchant_no=account[1], payer_id=self.owner, payer_account="o",
                           fen=fen, status=status, checks=0, created_at=at)  # fmt: skip
        return attempt, number

    def pay(self, at: datetime, *, account: tuple[str, str] | None = None, deliver: bool = True) -> Paid:
        """Booked here, and delivered; in no bill yet."""
        pick = self.random
        account = account or pick.choices(ACCOUNTS, (6, 2, 2, 1))[0]
        item = 2 if account == CHARGED else 1
        fen = pick.randint(100, 20_000)
        system, room = pick.choice((NORTH, NORTH, SOUTH)), f"room-{pick.randint(1, 300)}"
        order, number = self.order(item, fen, at, "paid", f"{system}|{room}|{self.name('m')}")
        attempt, attempt_number = self.attempt(order, account, fen, at, "paid")
        transaction = self.name("42")
        payment = self.add("payments_payments", order_id=order, attempt_id=attempt, channel=account[0],
                           merchant_no=account[1], transaction_id=transaction, fen=fen, role="settles",
                           learned_by="notify", paid_at=at, received_at=at, refunding_fen=0,
                           refunded_fen=0)  # fmt: skip
        entry = self.entry("payment", payment, f"channel:{account[0]}:{account[1]}", f"due:{ITEMS[item]}", fen, at,
                           order_id=order)  # fmt: skip
        one = Paid(
            order, number, attempt_number, payment, transaction, account, item, fen, at, entry, system, room
        )
        if deliver:
            self.deliver(one)
        return one

    def deliver(self, one: Paid, *, at: datetime | None = None, status: str = "applied") -> int:
        """The fulfilment and its entry; nothing at the vendor."""
        at = at or one.at
        row = self.add("payments_fulfilments", order_id=one.order, service_key="electricity", number=one.number,
                       status=status, fence=1, next_at=at, tries=1, asks=0, blanks=0, is_refused=False, created_at=at,
                       applied_at=at if status == "applied" else None)  # fmt: skip
        if status == "applied":
            code = ITEMS[one.item]
            self.entry("delivery", row, f"due:{code}", f"delivered:{code}", one.fen, at, order_id=one.order)
        return row

    def refund(
        self, one: Paid, fen: int, at: datetime, *, status: str = "succeeded", **more: Any
    ) -> tuple[str, str]:
        """Here; its number and the channel's."""
        number, theirs = more.pop("number", None) or self.name("B"), self.name("50")
        known = theirs if status in ("succeeded", "processing", "abnormal") else None
        row = self.add("payments_refunds", public_id=self.name("ref_"), number=number,
                       former_numbers=more.pop("former", []), payment_id=one.payment, order_id=one.order, fen=fen,
                       cause="surplus", reason="-", status=status, channel_refund_id=known, tries=1, fence=1,
                       created_at=at)  # fmt: skip
        source, account = one.account
        if status == "succeeded":
            self.entry("refund_paid", row, f"refunding:{source}:{account}", f"channel:{source}:{account}", fen, at,
                       order_id=one.order)  # fmt: skip
        return number, theirs

    def line(self, account: tuple[str, str], day: date, line: Line, kind: str = "trade") -> Line:
        self.bills[(account[0], kind, account[1], day)].append(line)
        return line

    def pay_line(self, one: Paid, *, day: date | None = None, fen: int | None = None) -> Line:
        fen = one.fen if fen is None else fen
        return self.line(
            one.account,
            day or clock.local(one.at).date(),
            Line("payment", one.at, one.transaction, fen, one.attempt, fee_e5=self.fee_of(one.account, fen)),
        )

    def refund_line(
        self, one: Paid, number: str, theirs: str, fen: int, day: date, status: str | None = "SUCCESS"
    ) -> Line:
        if one.account[0] != "wechat":
            status = None if status == "SUCCESS" else status
        at = self.moment(day)
        fee = self.fee_of(one.account, -fen)
        return self.line(
            one.account, day, Line("refund", at, theirs, -fen, number, one.transaction, None, fee, status)
        )

    def meter_line(self, one: Paid, *, day: date | None = None, fen: int | None = None) -> Line:
        """North tells our number, south only room and day."""
        number = one.number if one.system == NORTH else None
        day = day or clock.local(one.at).date()
        line = Line("top_up", one.at, self.name("DK"), one.fen if fen is None else fen, number, key=one.room)
        return self.line(("meters", one.system), day, line, "delivery")

    def expect(self, key: str, kind: str, reason: str, fen: int) -> None:
        assert key not in self.expected, key
        self.expected[key] = (kind, reason, fen)

    def ordinary(self, orders: int) -> None:
        """A day like any other, with refunds, and some movements at its edges. Nothing is wrong."""
        for _ in range(orders):
            one = self.pay(self.moment(self.day, low=0, high=86_399))
            self.paid.append(one)
            self.pay_line(one)
            self.meter_line(one)
            if self.random.random() < 0.05:
                fen = self.random.randint(1, one.fen)
                self.refund_line(one, *self.refund(one, fen, self.moment(self.day)), fen, self.day)

    # -- into the database -----------------------------------------------------------------------------------

    def write(self) -> None:
        """Everything: once."""
        self.fund_flows()
        self.write_bills(self.bills)
        self.flush()

    def reorder(self, seed: int, *, split: bool = False) -> None:
        """The same files, their lines in another order; `split`: WeChat's trade bills as two, payments and refunds."""
        with db.unit_of_work() as session:
            session.execute(text("DELETE FROM payments_bill_lines"))
            session.execute(text("DELETE FROM payments_bills"))
        shuffled = {key: random.Random(seed).sample(lines, len(lines)) for key, lines in self.bills.items()}
        self.write_bills(_in_halves(shuffled) if split else shuffled)
        self.flush()

    def fund_flows(self) -> None:
        """WeChat's other bill of a day, where nobody wrote one: what the trade bill says has moved."""
        for source, kind, account, day in list(self.bills):
            of = (source, "fund", account, day)
            if (source, kind) == ("wechat", "trade") and day in self.days and of not in self.bills:
                self.bills[of] = self.moved(self.bills[(source, kind, account, day)], day)
                self.told.add(of)

    def moved(self, lines: list[Line], day: date) -> list[Line]:
        paid = [line for line in lines if line.sort == "payment"]
        back = [line for line in lines if line.sort == "refund" and line.status == "SUCCESS"]
        at = self.moment(day)
        sums = {
            "payment": sum(line.fen for line in paid),
            "fee": -(sum(line.fee_e5 for line in paid) // 1000),
        }
        return [Line(sort, at, self.name("F"), fen) for sort, fen in sums.items() if fen] + [
            Line("refund", at, line.reference, line.fen - line.fee_e5 // 1000, line.number) for line in back
        ]

    def reissue(self, key: BillKey, lines: list[Line], version: int = 2) -> None:
        """A new version of one bill; the one before is replaced. The fund flow that goes with it follows."""
        of = (key[0], "fund", *key[2:])
        if key[1] == "trade" and of in self.told:
            self.reissue(of, self.moved(lines, key[3]), version)
        with db.unit_of_work() as session:
            session.execute(
                text(
                    "UPDATE payments_bills SET status = 'replaced' WHERE (source, kind, account, day) = (:s, :k, :a, :d)"
                ),
                dict(zip("skad", key, strict=True)),
            )
        self.write_bills({key: lines}, version=version)
        self.flush()

    def flush(self) -> None:
        with db.engine().begin() as connection:
            cursor: Any = connection.connection.cursor()
            for table, columns in COLUMNS.items():
                names = columns.split()
                with cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
                    for row in self.rows[table]:
                        copy.write_row([row.get(name) for name in names])
                self.rows[table] = []

    def write_bills(self, bills: dict[BillKey, list[Line]], version: int = 1) -> None:
        for (source, kind, account, day), lines in bills.items():
            fens = [line.fen for line in lines]
            bill = self.add("payments_bills", public_id=self.name("bill_"), source=source, kind=kind, account=account,
                            day=day, version=version, status="current", origin="fetched", is_empty=False,
                            file_key="f", lines=len(lines), size=0, in_fen=sum(f for f in fens if f > 0),
                            out_fen=sum(f for f in fens if f < 0), fee_e5=sum(line.fee_e5 for line in lines),
                            loaded_at=clock.now())  # fmt: skip
            for no, line in enumerate(lines, 1):
                self.add("payments_bill_lines", bill_id=bill, no=no, start=0, size=0, **vars(line))


def _in_halves(bills: dict[BillKey, list[Line]]) -> dict[BillKey, list[Line]]:
    halves: dict[BillKey, list[Line]] = {}
    for (source, kind, account, day), lines in bills.items():
        if (source, kind) == ("wechat", "trade"):
            halves[source, "payments", account, day] = [line for line in lines if line.sort == "payment"]
            halves[source, "refunds", account, day] = [line for line in lines if line.sort != "payment"]
        else:
            halves[source, kind, account, day] = lines
    return halves


def places(order_ids: Select[Any]) -> Select[*tuple[Any, ...]]:
    """In place of a micro-app: the subject of an order says where it goes."""
    part = [func.split_part(Order.subject, "|", n) for n in (1, 2)]
    return select(Order.id, *part, func.split_part(Order.subject, "|", 3)).where(
        Order.id.in_(order_ids), Order.service_key.in_(("electricity", "bath"))
    )


def found(session: Session) -> dict[str, tuple[str, str, int]]:
    """All differences that are not healed, as `expected` has them."""
    rows = session.execute(
        select(Difference.key, Difference.kind, Difference.facts, Difference.fen).where(
            Difference.status != "healed"
        )
    )
    return {row.key: (row.kind, row.facts["reason"], row.fen) for row in rows}
