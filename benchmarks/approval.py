"""One approval step against its hand-written floor: CPU of the process, in turn within one run, median of rounds."""

import json

from benchmarks.report import heading, line
from tests.chaos.stage import Stage

MOST = 2.0


def main() -> bool:
    heading("One approval step: a yes, and the next one asked")
    with Stage() as stage:
        took = json.loads(stage.run("benchmarks.approval_run").splitlines()[-1])
    line("approval step, product", took["product"], "CPU ms")
    line("approval step, floor", took["floor"], "CPU ms")
    line("wall, product", took["product_wall"], "ms")
    line("wall, floor", took["floor_wall"], "ms")
    return line("approval step, times the floor's CPU", took["product"] / took["floor"], "", most=MOST)
