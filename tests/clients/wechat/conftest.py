"""Makes this folder's own helpers importable; forks to try things in."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def forks() -> Callable[[Callable[[], object], int], bool]:
    """Whether `work` gives something true in each of `count` children at the same time."""

    def run(work: Callable[[], object], count: int) -> bool:
        children = [_fork(work) for _ in range(count)]
        return all(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0 for child in children)

    return run


def _fork(work: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if work() else 1)
        except BaseException:
            os._exit(2)
    return child
