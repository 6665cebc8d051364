"""Whatever order lines, files and runs come in, and however often: the same matches, the same differences."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kit import clock
from tests.payments.reconciliation.plants import build
from tests.payments.reconciliation.world import World

ORDERS_OF_RUNS = st.lists(st.sampled_from((0, 1)), min_size=2, max_size=5).filter(
    lambda days: len(set(days)) == 2
)


def two_days(books) -> World:
    """The day and the one after, both with all that can be wrong."""
    world = books.world(5)
    build(world, orders=60, wrong=50)
    world.day += timedelta(days=1)
    planted, world.expected = world.expected, {}
    world.everybody(world.day)
    build(world, orders=60, wrong=50)
    world.expected |= planted
    world.write()
    clock.travel(clock.start_of_day(world.day + timedelta(days=1)) + timedelta(hours=10))
    return world


def test_any_permutation_split_repetition_and_order_of_days_gives_the_same(books):
    world = two_days(books)
    days = (world.day - timedelta(days=1), world.day)
    for day in days:
        books.run(day)
    wanted = books.state()
    assert len(wanted[1]) > 90

    @settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(order=ORDERS_OF_RUNS, shuffle=st.integers(1, 1000), split=st.booleans())
    def holds(order: list[int], shuffle: int, split: bool) -> None:
        books.forget_runs()
        world.reorder(shuffle, split=split)
        for nth in order:
            books.run(days[nth])
        assert books.state() == wanted

    holds()


def test_a_second_run_changes_no_row(books):
    world = books.planted(3, orders=100, wrong=50)
    books.run(world.day)
    rows = "SELECT * FROM payments_differences ORDER BY id", "SELECT * FROM payments_matches ORDER BY line_id"
    before = [books.ask(sql) for sql in rows]
    books.run(world.day)
    assert [books.ask(sql) for sql in rows] == before
