"""What processes used, from /proc."""

import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def group_cpu(group: int) -> float:
    """CPU seconds, user and system, of all live processes of a group."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            total += int(fields[11]) + int(fields[12])
    return total / TICK


def group_rss(group: int) -> dict[int, float]:
    """Resident megabytes of each process of a group."""
    sizes = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            stat = (status.parent / "stat").read_text().rpartition(")")[2].split()
            lines = status.read_text().splitlines()
        except OSError:
            continue
        if int(stat[2]) == group:
            found = next((line for line in lines if line.startswith("VmRSS:")), "VmRSS: 0 kB")
            sizes[int(status.parent.name)] = int(found.split()[1]) / 1024
    return sizes


def peak_megabytes() -> float:
    """The most that this program had resident. (`ru_maxrss` begins with what the parent had before the exec.)"""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1024


def children_cpu(parent: int) -> float:
    """CPU seconds of the live children of a process: PostgreSQL's backends."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            total += int(fields[11]) + int(fields[12])
    return total / TICK


def tree_cpu(pid: int) -> float:
    """CPU seconds of a process, of its live children and of those it has buried."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / TICK + children_cpu(pid)
