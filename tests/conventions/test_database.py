"""One line of migrations that makes exactly the tables of the models."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
VERSIONS = ROOT / "migrations" / "versions"


def alembic(environment, *words):
    return subprocess.run(
        [sys.executable, "-m", "alembic", *words],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


def test_migrations_are_numbered_and_have_one_head(environment):
    names = sorted(path.name for path in VERSIONS.glob("*.py"))
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", name) for name in names)
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
    heads = alembic(environment, "heads").stdout.split()
    assert heads[0] == names[-1][:4]
    assert heads.count("(head)") == 1


def test_the_models_and_the_tables_agree(environment):
    checked = alembic(environment, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
