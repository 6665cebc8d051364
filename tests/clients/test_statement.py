"""Statements: a whole file or none, from either vendor."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clients.statement import StatementMissing, read_statement
from app.clients.vendor import BadReply, Unavailable
from tests.vendors import (
    LIGHTS,
    STUDENT,
    _vendor_server,  # noqa: F401 - fixture
    order,
    today,
    vendors,  # noqa: F401 - fixture
)

DAY = date(2026, 11, 22)
GOOD = (
    b"H|WL001|20261122|2|4900\r\n"
    b"D|DK01|E26112200001A|20261122|20261122101500|TOPUP|E03512|E035121|5000|1\r\n"
    b"D|DK02|E26112200002A|20261122|20261121235900|REFUND|E03512|E035121|-100|1\r\n"
    b"T|2|4900|6991007350dcc990330ee7e70d9646a1\r\n"
)


def read(content: bytes):
    return read_statement(content, merchant="WL001", day=DAY, call="statement")


@pytest.mark.parametrize("system", ["isims", "synjones"])
def test_it_works(vendors, system):  # noqa: F811
    meters = vendors.meters(system)
    for number in range(3):
        meters.top_up(order(system, f"E{number:05d}", 1_000))
    found = meters.statement(today())
    assert [row.order_no for row in found.rows] == ["E00000", "E00001", "E00002"]
    assert found.total_fen == 3_000 and found.content.startswith(b"H|WL001|")
    row, state = found.rows[0], meters.query_top_up(order(system, "E00000", 1_000))
    assert (row.key, row.vendor_ref, row.at) == (state.room_key, state.vendor_ref, state.at)
    assert (row.kind, row.fen, row.biz_date) == ("TOPUP", 1_000, today())
    assert row.meter == LIGHTS[system]
    assert meters.statement(today() - timedelta(days=1)).rows == ()


def test_the_card_has_debits_and_refunds(vendors):  # noqa: F811
    card = vendors.card()
    account = card.account(STUDENT).account_no
    ref = card.debit("P1", account, 1_000, "").vendor_ref
    card.refund("R1", "P1", ref, account, 400)
    found = card.statement(today())
    assert [(row.kind, row.order_no, row.fen, row.key) for row in found.rows] == [
        ("DEBIT", "P1", 1_000, account),
        ("REFUND", "R1", -400, account),
    ]
    assert found.total_fen == 600


@pytest.mark.parametrize(("system", "machine"), [("isims", "meters"), ("synjones", "card")])
def test_a_broken_file_is_no_file(vendors, system, machine):  # noqa: F811
    meters = vendors.meters(system)
    for number in range(3):
        meters.top_up(order(system, f"E{number:05d}", 1_000))
    for fault in ("statement_truncated", "statement_total_mismatch"):
        vendors.fault(machine, fault)
        with pytest.raises(BadReply):
            meters.statement(today())
    vendors.fault(machine, "statement_missing")
    with pytest.raises(StatementMissing):
        meters.statement(today())
    assert len(meters.statement(today()).rows) == 3


@pytest.mark.parametrize(("system", "machine"), [("isims", "meters"), ("synjones", "card")])
def test_a_file_may_be_whole_and_still_differ(vendors, system, machine):  # noqa: F811
    meters = vendors.meters(system)
    for number in range(3):
        meters.top_up(order(system, f"E{number:05d}", 1_000))
    vendors.fault(machine, "statement_missing_row")
    assert len(meters.statement(today()).rows) == 2
    vendors.fault(machine, "statement_extra_row")
    assert [row.order_no[:6] for row in meters.statement(today()).rows][-1] == "NOBODY"
    vendors.fault(machine, "statement_span_day")
    assert len(meters.statement(today()).rows) == 2
    vendors.ahead(86_400)
    (late,) = meters.statement(today() + timedelta(days=1)).rows
    assert (late.order_no, late.at.date()) == ("E00002", today())
    assert len(meters.statement(today()).rows) == 2


def test_without_an_address_there_is_no_statement(vendors):  # noqa: F811
    meters = vendors.meters("isims", statement_url="")
    assert not meters.capabilities.has_statement
    with pytest.raises(Unavailable):
        meters.statement(today())


def test_a_file_written_by_hand():
    found = read(GOOD)
    assert [row.fen for row in found.rows] == [5_000, -100]
    assert found.rows[1].at.isoformat() == "2026-11-21T23:59:00+08:00"


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"WL001", b"WL002", "account"),
        (b"H|WL001|20261122", b"H|WL001|20261123", "day"),
        (b"|2|4900\r\nD", b"|3|4900\r\nD", "sum"),
        (b"T|2|", b"T|1|", "sum"),
        (b"H|WL001|20261122|2|4900", b"H|WL001|20261122|2|4901", "sum"),
        (b"|5000|1", b"|5001|1", "sum"),
        (b"E03512|E035121|5000", b"E03513|E035121|5000", "sum"),
        (b"699100", b"000000", "sum"),
        (b"\r\nT|2|", b"\r\nX|2|", "no_detail"),
        (b"|-100|", b"|-1.00|", "value"),
        (b"|TOPUP|", b"|GIFT|", "value"),
        (b"|20261122101500|", b"|20261122|", "value"),
        (b"\r\n", b"\n", "line_end"),
    ],
)
def test_one_wrong_place_rejects_the_file(old, new, why):
    assert old in GOOD
    with pytest.raises(BadReply) as caught:
        read(GOOD.replace(old, new))
    assert caught.value.code == f"statement_{why}"


@given(st.integers(0, len(GOOD) - 1))
def test_a_file_cut_anywhere_is_rejected(end):
    with pytest.raises(BadReply):
        read(GOOD[:end])


@given(st.binary(max_size=300))
def test_rubbish_is_rejected(content):
    with pytest.raises(BadReply):
        read(content)
