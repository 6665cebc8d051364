"""The last two days: a board with open tickets in every state, and what the cast has on its hands.

Told backwards from the end of the walk: a ticket that shall stand somewhere now was moved there not long
ago, and each step before that took as long as such steps take.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.platform.directory import queries as directory
from app.repairs.service import Report
from dev.seed import hours, texts
from dev.seed.setup import person_id
from dev.seed.stories import Act, Job, Step, Story, Teller
from dev.seed.town import Town, fitting

URGE_AFTER = timedelta(minutes=55)
DAY = 14.4 * 60  # minutes of duty
# How many stand in each state, and how many minutes of duty ago they came there.
OPEN = {
    "submitted": (13, 1, 24),
    "triaged": (9, 5, 150),
    "dispatched": (9, 1, 16),
    "taken": (13, 5, 200),
    "working": (10, 3, 70),
    "on_hold": (11, 40, 500),
}
OVER = {
    "finished": (14, 10, 400),
    "closed": (16, 10, 500),
    "cancelled": (3, 30, 300),
    "rejected": (4, 30, 300),
}
# Of those above so many came there long ago: minutes of duty more.
OVERDUE = {"submitted": (2, 1.2 * DAY), "taken": (2, 5 * DAY), "working": (2, 6 * DAY)}
WAYS = {
    "submitted": (),
    "triaged": ("accept",),
    "dispatched": ("dispatch",),
    "taken": ("dispatch", "take"),
    "working": ("dispatch", "take", "arrive"),
    "on_hold": ("dispatch", "take", "arrive", "hold"),
    "finished": ("dispatch", "take", "arrive", "finish"),
    "closed": ("dispatch", "take", "arrive", "finish", "confirm", "rate"),
    "cancelled": ("cancel",),
    "rejected": ("reject",),
}
# Minutes of duty from the step before to this one.
GAPS = {"accept": (2, 24), "dispatch": (2, 26), "take": (1, 14), "arrive": (15, 150), "hold": (5, 30)}
GAPS |= {"finish": (8, 70), "confirm": (5, 200), "rate": (1, 2), "cancel": (4, 30), "reject": (4, 40)}


@dataclass
class Board:
    """Tells the stories of the last days. `share` makes it smaller; one of each state stays."""

    town: Town
    teller: Teller
    now: datetime
    share: float = 1.0

    def stories(self, session: Session) -> Iterator[Story]:
        dice = self.teller.dice
        for state, (count, least, most) in (OPEN | OVER).items():
            late, longer = OVERDUE.get(state, (0, 0.0))
            for position in range(max(1, round(count * self.share))):
                ago = dice.uniform(least, most)
                yield self._standing(session, state, ago + (longer if 0 < position <= late else 0))
        yield self._hazard(session)

    def _standing(self, session: Session, state: str, ago: float) -> Story:
        """A ticket that came to this state so many minutes of duty ago."""
        moments = self._moments(state, ago)
        job = self.town.job(session, moments[0], is_calm=True)
        return self._told(job, state, moments)

    def _moments(self, state: str, ago: float) -> list[datetime]:
        """Of the report and of each step of the way."""
        moments = [hours.back(self.now, ago + self.teller.dice.random())]
        for action in reversed(WAYS[state]):
            moments.append(hours.back(moments[-1], self.teller.dice.uniform(*GAPS[action])))
        return moments[::-1]

    def _hazard(self, session: Session) -> Story:
        """Somebody must act now."""
        li = directory.find_person_by_number(session, "2023010102")
        room = directory.find_room(session, "E01", "101")
        assert li is not None
        assert room is not None
        report = Report(
            "electric.leak", texts.REPORTS["electric.leak"][0], room_id=room.id, phone="10000000102"
        )
        at = self.now - timedelta(minutes=3)
        job = self.town.job_of(at, li, report, "EAST")
        job.opening = replace(job.opening, photos=1)
        return self._told(job, "submitted", [at])

    def of_the_cast(self, session: Session) -> Iterator[Story]:
        """李一鸣's own reports, and what 王建国 and 刘强 have today."""
        li, wang, liu = (person_id(session, number) for number in ("2023010101", "W0001", "W0002"))
        room = directory.find_room(session, "E03", "512")
        assert room is not None
        reporter = directory.person(session, li)
        for category, state, ago, words in LI:
            worker = Caller(wang, surface="phone")
            yield self._directed(reporter, Report(category, words, room_id=room.id), state, ago, worker)
        for number, state, ago, worker_id in (
            *((number, state, ago, wang) for number, state, ago in WANG),
            *((number, state, ago, liu) for number, state, ago in LIU),
        ):
            resident = directory.residents_of(session, self._room(session, number))[0]
            category = self.teller.dice.choice(("electric.lamp", "water.tap", "wood.door", "air.radiator"))
            words = self.teller.dice.choice(fitting(category, "dorm"))
            report = Report(category, words, room_id=self._room(session, number), access="anytime")
            yield self._directed(resident, report, state, ago, Caller(worker_id, surface="phone"))

    def _room(self, session: Session, number: str) -> int:
        room = directory.find_room(session, *number.split())
        assert room is not None
        return room.id

    def _directed(
        self, reporter: directory.PersonBrief, report: Report, state: str, ago: float, worker: Caller
    ) -> Story:
        moments = self._moments(state, ago)
        job = self.town.job_of(moments[0], reporter, report, "EAST")
        job.crew = replace(job.crew, dispatcher=self.town.desk, workers=(worker,))
        return self._told(job, state, moments)

    def _told(self, job: Job, state: str, moments: list[datetime]) -> Story:
        """The steps of the way at their moments, by whom they belong to; who waits may urge."""
        yield job.opening
        dice = self.teller.dice
        worker = dice.choice(job.crew.workers)
        for action, at in zip(WAYS[state], moments[1:], strict=True):
            yield _step(self.teller, job, worker, action, at)
        waited = self.now - moments[-1]
        if state in OPEN and waited > URGE_AFTER and dice.random() < 0.2:
            yield Act(self.now - waited * dice.uniform(0.05, 0.4), job.reporter, "urge")


# What 李一鸣 reported, where it stands, how many minutes of duty ago.
LI = (
    ("wood.desk", "closed", 17 * DAY, "椅子腿断了，坐下去差点摔倒。"),
    ("network.port", "on_hold", 1.1 * DAY, "三号床下面的网口灯不亮，其他三个正常。"),
    ("water.tap", "finished", 95, "阳台水龙头关不紧，一直滴水，晚上很吵。"),
    ("wood.window", "triaged", 30, "窗户把手断了，关不严，冷风直灌。"),
)
WANG = (
    ("E03 508", "dispatched", 4),
    ("E03 302", "taken", 25),
    ("E03 411", "taken", 70),
    ("E03 207", "working", 12),
    ("E03 311", "finished", 140),
    ("E03 109", "closed", 230),
)
LIU = (("E01 204", "dispatched", 9), ("E01 403", "taken", 40), ("E01 510", "working", 20))


def _step(teller: Teller, job: Job, worker: Caller, action: str, at: datetime) -> Step:
    dice = teller.dice
    if action == "accept":
        return Act(at, job.crew.dispatcher, action)
    if action == "reject":
        filled = {"reason": "not_ours", "note": texts.REJECT_NOTES["not_ours"]}
        return Act(at, job.crew.dispatcher, action, filled)
    if action == "dispatch":
        filled = {"worker_id": worker.person_id, "note": dice.choice(texts.DISPATCH_NOTES)}
        return Act(at, job.crew.dispatcher, action, filled)
    if action == "hold":
        until = hours.on_duty(at + timedelta(days=dice.randint(2, 4)))
        filled = {"reason": "material", "until": until, "note": texts.HOLD_NOTES["material"]}
        return Act(at, worker, action, filled)
    if action == "finish":
        photos = 1 if job.needs_photo or dice.random() < 0.2 else 0
        return Act(at, worker, action, {"note": dice.choice(texts.FINISHED[job.trade])}, photos)
    if action == "rate":
        return teller.rating(job, at)
    return Act(at, job.reporter if action in ("confirm", "cancel") else worker, action)
