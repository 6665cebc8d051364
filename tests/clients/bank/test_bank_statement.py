"""Bank statements as banks export them: titles above, sums below, their own headings, CSV in GBK or a workbook."""

import io
from datetime import date, datetime

import pytest
import xlsxwriter

from app.clients.bank import BankMapping, BankStatement
from app.clients.bill_lines import BadBill, Wanted
from app.clients.opening import open_bank_mappings

DAY = date(2026, 11, 17)
SPLIT = BankMapping(
    date="交易日期", time="交易时间", came="贷方发生额", went="借方发生额", balance="余额",
    reference="交易流水号", payer="对方户名", note="摘要", date_format="%Y%m%d",
)  # fmt: skip
SIGNED = BankMapping(
    date="记账时间", amount="金额", reference="流水号", date_format="%Y-%m-%d %H:%M:%S", encoding="utf-8"
)
CSV = """账户明细查询,,,,,,,
账号,0000 0000 0000,,,,,,
交易日期,交易时间,交易流水号,借方发生额,贷方发生额,余额,对方户名,摘要
20261116,17:30:00,N0001,,"1,000.00","11,000.00",某学院,学费
20261117,09:12:33,N0002,,"5,234.56","16,234.56",财付通支付科技有限公司,微信支付结算款
20261117,10:00:00,N0003,200.00,,"16,034.56","某供应商,本部",采购
合计,,,200.00,"6,234.56",,,
"""


def read(content: bytes, mapping: BankMapping = SPLIT, day: date = DAY):
    statement = BankStatement(io.BytesIO(content), Wanted("基本户", day), mapping)
    return list(statement), statement.totals


def refused(content: bytes, mapping: BankMapping = SPLIT, day: date = DAY) -> BadBill:
    with pytest.raises(BadBill) as caught:
        read(content, mapping, day)
    return caught.value


def test_it_works():
    content = CSV.replace("\n", "\r\n").encode("gbk")
    lines, totals = read(content)
    assert [(line.sort, line.reference, line.fen) for line in lines] == [
        ("settlement", "N0002", 523456), ("other", "N0003", -20000)]  # fmt: skip
    assert (totals.opening_fen, totals.closing_fen, totals.in_fen, totals.out_fen) == (
        1100000, 1603456, 523456, -20000)  # fmt: skip
    first = lines[0]
    assert (first.at, first.note) == ("2026-11-17T09:12:33+08:00", "财付通支付科技有限公司 微信支付结算款")
    assert lines[1].note == "某供应商,本部 采购"
    assert content[first.start : first.start + first.size].startswith(b"20261117,09:12:33")


def test_one_signed_column_in_utf_8_without_a_balance():
    content = "记账时间,流水号,金额\n2026-11-17 08:00:00,A1,12.5\n2026-11-17 09:00:00,A2,-3.00\n".encode()
    lines, totals = read(content, SIGNED)
    assert [line.fen for line in lines] == [1250, -300]
    assert (totals.lines, totals.opening_fen, totals.closing_fen) == (2, None, None)


def test_a_workbook():
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, ["账户明细"])
    sheet.write_row(
        1, 0, ["交易日期", "交易时间", "交易流水号", "借方发生额", "贷方发生额", "余额", "对方户名", "摘要"]
    )
    sheet.write_datetime(2, 0, datetime(2026, 11, 17), day)
    sheet.write_row(2, 1, ["09:12:33", 20261117001, "", 52.34, 152.34, "财付通", "结算款"])
    sheet.write_row(3, 0, ["20261117", "10:00:00", "N2", 2, "", 150.34, "", ""])
    book.close()
    lines, totals = read(file.getvalue())
    assert [(line.no, line.reference, line.fen, line.start, line.size) for line in lines] == [
        (3, "20261117001", 5234, 3, 0), (4, "N2", -200, 4, 0)]  # fmt: skip
    assert (totals.opening_fen, totals.closing_fen) == (10000, 15034)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("贷方发生额", "收入金额", "missing_columns"),
        ("16,234.56", "16,234.57", "balance"),
        ('"5,234.56"', '"5,234.5x"', "value"),
        ('200.00,,"16', '200.00,1.00,"16', "value"),
        ("N0002", "", "number"),
        ("20261116,", "小计,,,,,,,\n20261116,", None),
        ("合计,", "合计,,,,,,,\n20261117,11:00:00,N4,,1.00,,,\n合计,", "no_detail"),
    ],
)
def test_one_wrong_place_refuses_the_file(old, new, code):
    assert old in CSV
    content = CSV.replace(old, new, 1).encode("gbk")
    if code is None:
        assert len(read(content)[0]) == 2
    else:
        assert refused(content).code == code


def test_a_day_that_is_not_in_it_is_refused():
    assert refused(CSV.encode("gbk"), day=date(2026, 11, 18)).code == "no_such_day"


def test_no_workbook_and_another_encoding_are_refused():
    assert refused(b"PK\x03\x04" + b"\0" * 50).code == "unreadable"
    assert refused(CSV.encode("gbk")[:-1]).code == "cut"
    assert refused(CSV.encode("utf-16")).code in ("unreadable", "cut")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"date": "日期"}, "reference missing"),
        ({"date": "日", "reference": "号"}, "came"),
        ({"datum": "x"}, "datum"),
    ],
)
def test_a_mapping_that_cant_be_stops_the_start(given, words):
    with pytest.raises(ValueError, match=words):
        open_bank_mappings({"bank": {"基本户": given}})


def test_mappings_are_by_account():
    given = {"date": "日期", "reference": "流水号", "amount": "金额", "settlement_words": ["网银在线"]}
    assert open_bank_mappings({"bank": {"基本户": given}})["基本户"].settlement_words == ("网银在线",)
