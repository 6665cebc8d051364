"""Generated days: every planted difference is found and rightly named, nothing else is, and the sums agree."""

import os

import pytest

ORDERS, WRONG, SEEDS = (100_000, 1000, 3) if os.environ.get("RECONCILE_LONG") else (2000, 60, 3)


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_it_works(books, seed):
    world = books.planted(seed, orders=ORDERS, wrong=WRONG)
    report = books.run(world.day)
    found = books.found()
    false = {key: found[key] for key in found.keys() - world.expected.keys()}
    lost = {key: world.expected[key] for key in world.expected.keys() - found.keys()}
    misnamed = {key: (found[key], world.expected[key]) for key in found.keys() & world.expected.keys()}
    assert false == {}
    assert lost == {}
    assert {key: pair for key, pair in misnamed.items() if pair[0] != pair[1]} == {}
    assert len(found) == WRONG
    assert not report.is_explained and report.missing == []
    assert sum(times for one in report.accounts for times, _, _ in one.differences.values()) == WRONG
