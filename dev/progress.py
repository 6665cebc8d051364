"""Shows the steps of a start with a tick and the seconds of each; plain lines where there is no terminal."""

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Progress:
    def __init__(self) -> None:
        self.is_terminal = sys.stdout.isatty()
        self._title = ""

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        self._title = title
        started = time.monotonic()
        self._show(f"· {title}")
        try:
            yield
        except BaseException:
            self._end(f"✗ {title}")
            raise
        self._end(f"✓ {title}  {time.monotonic() - started:.1f} s")

    def detail(self, line: str) -> None:
        """What the step is at; the newest replaces the one before on a terminal."""
        if line.strip():
            self._show(f"· {self._title}: {line.strip()}" if self.is_terminal else f"    {line.strip()}")

    def say(self, line: str) -> None:
        self._print(line)

    def _show(self, line: str) -> None:
        if self.is_terminal:
            width = shutil.get_terminal_size().columns
            self._print(f"\r\033[K{line[: width // 2 if _is_wide(line) else width - 1]}", end="")
        elif line.startswith(" "):
            self._print(line)

    def _end(self, line: str) -> None:
        self._print(f"\r\033[K{line}" if self.is_terminal else line)

    def _print(self, line: str, end: str = "\n") -> None:
        """A terminal that was closed is no reason to fail."""
        with suppress(OSError):
            print(line, end=end, flush=True)


def _is_wide(line: str) -> bool:
    return any(ord(letter) > 0x2E80 for letter in line)
