"""`python -m tests.chaos.money --n 10000 --seed 1 --mode kill`: many histories; a failing seed is named and replays.

`--statements 1` lives one life again and again, dying before each of its statements; `--plants` takes the
protections away one by one and must see each of them missing.
"""

import argparse
import sys
import time
from contextlib import nullcontext
from itertools import count

import pytest

from app.kit import db
from app.payments.queries import ledger
from tests.chaos.money.history import History, Plan, Violation
from tests.chaos.money.plants import PLANTS, calm
from tests.chaos.money.statements import Watch
from tests.chaos.money.world import World

READ_EVERY = 20


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m tests.chaos.money", description=__doc__)
    words.add_argument("--n", type=int, default=100)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--mode", choices=("crash", "kill"), default="crash")
    words.add_argument("--statements", type=int, default=0, metavar="EVERY")
    words.add_argument("--plants", action="store_true")
    given = words.parse_args()
    with World(given.mode) as world:
        if given.plants:
            return harness_sees(world)
        if given.statements:
            return any_statement(world, given.statements)
        return histories(world, given.n, given.seed)


def histories(world: World, n: int, first: int) -> int:
    started = time.monotonic()
    for seed in range(first, first + n):
        try:
            History(world, Plan(seed)).run()
            if seed % READ_EVERY == 0:
                check_ledger()
        except AssertionError as error:
            print(f"SEED {seed} ({world.mode}): {error}")
            print(f"again: python -m tests.chaos.money --mode {world.mode} --n 1 --seed {seed}")
            return 1
    check_ledger()
    print(", ".join(f"{name} {times}" for name, times in sorted(world.deaths.items())))
    deaths = sum(world.deaths.values())
    print(f"{n} histories, {deaths} deaths by {world.mode}, {time.monotonic() - started:.0f} s")
    return 0


def check_ledger() -> None:
    with db.unit_of_work() as session:
        found = ledger.violations(session)
    if found:
        raise Violation(str(found))


def any_statement(world: World, every: int) -> int:
    """The same life with a lost answer and a refund, once for each statement that it makes, dying before it."""
    plan = {"meter_faults": ["timeout_after"], "refund": True, "fen": 3000}
    for nth in count(1, every):
        world.watch = crash = Watch(nth)
        History(world, calm(10_000 + nth, **plan)).run()
        if not crash.has_struck:
            break
    world.watch = nullcontext()
    check_ledger()
    print(f"{nth} statements, each {every}. of them the last")
    return 0


def harness_sees(world: World) -> int:
    blind = [name for name in PLANTS if not _sees(world, name)]
    print(f"planted {len(PLANTS)}, not seen: {', '.join(blind) or 'none'}")
    return int(bool(blind))


def _sees(world: World, name: str) -> bool:
    """Lives well with the protection, and must not without."""
    plant, life = PLANTS[name]
    seed = 2 * list(PLANTS).index(name)
    History(world, calm(seed, **life)).run()
    with pytest.MonkeyPatch.context() as patch:
        plant(patch, world)
        try:
            History(world, calm(seed + 1, **life)).run()
        except Violation as violation:
            print(f"{name}: {violation}")
            return True
    return False


if __name__ == "__main__":
    sys.exit(main())
