"""Bills as the real ones look, and each way in which a bill can lie."""

import csv
import io
from datetime import datetime, timedelta

import pytest

from app.clients.vendor import BadReply
from app.kit import clock
from tests.wxpay import LI, MCHID

NOON = datetime(2026, 11, 16, 12, 0, tzinfo=clock.SHANGHAI)
DAY = NOON.date()
FIRST, SECOND = "E26112200001AA", "E26112200002AA"


@pytest.fixture
def sold(bank, wx):
    bank.at(NOON)
    bank.prepay(wx, FIRST, 100, description="电费,三号楼", attach="a\nb")
    bank.pay(FIRST)
    bank.prepay(wx, SECOND, 250)
    bank.pay(SECOND)
    bank.fault("refund.processing_forever", order="R1")
    bank.refund(wx, "R1", FIRST, 30)
    bank.at(NOON + timedelta(days=1))


def raw(wx, kind="ALL", day=DAY) -> bytes:
    file = io.BytesIO()
    if kind == "FUND":
        wx.fund_flow_bill(day, account="BASIC", into=file)
    else:
        wx.trade_bill(day, kind=kind, into=file)
    return file.getvalue()


def read(content: bytes) -> tuple[list[dict[str, str]], dict[str, str]]:
    """Lines and summary by their headers."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    values = [[cell.removeprefix("`") for cell in row] for row in rows]
    lines = [dict(zip(values[0], row, strict=True)) for row in values[1:-2]]
    return lines, dict(zip(values[-2], values[-1], strict=True))


def test_it_works(wx, sold, bank):
    content = raw(wx)
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\r\n")
    lines, summary = read(content)
    assert len(lines[0]) == 27
    assert [line["交易状态"] for line in lines] == ["SUCCESS", "SUCCESS", "REFUND"]
    first = lines[0]
    assert (first["商户订单号"], first["订单金额"], first["手续费"]) == (FIRST, "1.00", "0.00000")
    assert (first["公众账号ID"], first["商户号"], first["用户标识"]) == (bank.appid, MCHID, LI)
    assert (first["微信退款单号"], first["特约商户号"]) == ("0", "0")
    assert (first["商品名称"], first["商户数据包"]) == ("电费\\ 三号楼", "a\\nb")
    assert first["交易时间"] == "2026-11-16 12:00:00"
    refund = lines[2]
    assert (refund["退款状态"], refund["退款金额"], refund["订单金额"]) == ("PROCESSING", "0.30", "0.00")
    assert summary["总交易单数"] == "3"
    assert summary["订单总金额"] == "3.50"
    assert summary["退款总金额"] == "0.30"


def test_the_refund_bill_has_both_times(wx, sold):
    lines, _ = read(raw(wx, "REFUND"))
    assert len(lines[0]) == 29
    assert lines[0]["退款申请时间"] == "2026-11-16 12:00:00"
    assert lines[0]["退款成功时间"] == ""
    assert len(read(raw(wx, "SUCCESS"))[0][0]) == 20


def test_a_refund_that_ends_later_stays_as_it_was(bank, wx, sold):
    bank.ask("refunds/finish", refund_no="R1", status="SUCCESS", wait=True)
    assert read(raw(wx))[0][2]["退款状态"] == "PROCESSING"


def test_the_flow_has_a_running_balance(bank, wx, sold):
    bank.ask("settle", mchid=MCHID, day=DAY.isoformat())
    lines, summary = read(raw(wx, "FUND"))
    assert [line["账户结余(元)"] for line in lines] == ["1.00", "3.50", "3.20"]
    assert summary["支出金额"] == "0.30"
    bank.at(NOON + timedelta(days=2))
    lines, _ = read(raw(wx, "FUND", DAY + timedelta(days=1)))
    assert [(line["业务名称"], line["收支金额(元)"], line["账户结余(元)"]) for line in lines] == [
        ("提现", "3.20", "0.00")
    ]


def test_an_older_day_than_three_months(bank, wx, sold):
    bank.at(NOON + timedelta(days=93))
    with pytest.raises(Exception, match="INVALID_REQUEST"):
        raw(wx)


LIES = {
    "bill.missing_line": lambda lines, summary: len(lines) == 2,
    "bill.extra_line": lambda lines, summary: lines[-1]["商户订单号"] == "NOTOURS0000001",
    "bill.dup_line": lambda lines, summary: lines[-1] == lines[0],
    "bill.amount": lambda lines, summary: lines[0]["订单金额"] == "1.01",
    "bill.status": lambda lines, summary: lines[0]["交易状态"] == "REVOKED",
    "bill.total_mismatch": lambda lines, summary: summary["应结订单总金额"] == "3.51",
    "bill.old_header": lambda lines, summary: "总金额" in lines[0] and "总交易额" in summary,
    "bill.reordered_columns": lambda lines, summary: next(iter(lines[0])) == "微信订单号",
}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_told_once_with_a_true_digest(bank, wx, sold, name):
    bank.fault(name, order=DAY.isoformat(), op="trade_bill")
    assert LIES[name](*read(raw(wx)))
    assert not LIES[name](*read(raw(wx)))


def test_a_line_is_chosen_by_number_or_by_what_it_says(bank, wx, sold):
    bank.fault("bill.missing_line", k=1)
    assert [line["商户订单号"] for line in read(raw(wx))[0]] == [FIRST, FIRST]
    bank.fault("bill.amount", line=SECOND, fen=-50)
    assert [line["订单金额"] for line in read(raw(wx))[0]] == ["1.00", "2.00", "0.00"]


def test_a_payment_of_midnight_is_billed_the_day_after(bank, wx, sold):
    bank.fault("bill.shift_day", order=DAY.isoformat())
    assert len(read(raw(wx))[0]) == 2
    bank.at(NOON + timedelta(days=2))
    assert [line["商户订单号"] for line in read(raw(wx, day=DAY + timedelta(days=1)))[0]] == [SECOND]


def test_the_flow_can_lie_too(bank, wx, sold):
    bank.ask("settle", mchid=MCHID, day=DAY.isoformat())
    bank.at(NOON + timedelta(days=2))
    bank.fault("fund.missing_settlement")
    assert read(raw(wx, "FUND", DAY + timedelta(days=1)))[0] == []


def test_a_file_cut_short_or_of_another_digest_is_noticed(bank, wx, sold):
    for name in ("bill.truncated", "bill.bad_hash"):
        bank.fault(name)
        with pytest.raises(BadReply):
            raw(wx)
