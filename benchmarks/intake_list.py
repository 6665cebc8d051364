"""Writes an invented admission list: `python -m benchmarks.intake_list FILE ROWS`."""

import sys
from pathlib import Path

from tests.welcome.lists import person, workbook

if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(workbook([person(n) for n in range(int(sys.argv[2]))]).read())
