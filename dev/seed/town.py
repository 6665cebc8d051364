"""Who lives and works where, and what may break there: the stuff that repairs are made of."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.platform.directory import queries as directory
from app.platform.directory.queries import PersonBrief, Place
from app.repairs import queries as repairs
from app.repairs.service import PhoneCaller, Report
from app.repairs.service.hazards import is_hazard
from dev.seed import texts
from dev.seed.setup import DISPATCHER, TEAMS, caller_of, person_id, unit_id
from dev.seed.stories import Crew, Job, Submit

CAMPUS_SHARE = {"EAST": 46, "WEST": 31, "SOUTH": 23}
KIND_SHARE = {"dorm": 66, "teaching": 14, "lab": 6, "library": 4, "canteen": 4, "sports": 2, "office": 4}
TRADES = {  # what breaks where, by weight
    "dorm": {
        "electric": 20,
        "water": 27,
        "air": 19,
        "wood": 20,
        "network": 8,
        "lift": 3,
        "building": 4,
        "other": 3,
    },
    "": {
        "electric": 24,
        "water": 15,
        "air": 15,
        "wood": 14,
        "network": 16,
        "lift": 9,
        "building": 5,
        "other": 2,
    },
}
NOT_THERE = {
    "dorm": ("network.projector", "building.roof"),
    "teaching": ("wood.bed", "water.heater"),
    "": ("wood.bed", "water.heater", "network.projector"),
}
RARELY = {
    "electric.leak": 0.05,
    "lift.trapped": 0.03,
    "water.burst": 0.12,
    "lift.stop": 0.3,
    "electric.trip": 0.4,
}
RARELY |= {"wood.glass": 0.25, "wood.lock": 0.6, "building.roof": 0.4}


@dataclass(frozen=True)
class Fault:
    code: str
    name: str
    is_urgent: bool
    needs_photo: bool

    @property
    def trade(self) -> str:
        return self.code.partition(".")[0]


@dataclass
class Town:
    """Everything by campus code; rooms of residents are looked up when they first report."""

    dice: random.Random
    faults: dict[str, Fault]
    buildings: dict[tuple[str, str], list[directory.BuildingBrief]]
    rooms: dict[int, list[directory.RoomBrief]]
    students: list[PersonBrief]
    staff: list[PersonBrief]
    workers: dict[str, tuple[Caller, ...]]
    heads: dict[str, Caller]
    dispatchers: dict[str, list[Caller]]
    campus_codes: dict[int, str]
    desk: Caller
    homes: dict[int, Place | None] = field(default_factory=dict)

    def job(self, session: Session, at: datetime, *, is_calm: bool = False) -> Job:
        """Somebody finds something broken. `is_calm`: nothing that can't wait."""
        by_day = 7 <= clock.local(at).hour < 22
        kind = self.dice.choices(tuple(KIND_SHARE), tuple(KIND_SHARE.values()))[0] if by_day else "dorm"
        reporter, home = self._reporter(session, kind)
        if home is None:
            campus = self.dice.choices(tuple(CAMPUS_SHARE), tuple(CAMPUS_SHARE.values()))[0]
            while not self.buildings.get((campus, kind)):
                campus = self.dice.choice(tuple(CAMPUS_SHARE))
            room = self.dice.choice(self.rooms[self.dice.choice(self.buildings[campus, kind]).id])
            room_id, building_id = room.id, room.building_id
        else:
            campus = self.campus_codes[home.campus_id]
            room_id, building_id = home.room_id, home.building_id
        fault = self._fault(kind, is_calm=is_calm)
        report = self._report(at, fault, reporter, kind, room_id=room_id, building_id=building_id)
        return self.job_of(at, reporter, report, campus)

    def job_of(self, at: datetime, reporter: PersonBrief, report: Report, campus: str) -> Job:
        fault = self.faults[report.category]
        caller = Caller(reporter.id, surface="phone")
        by, on_phone = caller, None
        crew = self.crew(campus, fault)
        if report.channel == "caller":
            by, on_phone = crew.dispatcher, PhoneCaller(report.phone, number=reporter.number or "")
        photos = 0 if on_phone else self.dice.choices((0, 1, 2, 3), (85, 10, 4, 1))[0]
        hazard = is_hazard(f"{fault.name} {report.detail}")
        return Job(
            opening=Submit(at, by, report, photos, on_phone),
            reporter=caller,
            crew=crew,
            trade=fault.trade,
            is_urgent=hazard or fault.is_urgent,
            is_hazard=hazard,
            needs_photo=fault.needs_photo,
        )

    def crew(self, campus: str, fault: Fault) -> Crew:
        """The east is helped out by an outside firm; what can't wait is the emergency team's."""
        dispatcher = self.dice.choice((self.desk, *self.dispatchers.get(campus, (self.desk,))))
        if fault.is_urgent:
            return Crew(dispatcher, self.workers["T-URGENT"], dispatcher)
        if campus == "EAST":
            return Crew(dispatcher, self.workers["T-EAST"] + self.workers["T-ANJU"], dispatcher)
        lead = self.dice.choice((dispatcher, self.heads[TEAMS[campus]]))
        return Crew(dispatcher, self.workers[TEAMS[campus]], lead)

    def _reporter(self, session: Session, kind: str) -> tuple[PersonBrief, Place | None]:
        """Residents report from their room; others from wherever they are."""
        if kind != "dorm":
            pool = self.staff if self.dice.random() < (0.9 if kind == "office" else 0.4) else self.students
            return self.dice.choice(pool), None
        while True:
            resident = self.dice.choice(self.students)
            if resident.id not in self.homes:
                self.homes[resident.id] = directory.room_of(session, resident.id)
            if home := self.homes[resident.id]:
                return resident, home

    def _fault(self, kind: str, *, is_calm: bool) -> Fault:
        trades = TRADES.get(kind, TRADES[""])
        trade = self.dice.choices(tuple(trades), tuple(trades.values()))[0]
        absent = NOT_THERE.get(kind, NOT_THERE[""])
        choices = [
            fault for fault in self.faults.values() if fault.trade == trade and fault.code not in absent
        ]
        if is_calm:
            choices = [fault for fault in choices if not fault.is_urgent]
        return self.dice.choices(choices, [RARELY.get(fault.code, 1) for fault in choices])[0]

    def _report(
        self,
        at: datetime,
        fault: Fault,
        reporter: PersonBrief,
        kind: str,
        *,
        room_id: int | None,
        building_id: int,
    ) -> Report:
        is_corridor = fault.trade == "lift" or self.dice.random() < 0.06
        visit = self._visit(at) if kind == "dorm" and self.dice.random() < 0.15 else (None, None)
        access = self.dice.choices(
            ("anytime", "present", "escort"), (40, 50, 10) if kind == "dorm" else (85, 15, 0)
        )
        channel = self.dice.choices(("phone_page", "qr", "caller"), (64, 28, 8))[0]
        return Report(
            category=fault.code,
            detail=self._words(fault, reporter, kind),
            room_id=None if is_corridor else room_id,
            building_id=building_id if is_corridor else None,
            place_note=self.dice.choice(("二楼走廊", "门厅", "楼梯拐角", "三楼东侧", "一楼大厅"))
            if is_corridor
            else "",
            access=access[0],
            visit_from=visit[0],
            visit_until=visit[1],
            phone=f"100{reporter.id:08d}" if channel == "caller" or self.dice.random() < 0.3 else "",
            channel=channel,
        )

    def _words(self, fault: Fault, reporter: PersonBrief, kind: str) -> str:
        is_foreign = reporter.name.isascii() and fault.code in texts.ENGLISH
        luck = self.dice.random()
        if is_foreign:
            return self.dice.choice(texts.ENGLISH[fault.code])
        if luck < 0.02 and fault.trade == "water" and kind == "dorm":
            return texts.LONG[0]
        if luck < 0.1 and fault.code == "electric.socket" and kind == "dorm":
            return texts.LONG[1]
        if luck < 0.1 and fault.code == "other.other":
            return self.dice.choice(texts.RARE)
        choices = fitting(fault.code, kind)
        return "" if luck > 0.97 or not choices else self.dice.choice(choices)

    def _visit(self, at: datetime) -> tuple[datetime, datetime]:
        """A free hour or two on one of the next days."""
        day = clock.local(at).date() + timedelta(days=self.dice.randint(1, 2))
        begins = datetime(
            day.year, day.month, day.day, self.dice.choice((8, 10, 14, 16, 19)), tzinfo=clock.SHANGHAI
        )
        return begins.astimezone(UTC), (begins + timedelta(hours=2)).astimezone(UTC)


def fitting(category: str, kind: str) -> list[str]:
    """Reports of a fault that somebody could write about this kind of building."""
    elsewhere = texts.AT_WORK if kind == "dorm" else texts.AT_HOME
    return [text for text in texts.REPORTS[category] if not any(word in text for word in elsewhere)]


def read_town(session: Session, dice: random.Random) -> Town:
    """The campus as it was loaded."""
    campuses = directory.campuses(session)
    buildings: dict[tuple[str, str], list[directory.BuildingBrief]] = {}
    for campus in campuses:
        for building in directory.buildings(session, campus.id):
            buildings.setdefault((campus.code, building.kind), []).append(building)
    teams = {team.code: team for team in directory.teams(session, unit_id(session, "WXZX"))}
    dispatchers = _dispatchers(session, {campus.id: campus.code for campus in campuses})
    return Town(
        dice=dice,
        faults={
            fault.code: Fault(fault.code, fault.name, fault.is_urgent, fault.needs_after_photo)
            for trade in repairs.categories(session)
            for fault in trade.faults
        },
        buildings=buildings,
        rooms={b.id: directory.rooms(session, b.id) for several in buildings.values() for b in several},
        students=directory.search_people(session, "202", limit=3000),
        staff=directory.search_people(session, "T", limit=500),
        workers={code: _workers(session, team.id) for code, team in teams.items()},
        heads={
            code: caller_of(session, head.id)
            for code, team in teams.items()
            if (head := directory.team_head(session, team.id))
        },
        dispatchers=dispatchers,
        campus_codes={campus.id: campus.code for campus in campuses},
        desk=caller_of(session, person_id(session, DISPATCHER)),
    )


def _workers(session: Session, team_id: int) -> tuple[Caller, ...]:
    members = directory.team_members(session, team_id)
    return tuple(Caller(one.id, surface="phone") for one in members if "contractor" in one.kinds)


def _dispatchers(session: Session, campus_codes: dict[int, str]) -> dict[str, list[Caller]]:
    found: dict[str, list[Caller]] = {}
    unit = directory.find_org_unit(session, "HQC")
    assert unit is not None
    for center in directory.children_of(session, unit.id):
        for person in directory.holders_of(session, center.id, "dispatcher"):
            caller = caller_of(session, person.id)
            for campus_id in caller.scope("repairs.dispatch").campus_ids:
                found.setdefault(campus_codes[campus_id], []).append(caller)
    return found
