"""Files of vouchers, parsed back: they agree with the ledger to the fen, and go out once."""

import csv
import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import update

from app.kit import clock, db
from app.payments.errors import FormatUnfit, FormatUnknown, NothingToExport, PeriodNotOver, TemplateInvalid
from app.payments.models import FeeItem
from app.payments.service import vouchers
from tests.payments.vouchers.conftest import SAMPLE, WECHAT, Books

DAY = "2026-11-16"


@pytest.fixture
def day_over(books: Books, next_day) -> Books:
    books.pay(123_456_789)
    books.pay(1)
    books.refund(1005)
    books.post("adjustment", "fees:wechat", WECHAT, 60)
    next_day(1)
    return books


def sums(rows: list[tuple[str, Decimal, Decimal]]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for account, debit, credit in rows:
        before = found.get(account, (0, 0))
        found[account] = (before[0] + round(debit * 100), before[1] + round(credit * 100))
    return found


def book(content: bytes) -> list[list]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


EXPECTED = {
    "102101": (123_456_790, 1065),
    "230701": (1005, 123_456_790),
    "230703": (1005, 1005),
    "5001": (60, 0),
    "7201": (60, 0),
    "8001": (0, 60),
}


def test_yonyou_text_parses_back_to_the_fen(day_over: Books):
    lines = day_over.export(DAY).content.decode("gbk").split("\r\n")
    assert lines[0] == "填制凭证,V800" and lines[-1] == ""
    rows = [line.split(",") for line in lines[1:-1]]
    assert {len(row) for row in rows} == {47}
    assert sums([(row[5], Decimal(row[6]), Decimal(row[7])) for row in rows]) == EXPECTED
    assert all((Decimal(row[6]) == 0) != (Decimal(row[7]) == 0) for row in rows)
    keys = [(row[0], row[1], row[2]) for row in rows]
    assert keys == sorted(keys, key=keys.index), "lines of a voucher are consecutive"
    for key in set(keys):
        own = [row for row in rows if (row[0], row[1], row[2]) == key]
        assert sum(Decimal(row[6]) - Decimal(row[7]) for row in own) == 0
    assert rows[0][0] == DAY and rows[0][1] == "记"
    assert all(len(row[4]) <= 60 and len(row[5]) <= 15 for row in rows)
    assert {row[15] for row in rows} == {"", "WXZX"}


def test_kingdee_rows_parse_back_to_the_fen(day_over: Books):
    heads, *rows = book(day_over.export(DAY, "kingdee").content)
    column = {name: place for place, name in enumerate(heads)}
    assert tuple(heads[:8]) == (
        "FDATE",
        "FTRANSDATE",
        "FPERIOD",
        "FGROUP",
        "FNUM",
        "FENTRYID",
        "FEXP",
        "FACCTID",
    )
    assert "FOBJNAME8" in column

    def get(row, name):
        return row[column[name]]

    found = [
        (get(row, "FACCTID"), Decimal(str(get(row, "FDEBIT"))), Decimal(str(get(row, "FCREDIT"))))
        for row in rows
    ]
    assert sums(found) == EXPECTED
    for row in rows:
        assert get(row, "FDC") == (1 if get(row, "FDEBIT") else 0)
        assert get(row, "FFCYAMT") == get(row, "FDEBIT") + get(row, "FCREDIT")
    entries: dict[int, list[int]] = {}
    for row in rows:
        entries.setdefault(get(row, "FNUM"), []).append(get(row, "FENTRYID"))
    assert all(numbers == list(range(len(numbers))) for numbers in entries.values())
    named = [row for row in rows if get(row, "FCLSNAME1") == "部门"]
    assert named and all((get(r, "FOBJID1"), get(r, "FOBJNAME1")) == ("WXZX", "维修中心") for r in named)


def test_generic_rows_parse_back_to_the_fen(day_over: Books):
    heads, *rows = book(day_over.export(DAY, "generic").content)
    account, debit, credit = (heads.index(name) for name in ("科目编码", "借方金额", "贷方金额"))
    found = [(r[account], Decimal(str(r[debit] or 0)), Decimal(str(r[credit] or 0))) for r in rows]
    assert sums(found) == EXPECTED


def test_a_format_of_ones_own_is_configuration(day_over: Books):
    own = {
        "key": "tiancai",
        "title": "天财",
        "settings": {
            "exporter": "columns",
            "file": "csv",
            "encoding": "gb18030",
            "separator": "\t",
            "columns": [
                {"name": "PZRQ", "value": "{voucher_on:%Y%m%d}", "width": 8},
                {"name": "LX", "value": "JZ"},
                {"name": "KM", "value": "{account}"},
                {"name": "FX", "value": "{dc}"},
                {"name": "JE", "value": "{amount}", "width": 16},
                {"name": "ZY", "value": "【{department_name}】{summary}"},
            ],
        },
    }
    with db.unit_of_work() as session:
        vouchers.load_formats(session, [own])
    text = day_over.export(DAY, "tiancai").content.decode("gb18030")
    heads, *rows = csv.reader(io.StringIO(text), delimiter="\t")
    assert heads == ["PZRQ", "LX", "KM", "FX", "JE", "ZY"]
    found = [
        (
            row[2],
            Decimal(row[4]) if row[3] == "借" else Decimal(0),
            Decimal(row[4]) if row[3] == "贷" else Decimal(0),
        )
        for row in rows
    ]
    assert sums(found) == EXPECTED
    assert {row[0] for row in rows} == {"20261116"} and {row[1] for row in rows} == {"JZ"}


@pytest.mark.parametrize(
    "broken",
    [
        {"exporter": "xml"},
        {"exporter": "columns", "file": "doc", "columns": [{"name": "a", "value": "b"}]},
        {"exporter": "columns", "file": "csv", "columns": []},
        {"exporter": "columns", "file": "csv", "encoding": "none", "columns": [{"name": "a", "value": "b"}]},
        {
            "exporter": "columns",
            "file": "csv",
            "columns": [{"name": "a", "value": "{number.__class__.__mro__}"}],
        },
        {"exporter": "columns", "file": "csv", "columns": [{"name": "a", "value": "x", "formula": "y"}]},
    ],
)
def test_a_format_that_can_not_be_is_refused(app, broken):
    with pytest.raises(TemplateInvalid), db.unit_of_work() as session:
        vouchers.load_formats(session, [{"key": "x", "title": "x", "settings": broken}])


@pytest.mark.parametrize("key", ["yonyou", "kingdee", "generic"])
def test_exporting_twice_gives_the_same_bytes(day_over: Books, key: str, next_day):
    first = day_over.export(DAY, key)
    next_day(1)
    again = day_over.export(DAY, key)
    assert first.is_new and not again.is_new
    assert first.content == again.content
    assert day_over.rows("SELECT count(*) FROM payments_voucher_exports")[0][0] == 1


def test_what_came_late_goes_out_alone_and_the_first_file_is_still_there(day_over: Books):
    first = day_over.export(DAY)
    day_over.pay(77)
    second = day_over.export(DAY)
    assert (second.no, second.vouchers, second.is_new) == (2, 1, True)
    assert second.content.decode("gbk").count("\r\n") == 3
    numbers = [
        {line.split(",")[2] for line in file.content.decode("gbk").split("\r\n")[1:-1]}
        for file in (first, second)
    ]
    assert not numbers[0] & numbers[1]
    assert day_over.export(DAY, no=1).content == first.content
    assert day_over.export(DAY).content == second.content


def test_a_period_that_is_not_over_stays_here(books: Books):
    books.pay(100)
    for period in (DAY, "2026-11"):
        with pytest.raises(PeriodNotOver):
            books.export(period)


def test_nothing_to_export_and_no_such_format_say_so(books: Books, next_day):
    next_day(1)
    with pytest.raises(NothingToExport):
        books.export(DAY)
    with pytest.raises(FormatUnknown):
        books.export(DAY, "none")


def test_commas_and_signs_that_gbk_lacks_break_no_line(books: Books, next_day):
    with db.unit_of_work() as session:
        session.execute(update(FeeItem).values(title='电,费"😀\n龘'))
    books.pay(100)
    next_day(1)
    rows = [line.split(",") for line in books.export(DAY).content.decode("gbk").split("\r\n")[1:-1]]
    assert {len(row) for row in rows} == {47}
    assert rows[0][4].startswith("2026-11-16 微信支付代收电，费”? ")


def test_a_code_is_never_cut_short(books: Books, next_day):
    books.load(
        debit_of="channel",
        credit_of="due",
        channel="wechat",
        fee_item="electricity",
        valid_from="2020-01-01",
        debit="102101",
        credit="230701",
        debit_aux={"project": "P" * 21},
    )
    books.pay(100)
    next_day(1)
    with pytest.raises(FormatUnfit):
        books.export(DAY)
    assert books.rows("SELECT 1 FROM payments_voucher_exports") == []


def test_the_command_says_which_day_is_open_in_one_sentence(app, books: Books, tmp_path):
    books.pay(100)
    clock.advance(timedelta(days=1))
    out = tmp_path / "v.txt"
    words = ["payments", "vouchers", "--date", DAY, "--format", "yonyou", "--out", str(out)]
    said = app.test_cli_runner().invoke(args=words)
    assert said.exit_code == 1 and not out.exists()
    assert said.output.strip().splitlines() == [
        "Error: 2026-11-16 还没有关账（共 1 天没有关），不能生成凭证。请先在“对账”里处理差错并关账，再来生成。"
    ]


def test_the_command_writes_the_file_and_says_in_a_sentence_what_is_wrong(app, day_over: Books, tmp_path):
    runner = app.test_cli_runner()
    out = tmp_path / "v.txt"
    words = ["payments", "vouchers", "--date", DAY, "--format", "yonyou", "--out", str(out)]
    said = runner.invoke(args=words)
    assert said.exit_code == 0, said.output
    first = out.read_bytes()
    assert "4 张凭证" in said.output
    assert "与上次相同" in runner.invoke(args=words).output
    assert out.read_bytes() == first
    wrong = runner.invoke(args=["payments", "vouchers", "--date", "x", "--format", "a", "--out", str(out)])
    assert wrong.exit_code == 1 and "期间不对" in wrong.output and "Traceback" not in wrong.output
    loaded = runner.invoke(args=["payments", "load-vouchers", str(SAMPLE)])
    assert f"{len(json.loads(SAMPLE.read_text('utf-8'))['rules'])} 条规则" in loaded.output
