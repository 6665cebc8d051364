"""Which settlements make up a bank's line."""

from datetime import date, timedelta

import pytest

from app.payments.service.reconciling.settlements import Part, parts_of

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
