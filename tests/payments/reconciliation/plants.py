"""What can go wrong on a day, one function a case. Each says what a run must call it, and the sum to the fen."""

from collections.abc import Callable
from datetime import date, timedelta

from app.kit import clock
from tests.payments.reconciliation.world import (
    ACCOUNTS,
    CARD,
    CHARGED,
    ITEMS,
    NORTH,
    PLATFORM,
    SOUTH,
    WECHAT,
    Line,
    Paid,
    World,
)

Plant = Callable[[World], None]


def key_of(account: tuple[str, str], line: Line) -> str:
    return f"{account[0]}:{account[1]}:{line.sort}:{line.reference}"


def stray(
    world: World, order_status: str, attempt_status: str, *, near_midnight: bool = False
) -> tuple[Line, tuple[str, str]]:
    """A line for an order that has no payment here."""
    account = world.random.choice(ACCOUNTS)
    at = world.moment(world.day, low=85_000, high=86_000) if near_midnight else world.moment(world.day)
    fen = world.random.randint(100, 20_000)
    order, _ = world.order(1, fen, at, order_status)
    _, number = world.attempt(order, account, fen, at, attempt_status)
    line = Line("payment", at, world.name("42"), fen, number, fee_e5=world.fee_of(account, fen))
    return world.line(account, world.day, line), account


def not_booked(world: World) -> None:
    line, account = stray(world, "open", "pending")
    world.expect(key_of(account, line), "surplus", "not_booked", line.fen)


def unknown_order(world: World) -> None:
    account = world.random.choice(ACCOUNTS)
    fen = world.random.randint(100, 20_000)
    line = Line(
        "payment", world.moment(world.day), world.name("42"), fen, "NOBODY", fee_e5=world.fee_of(account, fen)
    )
    world.line(account, world.day, line)
    world.expect(key_of(account, line), "surplus", "unknown_order", fen)


def listed_twice(world: World) -> None:
    before = world.day - timedelta(days=1)
    one = world.pay(world.moment(before), deliver=False)
    line = world.pay_line(one)
    world.pay_line(one, day=world.day)
    world.expect(f"{key_of(one.account, line)}@{world.day}", "surplus", "listed_twice", one.fen)


def other_account(world: World) -> None:
    one = world.pay(world.moment(world.day), account=WECHAT, deliver=False)
    line = world.pay_line(one)
    world.line(CHARGED, world.day, Line(**{**vars(line), "fee_e5": world.fee_of(CHARGED, one.fen)}))
    world.expect(key_of(CHARGED, line), "surplus", "other_account", one.fen)


def other_day(world: World) -> None:
    one = world.pay(world.moment(world.day - timedelta(days=5)), deliver=False)
    line = world.pay_line(one, day=world.day)
    world.expect(key_of(one.account, line), "surplus", "other_day", one.fen)


def unknown_sort(world: World) -> None:
    line = world.line(
        CARD, world.day, Line("other", world.moment(world.day), world.name("X"), world.random.randint(1, 999))
    )
    world.expect(key_of(CARD, line), "surplus", "unknown_sort", line.fen)


def not_in_bill(world: World) -> None:
    one = world.pay(world.moment(world.day), deliver=False)
    world.expect(
        f"{one.account[0]}:{one.account[1]}:payment:{one.transaction}", "shortage", "not_in_bill", -one.fen
    )


def other_sum(world: World) -> None:
    one = world.pay(world.moment(world.day), deliver=False)
    more = world.random.choice((-99, -1, 1, 1000))
    line = world.pay_line(one, fen=one.fen + more)
    world.expect(key_of(one.account, line), "amount", "payment", more)


def other_sum_not_booked(world: World) -> None:
    line, account = stray(world, "open", "pending")
    line.fen += 7
    line.fee_e5 = world.fee_of(account, line.fen)
    world.expect(key_of(account, line), "amount", "not_booked", line.fen)


def refund_of_other_sum(world: World) -> None:
    one = on_the_day(world)
    number, theirs = world.refund(one, one.fen - 1, world.moment(world.day))
    line = world.refund_line(one, number, theirs, one.fen, world.day)
    world.expect(key_of(one.account, line), "amount", "refund", -1)


def closed_here(world: World) -> None:
    line, account = stray(world, "closed", "closed")
    world.expect(key_of(account, line), "status", "closed_here", line.fen)


def reversed_there(world: World) -> None:
    one = on_the_day(world, CARD)
    line = Line("reversal", world.moment(world.day), world.name("R"), -one.fen, one.attempt, one.transaction)
    world.line(CARD, world.day, line)
    world.expect(key_of(CARD, line), "status", "reversed_there", -one.fen)


def reversed_here(world: World) -> None:
    one = on_the_day(world)
    entry = reverse(world, one)
    source, account = one.account
    world.expect(f"{source}:{account}:reversal:{entry}", "status", "reversed_here", one.fen)


def reversal_unknown(world: World) -> None:
    line = Line("reversal", world.moment(world.day), world.name("R"), -500, None, "NOBODY")
    world.line(CARD, world.day, line)
    world.expect(key_of(CARD, line), "status", "reversal_unknown", -500)


def only_there(world: World) -> None:
    line, account = stray(world, "open", "pending", near_midnight=True)
    world.expect(key_of(account, line), "cutoff", "only_there", line.fen)


def only_here(world: World) -> None:
    at = world.moment(world.day, low=85_000, high=86_399)
    one = world.pay(at, deliver=False)
    world.expect(
        f"{one.account[0]}:{one.account[1]}:payment:{one.transaction}", "cutoff", "only_here", -one.fen
    )


def paid_otherwise(world: World) -> None:
    one = on_the_day(world)
    account = world.random.choice(ACCOUNTS)
    _, number = world.attempt(one.order, account, one.fen, one.at, "pending")
    line = Line("payment", world.moment(world.day), world.name("42"), one.fen, number)
    line.fee_e5 = world.fee_of(account, one.fen)
    world.line(account, world.day, line)
    world.expect(key_of(account, line), "double", "paid_otherwise", one.fen)


def refund_failed(world: World) -> None:
    one = on_the_day(world, WECHAT)
    number, theirs = world.refund(one, one.fen, world.moment(world.day))
    line = world.refund_line(one, number, theirs, one.fen, world.day, "FAIL")
    world.expect(key_of(WECHAT, line), "refund", "failed", 0)


def refund_abnormal(world: World) -> None:
    one = on_the_day(world, WECHAT)
    number, theirs = world.refund(one, one.fen, world.moment(world.day), status="abnormal")
    line = world.refund_line(one, number, theirs, one.fen, world.day, "CHANGE")
    world.expect(key_of(WECHAT, line), "refund", "abnormal", -one.fen)


def refund_unknown(world: World) -> None:
    one = on_the_day(world, WECHAT)
    line = world.refund_line(one, "NOBODY", world.name("50"), one.fen, world.day)
    world.expect(key_of(WECHAT, line), "refund", "unknown_here", -one.fen)


def refund_here_is(status: str, told: str, reason: str) -> Plant:
    def plant(world: World) -> None:
        one = on_the_day(world, WECHAT)
        number, theirs = world.refund(one, one.fen, world.moment(world.day), status=status)
        line = world.refund_line(one, number, theirs, one.fen, world.day, told)
        world.expect(key_of(WECHAT, line), "refund", reason, -one.fen)

    return plant


def refund_listed_twice(world: World) -> None:
    one = on_the_day(world, WECHAT)
    number, theirs = world.refund(one, one.fen, world.moment(world.day - timedelta(days=1)))
    line = world.refund_line(one, number, theirs, one.fen, world.day - timedelta(days=1))
    world.refund_line(one, number, theirs, one.fen, world.day)
    world.expect(f"{key_of(WECHAT, line)}@{world.day}", "refund", "listed_twice", -one.fen)


def refund_missing(world: World) -> None:
    one = on_the_day(world)
    _, theirs = world.refund(one, one.fen, world.moment(world.day))
    source, account = one.account
    world.expect(f"{source}:{account}:refund:{theirs}", "refund", "missing_there", one.fen)


def not_at_vendor(world: World) -> None:
    one = on_the_day(world, deliver=True)
    number = one.number
    world.expect(f"meters:{one.system}:top_up:{number}", "fulfilment", "not_at_vendor", -one.fen)


def vendor_has_it(world: World) -> None:
    one = north(world)
    world.deliver(one, status="unknown")
    line = world.meter_line(one)
    world.expect(key_of(("meters", NORTH), line), "fulfilment", "not_here", one.fen)


def vendor_knows_another(world: World) -> None:
    line = Line("top_up", world.moment(world.day), world.name("DK"), 1234, "NOBODY", key="room-1")
    world.line(("meters", NORTH), world.day, line, "delivery")
    world.expect(key_of(("meters", NORTH), line), "fulfilment", "unknown_number", 1234)


def bought_elsewhere(world: World) -> None:
    line = Line(
        "top_up",
        world.moment(world.day),
        world.name("DK"),
        20_001 + world.random.randint(0, 9999),
        key="room-1",
    )
    world.line(("meters", SOUTH), world.day, line, "delivery")
    world.expect(key_of(("meters", SOUTH), line), "fulfilment", "purchase_unknown", line.fen)


def twice_at_vendor(world: World) -> None:
    one = north(world)
    world.deliver(one)
    world.meter_line(one)
    second = world.meter_line(one)
    world.expect(key_of(("meters", NORTH), second), "fulfilment", "twice", one.fen)


def other_sum_at_vendor(world: World) -> None:
    one = north(world)
    world.deliver(one)
    line = world.meter_line(one, fen=one.fen - 50)
    world.expect(key_of(("meters", NORTH), line), "fulfilment", "amount", -50)


def taken_back_by_vendor(world: World) -> None:
    one = north(world)
    world.deliver(one)
    world.meter_line(one)
    line = Line("reversal", world.moment(world.day), world.name("DK"), -one.fen, one.number, key=one.room)
    world.line(("meters", NORTH), world.day, line, "delivery")
    world.expect(key_of(("meters", NORTH), line), "fulfilment", "reversed_there", -one.fen)


def on_the_day(world: World, account: tuple[str, str] | None = None, *, deliver: bool = False) -> Paid:
    """Paid, and in the bill."""
    one = world.pay(world.moment(world.day), account=account, deliver=deliver)
    world.pay_line(one)
    return one


def north(world: World) -> Paid:
    """Paid for a system that repeats our number, and not delivered yet."""
    while True:
        one = on_the_day(world)
        if one.system == NORTH:
            return one


def reverse(world: World, one: Paid) -> int:
    source, account = one.account
    return world.entry("reversal", one.payment, f"due:{ITEMS[one.item]}", f"channel:{source}:{account}", one.fen,
                       world.moment(world.day), order_id=one.order, reverses_id=one.entry)  # fmt: skip


PLANTS: tuple[Plant, ...] = (
    not_booked,
    unknown_order,
    listed_twice,
    other_account,
    other_day,
    unknown_sort,
    not_in_bill,
    other_sum,
    other_sum_not_booked,
    refund_of_other_sum,
    closed_here,
    reversed_there,
    reversed_here,
    reversal_unknown,
    only_there,
    only_here,
    paid_otherwise,
    refund_failed,
    refund_abnormal,
    refund_unknown,
    refund_here_is("processing", "PROCESSING", "processing"),
    refund_here_is("processing", "SUCCESS", "not_finished"),
    refund_here_is("paid_offline", "SUCCESS", "paid_offline_too"),
    refund_here_is("rejected", "SUCCESS", "rejected_here"),
    refund_listed_twice,
    refund_missing,
    not_at_vendor,
    vendor_has_it,
    vendor_knows_another,
    bought_elsewhere,
    twice_at_vendor,
    other_sum_at_vendor,
    taken_back_by_vendor,
)


# -- money on its way to the bank, and fees: a few of each a day ---------------------------------------------------


def fund_flow(world: World, wrong: tuple[str, ...] = ()) -> None:
    """The fund-flow bills of WeChat as the trade bills ask for them, with what is `wrong`: gross, fees, refunds."""
    world.fund_flows()
    for account in (WECHAT, CHARGED):
        add = fund(world, account)
        if "gross" in wrong:
            add("payment", 11)
        if "fees" in wrong:
            add("fee", -3)
        if "refunds" in wrong:
            add("refund", -17)
        sums = {"gross": 11, "fees": -3, "refunds": -17}
        for reason in wrong:
            world.expect(f"wechat:{account[1]}:fund:{reason}:{world.day}", "settlement", reason, sums[reason])


def fund(world: World, account: tuple[str, str]) -> Callable[..., Line]:
    def add(sort: str, fen: int, reference: str = "", number: str | None = None) -> Line:
        line = Line(sort, world.moment(world.day), reference or world.name("F"), fen, number)
        return world.line(account, world.day, line, "fund")

    return add


def settle(world: World, *, lost: int = 0, strange: int = 0) -> None:
    """Five settlements of the days before, as two bank lines of the day; then some that the bank does not have."""
    sums = [world.random.randint(10_000, 900_000) for _ in range(5)]
    for back, fen in zip((3, 3, 2, 1, 1), sums, strict=True):
        day = world.day - timedelta(days=back)
        line = Line("settlement", world.moment(day), world.name("S"), -fen)
        world.line(WECHAT, day, line, "fund")
    for fens in (sums[:3], sums[3:]):
        bank(world, sum(fens))
    for nth in range(lost):
        line = fund(world, CHARGED)("settlement", -(1_000_000 + nth))
        world.expect(key_of(CHARGED, line), "settlement", "in_transit", line.fen)
    for nth in range(strange):
        line = bank(world, 7_000_000 + nth)
        world.expect(key_of(("bank", "main"), line), "settlement", "bank_only", line.fen)


def bank(world: World, fen: int, *, day: date | None = None, note: str | None = None) -> Line:
    day = day or world.day
    line = Line("settlement", world.moment(day), world.name("BK"), fen, note=note)
    return world.line(("bank", "main"), day, line, "bank")


def net(world: World, account: tuple[str, str], day: date) -> int:
    """What a channel without a list of settlements owes for a day."""
    return sum(line.fen for line in world.bills[(account[0], "trade", account[1], day)])


def earlier_nets(world: World, account: tuple[str, str]) -> int:
    """Three days of somebody's money before the day; together what they come to."""
    days = [world.day - timedelta(days=back) for back in (3, 2, 1)]
    for day in days:
        paid = Line("payment", world.moment(day), world.name("42"), world.random.randint(20_000, 90_000))
        world.line(account, day, paid)
        world.line(account, day, Line("refund", world.moment(day), world.name("50"), -150))
    return sum(net(world, account, day) for day in days)


def settle_nets(world: World) -> None:
    """The platform's last three days as one bank line; the card's too, but short; the day's own are on their way."""
    bank(world, earlier_nets(world, PLATFORM))
    owed = earlier_nets(world, CARD)
    short = bank(world, owed - 60, note=f"一卡通中心 {CARD[1]} 结算款")
    world.expect(key_of(("bank", "main"), short), "settlement", "other_sum", -60)
    bank_goes_on(world)
    for source, account in (CARD, PLATFORM):
        owed = net(world, (source, account), world.day)
        world.expect(f"{source}:{account}:settlement:{world.day}", "settlement", "net_in_transit", owed)


def bank_goes_on(world: World) -> None:
    """Its lines of the next day are here, with nothing of ours."""
    day = world.day + timedelta(days=1)
    world.line(("bank", "main"), day, Line("other", world.moment(day), world.name("BK"), 1), "bank")


def wrong_fees(world: World, lines: int = 3) -> None:
    """Some lines of one merchant number: one difference, with their sum."""
    picked = [one for one in world.paid if one.account == WECHAT][:lines]
    by_number = {one.attempt for one in picked}
    for line in world.bills[("wechat", "trade", WECHAT[1], world.day)]:
        if line.sort == "payment" and line.number in by_number:
            line.fee_e5 += 1000
    world.expect(f"wechat:{WECHAT[1]}:fee:electricity:{world.day}", "fee", "rate", -len(picked))


# -- what looks odd and is right -----------------------------------------------------------------------------------


def odd_but_right(world: World) -> None:
    for sign in (-1, 1):
        _across_midnight(world, sign)
    refund_done_later(world)
    _refund_under_a_former_number(world)
    _debit_and_reversal_of_nothing_here(world)
    _shortage_reversed_here(world)
    _reversed_on_both_sides(world)


def _across_midnight(world: World, sign: int) -> None:
    """Booked here on the day, there on the day before or after; and the reverse."""
    beside = world.day + timedelta(days=sign)
    one = world.pay(world.moment(world.day, low=85_000, high=86_399))
    world.pay_line(one, day=beside)
    world.meter_line(one, day=beside)
    other = world.pay(world.moment(beside, low=0, high=900))
    world.pay_line(other, day=world.day)
    world.meter_line(other, day=world.day)


def refund_done_later(world: World) -> None:
    one = on_the_day(world, WECHAT)
    number, theirs = world.refund(one, one.fen, world.moment(world.day + timedelta(days=1)))
    world.refund_line(one, number, theirs, one.fen, world.day, "PROCESSING")


def _refund_under_a_former_number(world: World) -> None:
    one = on_the_day(world, WECHAT)
    former = world.name("B")
    _, theirs = world.refund(one, one.fen, world.moment(world.day), former=[former])
    world.refund_line(one, former, world.name("50"), one.fen, world.day)


def _debit_and_reversal_of_nothing_here(world: World) -> None:
    fen, number = 4321, world.name("A")
    debit = world.line(
        CARD, world.day, Line("payment", world.moment(world.day), world.name("42"), fen, number)
    )
    world.line(
        CARD,
        world.day,
        Line("reversal", world.moment(world.day), world.name("R"), -fen, number, debit.reference),
    )


def _shortage_reversed_here(world: World) -> None:
    reverse(world, world.pay(world.moment(world.day), deliver=False))


def _reversed_on_both_sides(world: World) -> None:
    one = on_the_day(world, CARD)
    reverse(world, one)
    line = Line("reversal", world.moment(world.day), world.name("R"), -one.fen, one.attempt, one.transaction)
    world.line(CARD, world.day, line)


def build(world: World, *, orders: int, wrong: int) -> None:
    """A day with `wrong` differences of all kinds, each case at least once, and the oddities that are none."""
    world.ordinary(orders)
    few = 2 + 2 + 3 + 6 + 1
    for nth in range(wrong - few):
        PLANTS[nth % len(PLANTS)](world) if nth < len(PLANTS) else world.random.choice(PLANTS)(world)
    odd_but_right(world)
    wrong_fees(world)
    fund_flow(world, ("gross", "fees", "refunds"))
    settle(world, lost=2, strange=2)
    settle_nets(world)
    assert len(world.expected) == wrong
    for lines in world.bills.values():
        world.random.shuffle(lines)


def yesterday_of(world: World) -> None:
    """The clock stands on the morning after."""
    clock.travel(clock.start_of_day(world.day + timedelta(days=1)) + timedelta(hours=10))
