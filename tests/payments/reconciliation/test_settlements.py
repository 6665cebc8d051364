"""Which settlements make up a bank's line."""

from datetime import date, timedelta

import pytest

from app.payments.service.reconciling.settlement_parts import Part, parts_near, parts_of

FRIDAY = date(2026, 11, 13)


def parts(*fens: int) -> list[Part]:
    return [Part(nth, FRIDAY + timedelta(days=nth), fen) for nth, fen in enumerate(fens)]


def test_it_works():
    known = parts(100, 250, 333)
    assert parts_of(250, FRIDAY + timedelta(days=3), known) == known[1:2]


def test_a_weekend_comes_as_one_line():
    known = parts(100, 250, 333, 17)
    assert parts_of(683, FRIDAY + timedelta(days=3), known) == known[:3]


@pytest.mark.parametrize("fen", [101, 433, 99, 0, 701])
def test_only_an_exact_sum_of_what_follows_each_other_counts(fen):
    assert parts_of(fen, FRIDAY + timedelta(days=3), parts(100, 250, 333, 17)) == ()


def test_what_is_settled_after_the_banks_day_is_not_in_it():
    assert parts_of(333, FRIDAY + timedelta(days=1), parts(100, 250, 333)) == ()


def test_holidays_are_ten_days_at_most():
    assert parts_of(100, FRIDAY + timedelta(days=10), parts(100)) != ()
    assert parts_of(100, FRIDAY + timedelta(days=11), parts(100)) == ()


def test_a_day_with_more_refunds_than_payments_lowers_the_sum():
    known = parts(500, -120, 300)
    assert parts_of(680, FRIDAY + timedelta(days=3), known) == known
    assert parts_of(500, FRIDAY + timedelta(days=3), known) == known[:1]


@pytest.mark.parametrize(("fen", "count"), [(990, 1), (1010, 1), (1820, 2), (899, 0), (2300, 0), (0, 0)])
def test_what_is_off_by_a_tenth_at_most_is_a_settlement_paid_wrongly(fen, count):
    known = parts(1000, 1000)
    assert [*parts_near(fen, FRIDAY + timedelta(days=3), known)] == known[:count]
