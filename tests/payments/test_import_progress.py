"""The bar that `import-bill` draws on a terminal, and that a log is spared."""

import os
import re
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from app.kit import clock, db
from app.payments.models import Bill
from tests.payments.bill_files import DAY, MCHID, payment, whole

ROOT = Path(__file__).parents[2]


@pytest.fixture
def words(campus, tmp_path) -> list[str]:
    """The command for a bill of 9,000 lines: the progress is told every 2,000."""
    file = tmp_path / "bill.csv"
    file.write_bytes(whole(rows=[payment(number) for number in range(1, 9001)]).encode())
    told = ["payments", "import-bill", "--channel", "wechat", "--date", f"{DAY}", "--account", MCHID]
    return [sys.executable, "-m", "flask", "--app", "wsgi", *told, str(file)]


@pytest.fixture
def surroundings(environment, tmp_path) -> dict[str, str]:
    """A process of its own reads the clock of the test: the day of the bill is over."""
    offset_file = str(tmp_path / "clock")
    clock.write_offset(offset_file, clock.now() - datetime.now(UTC))
    own = {"FILES_DIR": str(tmp_path / "files"), "CLOCK_OFFSET_FILE": offset_file, "TERM": "xterm"}
    return os.environ | environment | own


def on_a_terminal(words: list[str], surroundings: dict[str, str]) -> tuple[int, str]:
    """What a person at a terminal of eighty columns would see, with all that was drawn over."""
    ours, theirs = os.openpty()
    seen: list[bytes] = []

    def look() -> None:
        while part := _read(ours):
            seen.append(part)

    watcher = threading.Thread(target=look)
    with subprocess.Popen(
        words, cwd=ROOT, env=surroundings, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        watcher.start()
        code = process.wait(timeout=120)
    watcher.join(timeout=30)
    os.close(ours)
    return code, b"".join(seen).decode()


def _read(terminal: int) -> bytes:
    """Empty at the end, which Linux calls an error."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def imported() -> list[tuple[str, int]]:
    with db.unit_of_work() as session:
        return [tuple(row) for row in session.execute(select(Bill.status, Bill.lines))]


def test_on_a_terminal_a_bar_grows_to_the_end(words, surroundings):
    code, seen = on_a_terminal(words, surroundings)
    assert code == 0, seen
    shares = [int(share) for share in re.findall(r"导入[^\r\n]*?(\d+)%", seen)]
    assert shares == sorted(shares) and shares[0] < 30 and shares[-1] == 100
    assert len({share for share in shares if 0 < share < 100}) >= 3, seen
    assert "#" in seen and "已导入" in seen
    assert imported() == [("current", 9000)]


def test_in_a_log_there_is_no_bar(words, surroundings):
    done = subprocess.run(words, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "%" not in done.stdout and "\r" not in done.stdout
    assert "已导入" in done.stdout
