"""`flask payments reconcile --date D`."""

import pytest

from app.kit.module import Module, Registry
from app.payments.flows import reconciling
from tests.payments.reconciliation import plants
from tests.payments.reconciliation.world import DAY, places


@pytest.fixture(autouse=True)
def _deliveries(app):
    reconciling.configure(Registry((Module("rooms", "-", deliveries=places),)))
    yield
    reconciling.configure(app.extensions["registry"])


def run(app, day=DAY):
    return app.test_cli_runner().invoke(args=["payments", "reconcile", "--date", f"{day}"])


def test_it_works(app, books):
    world = books.world()
    world.ordinary(20)
    world.write()
    done = run(app)
    assert done.exit_code == 0, done.output
    assert "微信支付 1601 交易：账单" in done.output
    assert "2026-11-15 已对平。" in done.output


def test_differences_are_printed_and_end_it_with_one(app, books):
    world = books.world()
    world.ordinary(20)
    plants.unknown_order(world)
    world.write()
    done = run(app)
    assert done.exit_code == 1
    assert "长款 1 笔" in done.output
    assert done.output.splitlines()[-1] == "Error: 2026-11-15 没有对平：还有 1 笔差错没有处理。"


def test_a_missing_bill_ends_it_with_one(app, books):
    world = books.world()
    world.ordinary(20)
    del world.bills[("card", "trade", "WL001", DAY)]
    world.write()
    done = run(app)
    assert done.exit_code == 1
    assert "校园卡 WL001 交易：缺账单；我方" in done.output
    assert "缺 1 份账单" in done.output


def test_a_day_that_is_not_over_is_refused_in_one_sentence(app, books):
    books.world()
    done = run(app, "2026-11-16")
    assert done.exit_code == 1
    assert done.output.strip() == "Error: 这一天还没有过完，要等第二天账单出来后再对账。"
