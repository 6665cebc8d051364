"""A worker process dies by SIGKILL around the call; the next one finishes, and one message arrives."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.kit import clock
from tests.conftest import MORNING

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[3]
LI = "2023010101"
PARAMS = {"number": "R2611-0001", "category": "灯", "status": "已办结", "hint": "谢谢", "ticket_id": "rep_1"}


@pytest.fixture
def moving_clock(environment):
    """All processes share a clock that runs on from Monday morning; yields a function that moves it."""
    path = environment["CLOCK_OFFSET_FILE"]
    start = MORNING - datetime.now(UTC)
    clock.travel(None)
    clock.write_offset(path, start)
    time.sleep(0.25)  # the offset is read five times a second
    yield lambda step: (clock.write_offset(path, start + step), time.sleep(0.25))
    clock.write_offset(path, timedelta(0))


def worker(environment, wechat, failpoints):
    env = os.environ | environment
    env |= {"WECHAT_API_BASE": wechat.base, "WECHAT_OPEN_BASE": wechat.base, "FAILPOINTS": failpoints}
    env["WECHAT_TEMPLATES"] = json.dumps({"repair_progress": "TPL_repair_progress"})
    return subprocess.Popen([sys.executable, "-m", "app.worker", "sweep"], cwd=ROOT, env=env)


@pytest.mark.parametrize("place", ["notifications.intended", "notifications.called", "outbox.flow_handled"])
def test_it_works(environment, moving_clock, wechat, tell, steps, place):
    wechat.keep_time()
    tell(wechat.follower(LI), "repairs.closed", key="1", **PARAMS)
    assert worker(environment, wechat, f"{place}=kill").wait(30) == -9
    moving_clock(timedelta(minutes=2))  # the dead worker's lease is over
    wechat.keep_time()
    second = worker(environment, wechat, "")
    try:
        end = time.monotonic() + 30
        while steps() != [("template", "accepted", None)] and time.monotonic() < end:
            time.sleep(0.1)
    finally:
        second.terminate()
        second.wait(10)
    assert steps() == [("template", "accepted", None)]
    assert len(wechat.sent(LI)) == 1
