"""The stories of the seed obey the rules of repairs at whatever hour the demo starts. No database."""

import json
import random
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.kit import clock
from app.kit.calendar import WorkCalendar
from app.kit.caller import Caller
from app.platform.directory.queries import BuildingBrief, PersonBrief, Place, RoomBrief
from app.repairs.models import OPEN
from app.repairs.service.actions import ACTIONS
from app.repairs.service.clocks import AUTO_CLOSE_AFTER, REWORK_WITHIN, clock_for
from app.repairs.service.closing import URGE_GAP
from app.repairs.service.hazards import is_hazard
from dev.seed import hours
from dev.seed.board import OPEN as STANDING
from dev.seed.board import OVER, Board
from dev.seed.setup import TEAMS
from dev.seed.stories import Act, Step, Story, Submit, Sweep, Teller
from dev.seed.town import KIND_SHARE, Fault, Town

CATALOGUE = json.loads(Path("samples/repairs-catalogue.json").read_text("utf-8"))
LONGEST = {row["code"]: row["longest_days"] for row in CATALOGUE["reasons"] if row["kind"] == "hold"}
REASONS = {(row["kind"], row["code"]) for row in CATALOGUE["reasons"]}
CALENDAR = WorkCalendar()
MOMENTS = [
    datetime(2026, 11, 23, 2, 0, tzinfo=UTC),  # Monday, mid-morning
    datetime(2026, 11, 21, 16, 5, tzinfo=UTC),  # Sunday, just after midnight
    datetime(2026, 11, 24, 9, 31, tzinfo=UTC),  # the offices have just closed
    datetime(2026, 11, 27, 13, 29, tzinfo=UTC),  # the workshops are about to
    datetime(2026, 11, 28, 23, 6, tzinfo=UTC),  # they have just opened, on a Sunday
]


def people(count: int, prefix: str) -> list[PersonBrief]:
    return [PersonBrief(i, f"per_{i}", f"某{i}", None, f"{prefix}{i}", None) for i in range(1, count + 1)]


def make_town(dice: random.Random) -> Town:
    """Three campuses of one building a kind; everybody lives in the same room."""
    campuses = dict(enumerate(TEAMS, start=1))
    home = Place(1, "东校区", 1, "3号楼", "E03", True, "东校区 3号楼 512", "512", room_id=1)
    students = people(40, "2023")
    crew = {team: (Caller(101), Caller(102), Caller(103)) for team in (*TEAMS.values(), "T-URGENT", "T-ANJU")}
    return Town(
        dice=dice,
        faults={
            row["code"]: Fault(row["code"], row["name"], row["is_urgent"], row["needs_after_photo"])
            for row in CATALOGUE["categories"]
            if row.get("parent")
        },
        buildings={
            (code, kind): [BuildingBrief(id_, code, kind, None, id_, kind, kind == "dorm")]
            for id_, code in campuses.items()
            for kind in KIND_SHARE
        },
        rooms={id_: [RoomBrief(id_, "101", "101", None, id_, 1, "101", False)] for id_ in campuses},
        students=students,
        staff=people(5, "T"),
        workers=crew,
        heads={team: Caller(201) for team in TEAMS.values()},
        dispatchers={},
        campus_codes=campuses,
        desk=Caller(301),
        homes={student.id: home for student in students},
    )


@dataclass
class Rules:
    """What the services would say to a story, step by step."""

    town: Town
    status: str = ""
    priority: str = "normal"
    is_hazard: bool = False
    at: datetime = datetime.min.replace(tzinfo=UTC)
    waits_until: datetime = datetime.max.replace(tzinfo=UTC)
    finished_at: datetime = datetime.max.replace(tzinfo=UTC)
    urged_at: datetime = datetime.max.replace(tzinfo=UTC)

    def follow(self, step: Step) -> None:
        assert step.at >= self.at, "back in time"
        self.at = step.at
        if isinstance(step, Submit):
            self.submit(step)
        elif isinstance(step, Sweep):
            assert step.at >= self.waits_until, "the system has nothing to do yet"
            self.status = {"dispatched": "triaged", "on_hold": "working", "finished": "closed"}[self.status]
        else:
            self.act(step)

    def submit(self, step: Submit) -> None:
        fault = self.town.faults[step.report.category]
        self.is_hazard = is_hazard(f"{fault.name} {step.report.detail}")
        self.priority = "urgent" if fault.is_urgent or self.is_hazard else "normal"
        self.status, self.urged_at = "submitted", step.at
        assert step.report.visit_until is None or step.at < step.report.visit_from < step.report.visit_until

    def act(self, step: Act) -> None:
        action = ACTIONS[step.action]
        assert action.is_available
        assert self.status in action.froms, f"{step.action} while {self.status}"
        if self.status in ("dispatched", "on_hold", "finished"):
            assert step.at < self.waits_until, f"too late for {step.action}: the system was first"
        if action.reason_kind:
            assert (action.reason_kind, step.filled["reason"]) in REASONS
        getattr(self, step.action, lambda _step: None)(step)
        self.status = action.to or self.status

    def reject(self, step: Act) -> None:
        assert not self.is_hazard
        assert len(step.filled["note"]) >= 5

    def dispatch(self, step: Act) -> None:
        self.waits_until = clock_for(self.priority, CALENDAR).accept_due(step.at)

    reassign = dispatch

    def rework(self, step: Act) -> None:
        assert step.at <= self.finished_at + REWORK_WITHIN
        self.dispatch(step)

    def hold(self, step: Act) -> None:
        self.waits_until = step.filled["until"]
        most = timedelta(days=LONGEST[step.filled["reason"]])
        assert step.at < self.waits_until <= step.at + most

    def finish(self, step: Act) -> None:
        self.finished_at = step.at
        self.waits_until = datetime.max.replace(tzinfo=UTC) if self.is_hazard else step.at + AUTO_CLOSE_AFTER

    def urge(self, step: Act) -> None:
        assert step.at >= self.urged_at + URGE_GAP
        self.urged_at = step.at


def standing(town: Town, stories: list[Story], now: datetime) -> Counter[str]:
    """Where tickets stand at the end, every step having been checked."""
    found: Counter[str] = Counter()
    for story in stories:
        rules = Rules(town)
        for step in story:
            if step.at >= now:
                break
            rules.follow(step)
        found[str(rules.status)] += 1
    return found


@pytest.mark.parametrize("now", MOMENTS, ids=lambda now: f"{clock.local(now):%a-%H%M}")
def test_no_step_would_be_refused(now):
    dice = random.Random(7)
    town, teller = make_town(dice), Teller(dice, CALENDAR)
    moments = hours.arrivals(dice, since=now - timedelta(days=30), until=now, count=1500)
    found = standing(town, [teller.ordinary(town.job(None, at)) for at in moments], now)
    assert found["closed"] > 1000
    assert found["rejected"] and found["cancelled"] and found["on_hold"]


@pytest.mark.parametrize("now", MOMENTS, ids=lambda now: f"{clock.local(now):%a-%H%M}")
def test_the_board_is_alive_whenever_the_demo_starts(now):
    dice = random.Random(7)
    town = make_town(dice)
    board = Board(town, Teller(dice, CALENDAR), now)
    for state, (count, least, most) in (STANDING | OVER).items():
        stories = [board._standing(None, state, dice.uniform(least, most)) for _ in range(count)]
        assert standing(town, stories, now) == {state: count}
    assert sum(count for state, (count, *_) in STANDING.items()) >= 60
    assert set(STANDING) == set(OPEN)
