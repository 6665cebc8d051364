"""Stops the process groups of a parent that died without doing so. Run as a script, standard library only.

Standard input carries `+ <group> <signal>` and `- <group>` lines. When it closes, or the parent is gone,
every group still listed gets its signal and, after a grace, SIGKILL.
"""

import os
import select
import signal
import sys
import time
from contextlib import suppress

GRACE_SECONDS = 8.0


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end_all(listed_until_the_end(int(sys.argv[1])))


def listed_until_the_end(parent: int) -> dict[int, int]:
    groups: dict[int, int] = {}
    rest = b""
    while os.getppid() == parent:
        if not select.select([0], [], [], 1.0)[0]:
            continue
        chunk = os.read(0, 4096)
        if not chunk:
            break
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            sign, group, *number = line.split()
            if sign == b"+":
                groups[int(group)] = int(number[0])
            else:
                groups.pop(int(group), None)
    return groups


def end_all(groups: dict[int, int]) -> None:
    for group, number in reversed(groups.items()):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and any(alive(group) for group in groups):
        time.sleep(0.05)
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
