"""Random histories hold what must hold: never stuck, never two live rounds, the log replays to the state.

300 here; `make fuzz-approvals` plays 20,000 (FUZZ_N), from another seed each time (FUZZ_SEED).
"""

import os
from collections import Counter

import pytest

from app.kit.db import unit_of_work
from app.platform.identity import service as identity
from tests.platform.approvals.definitions import people
from tests.platform.approvals.histories import make_cast, play

N = int(os.environ.get("FUZZ_N") or 300)
SEED = int(os.environ.get("FUZZ_SEED") or 1)
PARTS = 6


@pytest.mark.parametrize("part", range(PARTS))
def test_random_histories(campus, part):
    with unit_of_work() as session:
        who = people(session, 10)
        identity.grant_role(session, by=None, person_id=campus.zheng, role="approvals.administrator")
    cast = make_cast(campus.li, who, campus.zheng)
    ends = Counter(play(cast, seed) for seed in range(SEED + part, SEED + N, PARTS))
    assert set(ends) <= {"approved", "rejected", "withdrawn", "terminated"}
    assert ends["approved"] > 0, "histories that never come to a yes show little"
