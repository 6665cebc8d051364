"""Can a stopwatch tell whether a claim is there? Wrong claims of both sorts in turn, through the whole application.

Told apart perfectly is 1, not at all is 0.5: how often a claim that is there takes longer than one that is not.
"""

import json

from benchmarks.report import heading, line
from tests.chaos.stage import Stage

PAIRS = 400
FAREST = 0.05  # from one half
MOST_PERCENT = 4.0


def main() -> bool:
    heading(f"Claims that are there and that are not: {PAIRS} of each in turn")
    with Stage() as stage:
        took = json.loads(stage.run("benchmarks.claims_run", str(PAIRS)).splitlines()[-1])
    line("median, the claim is there", took["there"], "ms")
    line("median, it is not", took["absent"], "ms")
    difference = abs(took["there"] / took["absent"] - 1) * 100
    held = line("difference of the medians", difference, "%", most=MOST_PERCENT)
    return line("told apart, from one half", abs(took["order"] - 0.5), "", most=FAREST) and held
