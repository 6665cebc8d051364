"""The demo's worker and sweeper, and the push of its menu: the application is loaded once, each runs in a copy.

Where people depend on them they are processes of their own, see docs/operate.md.
`python -m dev.background MARK`: the file MARK is made when WeChat has the menu.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from app.worker import app, sweep, work
from dev import processes
from dev.demo import answers

SECONDS = 60.0


def main(mark: Path) -> int:
    """Until the worker or the sweeper ends; then both do, and whoever watches starts them again."""
    lasting = [_copy(work), _copy(sweep)]
    push_menu()
    mark.touch()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: _tell(lasting, number))
    ended, status = os.wait()
    lasting.remove(ended)
    _tell(lasting, signal.SIGTERM)
    return os.waitstatus_to_exitcode(status)


def push_menu() -> None:
    """As soon as there is a WeChat."""
    processes.wait_until(answers(f"{os.environ['WECHAT_API_BASE']}/healthz"), seconds=SECONDS)
    done = app.test_cli_runner().invoke(args=["wechat", "menu", "push"])
    if done.exit_code:
        sys.exit(f"The menu could not be pushed: {done.output.strip() or done.exception!r}")


def _copy(run: Callable[[], None]) -> int:
    """A child that runs this and nothing else; its pid."""
    child = os.fork()
    if child == 0:
        run()
        os._exit(0)
    return child


def _tell(children: list[int], number: int) -> None:
    for child in children:
        os.kill(child, number)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
