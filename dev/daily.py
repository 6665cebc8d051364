"""A plugin of pytest for `make check`: of an area that has not changed only the first test of each file runs.

The core runs whole, and what is marked `thorough` not at all, unless its area has changed.

An area is a folder of tests/, for what it tests: app/platform/files/… and dev/… are tested by
tests/platform/files and tests/dev. Changed is what differs from main, committed or not.
"""

import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

TESTED = ("app", "dev", "sandbox", "tests")
CORE = ("conventions", "kit")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    areas = [config.rootpath / area for area in changed_areas(changed_files(), config.rootpath)]
    core = [config.rootpath / "tests" / area for area in CORE]
    left = {item for item in items if not _is_in(item.path, areas) and not _is_daily(item, core)}
    config.hook.pytest_deselected(items=list(left))
    items[:] = [item for item in items if item not in left]


def _is_daily(item: pytest.Item, core: Iterable[Path]) -> bool:
    if item.get_closest_marker("thorough"):
        return False
    return _is_in(item.path, core) or item.name == "test_it_works"


def changed_files() -> list[str]:
    """Tracked and new files that are not as on main; none where there is no git."""
    base = _git("merge-base", "HEAD", "main") or ["HEAD"]
    return _git("diff", "--name-only", *base) + _git("ls-files", "--others", "--exclude-standard")


def changed_areas(files: Iterable[str], root: Path) -> set[str]:
    """The deepest folder of tests/ for each file that is tested there."""
    areas = set()
    for file in map(Path, files):
        if file.parts[0] not in TESTED:
            continue
        area = Path("tests", *file.parts[1 if file.parts[0] in ("app", "tests") else 0 : -1])
        while not (root / area).is_dir():
            area = area.parent
        areas.add(str(area))
    return areas


def _is_in(path: Path, areas: Iterable[Path]) -> bool:
    return any(area in path.parents for area in areas)


def _git(*words: str) -> list[str]:
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else []
