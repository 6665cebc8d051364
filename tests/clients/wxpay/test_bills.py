"""Bills: whole and proved, or not at all; memory stays small however long the day was."""

import io
import tracemalloc
from datetime import datetime, timedelta

import pytest

from app.clients.vendor import BadReply, Refused, Unavailable
from app.clients.wxpay import NoStatement, StatementCreating, bills
from app.kit import clock
from sandbox.wxpay.bills import packed
from tests.wxpay import OTHER_MCHID

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=clock.SHANGHAI)
DAY = NOON.date()


@pytest.fixture
def sold(bank, wx):
    """Two payments and a refund on Monday; it is now Tuesday noon."""
    bank.at(NOON)
    for number in ("E26112200001AA", "E26112200002AA"):
        bank.prepay(wx, number)
        bank.pay(number)
    bank.refund(wx, "R1", "E26112200001AA", 30)
    bank.settled(wx, "R1")
    bank.at(NOON + timedelta(days=1))


def text_of(wx, kind="ALL", day=DAY) -> str:
    file = io.BytesIO()
    if kind == "FUND":
        wx.fund_flow_bill(day, account="BASIC", into=file)
    else:
        wx.trade_bill(day, kind=kind, into=file)
    return file.getvalue().decode()


def test_it_works(wx, sold):
    text = text_of(wx)
    assert text.startswith("\ufeff交易时间,")
    lines = text.split("\r\n")
    assert len(lines) == 7
    assert lines[-2] == "`3,`2.00,`0.30,`0.00,`0.00000,`2.00,`0.30"
    assert len(text_of(wx, "SUCCESS").split("\r\n")) == 6
    assert len(text_of(wx, "REFUND").split("\r\n")) == 5


def test_the_flow_of_money(wx, sold):
    lines = text_of(wx, "FUND").split("\r\n")
    assert lines[-2] == "`3,`2,`2.00,`1,`0.30"
    assert ",`1.70," in lines[3]


def test_a_day_without_trade_has_no_bill(wx, sold):
    with pytest.raises(NoStatement):
        text_of(wx, day=DAY - timedelta(days=1))


def test_before_ten_it_is_not_made_yet(bank, wx, sold):
    bank.at(NOON.replace(day=17, hour=9, minute=59))
    with pytest.raises(StatementCreating):
        text_of(wx)
    bank.at(NOON.replace(day=17, hour=10, minute=0))
    assert text_of(wx)


def test_today_has_none(wx, sold):
    with pytest.raises(Refused):
        text_of(wx, day=DAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("bill.bad_hash", BadReply),
        ("bill.truncated", BadReply),
        ("bill.expired", Unavailable),
        ("bill.creating", StatementCreating),
        ("bill.none", NoStatement),
        ("api.timeout_before_commit", Unavailable),
        ("api.bad_resp_sig", BadReply),
        ("api.500", Unavailable),
    ],
)
@pytest.mark.parametrize("kind", ["ALL", "FUND"])
def test_a_bill_in_trouble_is_no_bill(bank, wx, sold, fault, error, kind):
    bank.fault(fault, op="fund_flow_bill" if kind == "FUND" else "trade_bill")
    with pytest.raises(error):
        text_of(wx, kind)
    assert text_of(wx, kind)


@pytest.mark.parametrize("fault", ["api.timeout_before_commit", "api.500"])
def test_trouble_with_the_file_itself(bank, wx, sold, fault):
    bank.fault(fault, op="download")
    with pytest.raises(Unavailable):
        text_of(wx)


def test_digest_is_of_the_very_bytes(bank, wx, sold):
    """Without the byte order mark and with bare line ends it is another file, and proved all the same."""
    bank.fault("bill.no_bom")
    assert text_of(wx).startswith("交易时间")


def test_fees_have_five_decimals_and_come_back_with_the_refund(bank, sold):
    bank.at(NOON)
    wx = bank.client(OTHER_MCHID)
    bank.prepay(wx, "E26112200003AA", 10000)
    bank.pay("E26112200003AA")
    bank.refund(wx, "R3", "E26112200003AA", 5000, 10000)
    bank.settled(wx, "R3")
    bank.at(NOON + timedelta(days=1))
    text = text_of(wx)
    assert "`0.60000,`0.60%," in text
    assert "`-0.30000,`0.60%," in text
    flow = text_of(wx, "FUND")
    assert "扣除交易手续费" in flow
    assert "`退款总金额50.00元;含手续费0.30元," in flow


class Nowhere(io.RawIOBase):
    """Counts what is written."""

    size = 0

    def write(self, part) -> int:
        self.size += len(part)
        return len(part)


def test_memory_stays_small(wx, sold):
    """A bill of 20 MB goes through in pieces."""
    content, _ = packed(b"`2026-11-16 12:00:00,`wx81be3101902f7cb2\r\n" * 500_000)
    pieces = (content[at : at + 4096] for at in range(0, len(content), 4096))
    into = Nowhere()
    tracemalloc.start()
    for part in bills._unpacked(pieces, "trade_bill"):
        into.write(part)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert into.size > 20_000_000
    assert peak < 4_000_000
