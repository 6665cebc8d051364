"""Reading WeChat's bills: the real ones as they were published, our own in every form, and no damaged one."""

import hashlib
import io
import tracemalloc
from datetime import date

import pytest

from app.clients.bill_lines import BadBill, Wanted
from app.clients.wxpay.fund_bill import FundBill
from app.clients.wxpay.trade_bill import TradeBill
from sandbox.wxpay.bills import HEADERS, SUMMARY
from tests.payments.bill_files import DAY, MCHID, Move, TradeFile, fund_file, old, payment, refund, whole

ROW = (
    "`{at},`wx81be3101902f7cb2,`1601959334,`0,`,`{trade},`{order},`ofyak5qR_1wYsC99CsWA6R9MJazA,`NATIVE,`SUCCESS,"
    "`OTHERS,`CNY,`0.01,`0.00,`0,`0,`0.00,`0.00,`,`,`for testing,`cipher code,`0.00000,`1.00%,`0.01,`0.00,`"
)
REAL = [
    HEADERS["ALL"],
    ROW.format(at="2021-01-28 17:07:11", trade="4200000925202101284997714292", order="S20210128170702357723"),
    ROW.format(at="2021-01-28 15:35:18", trade="4200000910202101282955148400", order="S20210128153505214586"),
    ROW.format(at="2021-01-28 16:59:46", trade="4200000926202101281412639609", order="S20210128165824499930"),
    SUMMARY,
    "`3,`0.03,`0.00,`0.00,`0.00000,`0.03,`0.00",
]
REAL_SHA1 = "dcd7ceb3d382a1181798368bb15d8437de46c00f"
REAL_REFUND = (
    "`2021-01-24 16:16:25,`wx81be3101902f7cb2,`1601959334,`0,`,`4200000844202101245866928772,"
    "`S20210124161554311546,`ofyak5qR_1wYsC99CsWA6R9MJazA,`NATIVE,`REFUND,`OTHERS,`CNY,`0.00,`0.00,"
    "`2021-02-01 14:33:21,`2021-02-01 14:33:24,`50300807172021020106006664916,`S20210201143320649393,`0.01,`0.00,"
    "`ORIGINAL,`SUCCESS,`for testing,`cipher code,`0.00000,`1.00%,`0.00,`0.01,`"
)
REAL_FUND = [
    HEADERS["FUND"],
    "`2021-02-01 13:54:01,`50300806962021020105978994968,`4200000920202101197964319284,`退款,`退款,`支出,`0.01,"
    "`0.22,`1601959334API,`退款总金额0.01元;含手续费0.00元,`S20210201135356381941",
    "`2021-02-01 14:00:45,`50300907032021020105978998710,`4200000846202101197461830397,`退款,`退款,`支出,`0.01,"
    "`0.21,`1601959334API,`退款总金额0.01元;含手续费0.00元,`S20210201140044552846",
    "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额",
]
JANUARY, FEBRUARY = date(2021, 1, 28), date(2021, 2, 1)


def content_of(lines, mark=b"\xef\xbb\xbf") -> bytes:
    return mark + "".join(f"{line}\r\n" for line in lines).encode()


def trade(content: bytes, kind="ALL", account=MCHID, day=DAY, is_proved=False):
    bill = TradeBill(io.BytesIO(content), Wanted(account, day, is_proved=is_proved), kind=kind)
    return list(bill), bill.totals


def fund(content: bytes, day=DAY, account=MCHID):
    bill = FundBill(io.BytesIO(content), Wanted(account, day))
    return list(bill), bill.totals


def refused(read, content: bytes, **given) -> BadBill:
    with pytest.raises(BadBill) as caught:
        read(content, **given)
    return caught.value


def test_it_works():
    lines, totals = trade(whole().encode())
    assert (totals.lines, totals.in_fen, totals.out_fen, totals.fee_e5) == (4, 7501, -1200, 37806)
    first, back = lines[0], lines[3]
    assert (first.no, first.sort, first.fen, first.fee_e5, first.status) == (
        2,
        "payment",
        5000,
        30000,
        "SUCCESS",
    )
    assert (first.reference, first.number, first.original) == (payment(1).trade, "E2611150000001", None)
    assert first.at == f"{DAY} 00:00:01+08:00"
    assert (back.sort, back.fen, back.fee_e5, back.status) == ("refund", -1200, -7200, "SUCCESS")
    assert (back.reference, back.number, back.original) == (
        refund(1).refund_id, "R2611150000001", refund(1).trade)  # fmt: skip


def test_a_line_can_be_found_again_in_the_bytes():
    content = whole().encode()
    for line in trade(content)[0]:
        raw = content[line.start : line.start + line.size].decode()
        assert raw.startswith("`") and raw.endswith("\r\n")
        assert line.reference in raw


def test_the_real_bill_that_was_published_adds_up():
    content = content_of(REAL)
    assert hashlib.sha1(content, usedforsecurity=False).hexdigest() == REAL_SHA1
    lines, totals = trade(content, account="1601959334", day=JANUARY)
    assert (totals.lines, totals.in_fen, totals.out_fen, totals.fee_e5) == (3, 3, 0, 0)
    assert [line.at[11:19] for line in lines] == ["17:07:11", "15:35:18", "16:59:46"]
    assert {line.note for line in lines} == {"for testing"}


def test_the_real_refund_is_read_and_its_excerpt_is_no_bill():
    """Published is one line of four, with the summary of all four."""
    summary = [SUMMARY, "`4,`0.00,`2.02,`0.00,`-0.02000,`0.00,`2.02"]
    flaw = refused(trade, content_of([HEADERS["REFUND"], REAL_REFUND, *summary]), kind="REFUND",
                   account="1601959334", day=FEBRUARY)  # fmt: skip
    assert flaw.code == "sum"
    alone = [HEADERS["REFUND"], REAL_REFUND, SUMMARY, "`1,`0.00,`0.01,`0.00,`0.00000,`0.00,`0.01"]
    (line,), totals = trade(content_of(alone), kind="REFUND", account="1601959334", day=FEBRUARY)
    assert (line.fen, totals.out_fen, line.at) == (-1, -1, "2021-02-01 14:33:21+08:00")
    assert (line.reference, line.number) == ("50300807172021020106006664916", "S20210201143320649393")


def test_the_real_fund_flow_lacks_a_line_and_is_noticed():
    flaw = refused(fund, content_of([*REAL_FUND, "`3,`1,`0.01,`2,`0.02"]), day=FEBRUARY, account="1601959334")
    assert (flaw.code, flaw.params["name"]) == ("sum", "资金流水总笔数")
    lines, totals = fund(content_of([*REAL_FUND, "`2,`0,`0.00,`2,`0.02"]), day=FEBRUARY, account="1601959334")
    assert (totals.opening_fen, totals.closing_fen, totals.out_fen) == (23, 21, -2)
    assert lines[0].note == "退款总金额0.01元;含手续费0.00元"
    assert refused(fund, content_of(REAL_FUND), day=FEBRUARY).code == "account"


@pytest.mark.parametrize("kind", ["ALL", "SUCCESS", "REFUND"])
def test_every_type_in_any_order_of_its_columns(kind):
    rows = {"SUCCESS": [payment(1), payment(2)], "REFUND": [refund(1), refund(2)]}.get(kind)
    file = whole(kind, rows)
    expected = trade(file.encode(), kind)
    file.columns = [*file.columns[7:], *file.columns[:7]][::-1]
    lines, totals = trade(file.encode(), kind)
    assert totals == expected[1]
    assert [line[1:12] for line in lines] == [line[1:12] for line in expected[0]]


def test_the_old_header_is_read():
    lines, totals = trade(old().encode())
    assert [line[1:12] for line in lines] == [line[1:12] for line in trade(whole().encode())[0]]
    assert totals.in_fen == 7501


def test_a_refund_in_a_refund_bill_is_of_the_day_on_which_it_was_asked_for():
    late = refund(1, at="2026-09-01 10:00:00", refund_at=f"{DAY} 08:00:00")
    (line,), _ = trade(whole("REFUND", [late]).encode(), "REFUND")
    assert line.at == f"{DAY} 08:00:00+08:00"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("电费\\ 三号楼", "电费,三号楼"),
        ("a\\nb", "a\nb"),
        ("`反引号`", "`反引号`"),
        ("价格1,000元", "价格1,000元"),
        ("", ""),
        ('"引号"', '"引号"'),
        ("\t制表", "\t制表"),
    ],
)
def test_a_merchants_own_words_come_back(name, shown):
    (line,), _ = trade(whole(rows=[payment(1, name=name, attach=name)]).encode())
    assert line.note == shown


def test_a_day_without_lines_is_a_bill():
    lines, totals = trade(whole(rows=[]).encode())
    assert (lines, totals.lines, totals.in_fen) == ([], 0, 0)


def test_negative_fees_are_summed():
    assert trade(whole(rows=[refund(1, 5000)]).encode())[1].fee_e5 == -30000


def test_what_a_digest_vouches_for_may_have_bare_line_ends():
    file = whole()
    file.mark, file.end = b"", "\n"
    assert refused(trade, file.encode()).code == "line_end"
    lines, totals = trade(file.encode(), is_proved=True)
    assert totals.lines == 4
    assert file.encode()[lines[1].start :].decode().startswith(f"`{DAY} 00:00:02")


def changed(old_text: str, new_text: str, file: TradeFile | None = None) -> bytes:
    content = (file or whole()).encode().decode()
    assert old_text in content
    return content.replace(old_text, new_text, 1).encode()


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (changed("商户号", "商家号"), "unknown_columns", 1),
        (changed("费率备注\r\n`", "费率备注,新列\r\n`"), "unknown_columns", 1),
        (changed("设备号,", ""), "missing_columns", 1),
        (changed("设备号,", "商户号,"), "unknown_columns", 1),
        (whole("SUCCESS", [payment(1)]).encode(), "type", 1),
        (changed(MCHID, "1699900009"), "account", 2),
        (changed(f"{DAY} 00:00:02", "2026-11-16 00:00:02"), "day", 3),
        (changed(f"{DAY} 00:00:02", f"{DAY} 24:00:02"), "number", 3),
        (changed("`CNY", "`USD"), "number", 2),
        (changed("`SUCCESS,`OTHERS", "`PAYING,`OTHERS"), "status", 2),
        (changed("`50.00", "`50.0O"), "value", 2),
        (changed("`50.00", "`-50.00"), "value", 2),
        (changed("`50.00", "`50.01"), "sum", 7),
        (changed("`OTHERS,", "`OTHERS,`,"), "cells", 2),
        (changed("`0.60%,", ""), "cells", 2),
        (changed(f"`{payment(1).trade}", "`"), "number", 2),
        (changed("总交易单数", "总交易笔数"), "no_detail", 6),
        (changed("`4,`75.01", "`5,`75.01"), "sum", 7),
        (changed("`0.37806", "`0.37807"), "sum", 7),
        (changed("`75.01,`12.00\r\n", "`75.01,`12.01\r\n"), "sum", 7),
        (whole().encode() + whole().encode(), "after_end", 8),
        (whole().encode() + b"\r\n", "after_end", 8),
        (b"\xef\xbb\xbf" + whole().encode(), "unknown_columns", 1),
        (whole().encode().replace(b"\r\n", b"\n"), "line_end", 1),
        (whole().encode()[:-2], "cut", 7),
        (whole().encode()[:-1], "cut", 7),
        (changed("电费", "电\0费"), "unreadable", 2),
        (whole().encode().replace("电费".encode(), "电费".encode("gbk"), 1), "unreadable", 2),
        (b"", "unknown_columns", 1),
        (b"`" * 70_000, "long_line", 1),
        (b"\x1f\x8b\x08\x00" + b"\0" * 40, "cut", 1),
    ],
)  # fmt: skip
def test_one_wrong_place_refuses_the_file(content, code, line):
    flaw = refused(trade, content)
    assert (flaw.code, flaw.line) == (code, line)


def test_a_bill_cut_anywhere_is_refused():
    content = whole().encode()
    for end in range(len(content)):
        refused(trade, content[:end])


MOVES = [
    Move("08:00:00", "交易", 5000, "1"),
    Move("08:00:00", "扣除交易手续费", -30, "1"),
    Move("09:00:00", "退款", -1194, "2", "退款总金额12.00元;含手续费0.06元"),
    Move("10:00:00", "提现", -10_000, "3"),
]


def test_the_flow_of_money():
    lines, totals = fund(fund_file(MOVES))
    assert [line.sort for line in lines] == ["payment", "fee", "refund", "settlement"]
    assert [line.balance_fen for line in lines] == [15000, 14970, 13776, 3776]
    assert (totals.in_fen, totals.out_fen) == (5000, -11224)
    assert (totals.opening_fen, totals.closing_fen) == (10000, 3776)
    assert (lines[0].reference, lines[0].original, lines[0].number) == ("5031", "4201", "V1")


def test_the_flow_may_be_listed_newest_first_and_with_wide_brackets():
    head, *lines = fund_file(MOVES).decode().split("\r\n")
    turned = "\r\n".join([head.replace("(元)", "（元）"), *lines[3::-1], *lines[4:]]).encode()
    assert fund(turned)[1] == fund(fund_file(MOVES))[1]


@pytest.mark.parametrize(
    ("old_text", "new_text", "code", "line"),
    [
        ("`149.70", "`149.71", "balance", 3),
        ("`137.76", "`137.75", "balance", 4),
        ("`支出,`11.94", "`支出,`11.95", "balance", 4),
        ("`支出,`11.94", "`收入,`11.94", "balance", 4),
        ("`4,`1,`50.00,`3,`112.24", "`4,`1,`50.00,`3,`112.25", "sum", 7),
        ("`4,`1,`50.00,`3,`112.24", "`4,`2,`50.00,`2,`112.24", "sum", 7),
        ("业务凭证号", "凭证号", "unknown_columns", 1),
        ("`收入", "`进账", "value", 2),
        (f"{DAY} 09", "2026-11-14 09", "day", 4),
        ("`5031", "`", "number", 2),
    ],
)
def test_one_wrong_place_refuses_the_flow(old_text, new_text, code, line):
    content = fund_file(MOVES).decode()
    assert old_text in content
    flaw = refused(fund, content.replace(old_text, new_text, 1).encode())
    assert (flaw.code, flaw.line) == (code, line)


def test_memory_does_not_grow_with_the_day():
    file = whole(rows=[payment(number, number) for number in range(1, 4_001)])
    content = io.BytesIO(file.encode())
    tracemalloc.start()
    count = sum(1 for _ in TradeBill(content, Wanted(MCHID, DAY)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, peak < 12_000_000) == (4_000, True)
