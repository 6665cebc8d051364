"""Writes an invented list: `python -m benchmarks.intake_list FILE ROWS admissions|students`."""

import sys
from pathlib import Path

from tests.platform.directory import rosters
from tests.welcome import lists

if __name__ == "__main__":
    path, rows, kind = sys.argv[1:]
    one, write = {
        "admissions": (lists.person, lists.workbook),
        "students": (rosters.student, rosters.workbook),
    }[kind]
    Path(path).write_bytes(write([one(n) for n in range(int(rows))]).read())
