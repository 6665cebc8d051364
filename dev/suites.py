"""Runs the tests, `python -m dev.suites daily|all`: the fast ones in parallel, then the slow ones.

Slow tests of one group (see tests/conftest.py) share what they start and run one after the other, two groups at a time.

The daily ones are the fast ones without the thorough ones of areas where nothing has changed (see dev.daily).
Of all, the few that failed are tried once more, alone: a machine shared with others may have starved them. What fails
again has failed; what passes then is named as unsteady, to be looked into.
Ends with the seconds of each suite (a folder of tests/) and one closing line for all.
"""

import os
import re
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree  # noqa: S405 (pytest wrote it a moment ago)

from dev import messages

PHASES = {
    "daily": ["-m", "not slow", "-n", "2", "-p", "dev.daily"],
    "fast": ["-m", "not slow", "-n", "2"],
    "slow": ["-m", "slow", "-n", "2", "--dist", "loadgroup"],
}
PLANS = {"daily": ["daily"], "all": ["fast", "slow"]}
REPORTS = Path(".cache/tests")
NOTHING_COLLECTED = 5
BUDGET_MINUTES = float(os.environ.get("TEST_BUDGET_MINUTES") or 25)
FEW = 3
FAILED = re.compile(
    r"^(?:FAILED|ERROR) (\S+::.*?)(?:@[\w/.]+)?(?: - .*)?$"
)  # xdist puts the group behind the name
OUTCOME = re.compile(r"(\d+) (failed|passed|skipped|xfailed|xpassed|warnings?|errors?)")


def main(plan: str, extra: Sequence[str]) -> int:
    messages.compile_changed()
    REPORTS.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    seconds: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    failed = False
    for phase in PLANS[plan]:
        print(f"\n— {phase} tests —", flush=True)
        code, lines = run(phase, extra)
        outcomes.update(counted(lines))
        if plan == "all" and code == 1 and try_again(lines):
            code = 0
            outcomes["unsteady"] += (
                outcomes.pop("failed", 0) + outcomes.pop("error", 0) + outcomes.pop("errors", 0)
            )
        failed |= code not in (0, NOTHING_COLLECTED)
        seconds += seconds_by_suite(REPORTS / f"{phase}.xml")
    took = time.monotonic() - started
    if took > BUDGET_MINUTES * 60:
        print(f"✗ The tests took {took / 60:.0f} minutes, more than their {BUDGET_MINUTES:.0f}.")
        failed = True
    summarise(seconds, outcomes, took)
    return int(failed)


def run(phase: str, extra: Sequence[str]) -> tuple[int, list[str]]:
    """Exit code and what was said from the short summary on; the output passes through as it comes."""
    report = REPORTS / f"{phase}.xml"
    report.unlink(missing_ok=True)
    return ask_pytest([*PHASES[phase], f"--junitxml={report}", *extra])


def try_again(lines: Sequence[str]) -> bool:
    """Whether all that failed, if it was only a few, passes when it runs alone."""
    names = [found[1] for line in lines if (found := FAILED.match(line.rstrip()))]
    if not 1 <= len(names) <= FEW:
        return False
    print("\n— once more, alone —", flush=True)
    code, _ = ask_pytest(names)
    if code == 0:
        print("! Unsteady, passed only alone:\n  " + "\n  ".join(names), flush=True)
    return code == 0


def ask_pytest(words: Sequence[str]) -> tuple[int, list[str]]:
    """Exit code and the closing lines."""
    said: deque[str] = deque(maxlen=FEW + 20)
    call = [sys.executable, "-m", "pytest", *words]
    with subprocess.Popen(call, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as pytest:
        assert pytest.stdout is not None
        for line in pytest.stdout:
            print(line, end="", flush=True)
            said.append(line)
    return pytest.returncode, list(said)


def counted(lines: Sequence[str]) -> Counter[str]:
    """Outcomes by word, of pytest's last line with a time."""
    closing = [line for line in lines if re.search(r" in [\d.]+s", line)]
    return (
        Counter({word: int(count) for count, word in OUTCOME.findall(closing[-1])}) if closing else Counter()
    )


def seconds_by_suite(report: Path) -> Counter[str]:
    """Seconds of tests by the first folder below tests/."""
    found: Counter[str] = Counter()
    if report.exists():
        for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314
            parts = case.get("classname", "").split(".")
            found[parts[1] if len(parts) > 2 else "tests"] += float(case.get("time", "0"))  # type: ignore[assignment]
    return found


def summarise(seconds: Counter[str], outcomes: Counter[str], took: float) -> None:
    print("\nSeconds by suite (two run at a time):")
    for suite, spent in sorted(seconds.items(), key=lambda pair: -pair[1]):
        print(f"  {spent:8.1f}  {suite}")
    said = ", ".join(f"{count} {word}" for word, count in outcomes.items()) or "no tests ran"
    print(f"==== {said} in {took:.2f}s ====", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
