"""Money is credited exactly once, whatever crashes, times out or lies. Long: `make chaos N=10000 SEED=1`.

Each in a process of its own: it configures the application for a house of its own.
"""

import os
import re
import subprocess
import sys

import pytest

from tests.chaos.conftest import IS_LONG, N

SEED = int(os.environ.get("SEED") or 20261126)
BY_KILL = max(60, N // 5)
BY_CRASH = max(260, N - BY_KILL)
PATIENCE = 5 * 3600 if IS_LONG else 280


def money(*words: str, module: str = "tests.chaos.money") -> str:
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env=os.environ | {"STAGE_LOG_LEVEL": "CRITICAL"},
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


@pytest.mark.parametrize(("mode", "lives"), [("crash", BY_CRASH), ("kill", BY_KILL)])
def test_histories_end_with_every_fen_where_it_belongs(mode, lives):
    first = SEED if mode == "crash" else SEED + BY_CRASH
    told = money("--mode", mode, "--n", str(lives), "--seed", str(first))
    deaths = re.search(rf"{lives} histories, (\d+) deaths by {mode}", told)
    assert deaths is not None, told
    assert int(deaths.group(1)) > lives / 3


def test_any_statement_may_be_the_last():
    told = money("--statements", "1" if IS_LONG else "6")
    statements = re.search(r"(\d+) statements", told)
    assert statements is not None and int(statements.group(1)) > 60, told


def test_the_harness_sees_every_missing_protection():
    assert "not seen: none" in money("--plants")


def test_the_books_balance_at_every_read_while_many_pay_and_refund():
    seconds, writers = ("60", "20") if IS_LONG else ("6", "8")
    told = money("--seconds", seconds, "--writers", writers, module="tests.chaos.money.bank")
    counted = re.search(r"(\d+) operations, (\d+) reads, 0 of them wrong", told)
    assert counted is not None, told
    assert int(counted.group(1)) >= (20_000 if IS_LONG else 50)
