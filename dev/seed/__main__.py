"""`python -m dev.seed`: fill the database of DATABASE_URL with the sample campus, once."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from sqlalchemy import text

from app.factory import create_app
from app.kit import clock, db
from app.platform.audit import service as audit
from dev.problem import Problem
from dev.seed import marker
from dev.seed.marker import State
from dev.seed.postman import commit_lazily
from dev.seed.seeding import Size, fill
from dev.seed.setup import doors


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m dev.seed", description=__doc__)
    words.add_argument("--tickets", type=int, default=Size.tickets, help="how many repairs")
    words.add_argument("--doors", type=Path, help="where to write the door codes that hang nearby, as JSON")
    words.add_argument("--sandbox", type=Path, help="the sandbox's folder, for some days of money")
    given = words.parse_args()
    try:
        seed(Size(given.tickets), doors_file=given.doors, sandbox=given.sandbox)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def seed(size: Size, *, doors_file: Path | None = None, sandbox: Path | None = None) -> None:
    """Once per database: a finished seed is left alone, an interrupted one is thrown away and redone."""
    if os.environ.get("ENVIRONMENT") == "production":
        raise Problem("Sample data does not go into a production: set ENVIRONMENT=development.")
    owner_url = os.environ.get("MIGRATION_DATABASE_URL") or os.environ["DATABASE_URL"]
    found = marker.state(os.environ["DATABASE_URL"])
    if found == State.DONE:
        print("The sample campus is there already.")
        return
    if found == State.FOREIGN:
        raise Problem("DATABASE_URL holds people who are not the sample's: name an empty database.")
    if found == State.BEGUN:
        print("A start was interrupted: beginning again.")
        marker.start_over(owner_url)
    started = time.monotonic()
    app = create_app()
    commit_lazily()
    _note(marker.BEGUN)
    counts = fill(
        app,
        now=clock.now(),
        size=size,
        say=lambda line: print(line, flush=True),
        settle=lambda: marker.settle(owner_url),
        sandbox=sandbox,
    )
    marker.settle(owner_url)
    if doors_file is not None:
        _write_doors(doors_file)
    _note(marker.DONE)
    steps = sum(counts.values())
    print(f"{counts['submit']} repairs, {steps} steps, {time.monotonic() - started:.0f} s")


def _note(action: str) -> None:
    kind, name = marker.OBJECT
    with db.unit_of_work() as session:
        session.execute(text("SET LOCAL synchronous_commit = on"))
        audit.record(session, by=None, action=action, object_type=kind, object_id=name)


def _write_doors(file: Path) -> None:
    with db.unit_of_work() as session:
        nearby = doors(session)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(nearby, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
