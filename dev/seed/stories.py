"""How a repair goes, as a script that waits for its moment: who does what when, until it is over.

A story is a generator of what happens next. `walk` carries it out when its time has come and lets the story
go on; what lies beyond the end of the walk never happens, and the ticket stays as it is.
"""

import random
from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.kit import clock
from app.kit.calendar import WorkCalendar
from app.kit.caller import Caller
from app.repairs.service import PhoneCaller, Report
from app.repairs.service.clocks import AUTO_CLOSE_AFTER, clock_for
from dev.seed import hours, texts

MINUTE = timedelta(minutes=1)
NOISE = timedelta(seconds=37)


@dataclass(frozen=True)
class Submit:
    """A report. `photos` is how many pictures go with it."""

    at: datetime
    by: Caller
    report: Report
    photos: int = 0
    caller: PhoneCaller | None = None


@dataclass(frozen=True)
class Act:
    """An action of the table with what is filled in."""

    at: datetime
    by: Caller
    action: str
    filled: dict[str, Any] = field(default_factory=dict)
    photos: int = 0


@dataclass(frozen=True)
class Sweep:
    """Nobody does anything: by this moment the system has."""

    at: datetime


Step = Submit | Act | Sweep
Story = Generator[Step, None, None]


@dataclass(frozen=True)
class Crew:
    """Who looks after a ticket: the dispatcher, the workers of its place, and whoever leads them."""

    dispatcher: Caller
    workers: tuple[Caller, ...]
    lead: Caller


@dataclass
class Job:
    """What a story knows of its ticket. `is_urgent` goes by the clock on the wall, at night too."""

    opening: Submit
    reporter: Caller
    crew: Crew
    trade: str
    is_urgent: bool
    is_hazard: bool
    needs_photo: bool


@dataclass
class Teller:
    """Tells stories by the dice it is given."""

    dice: random.Random
    calendar: WorkCalendar

    def ordinary(self, job: Job) -> Story:
        """Any way a repair can go, the usual ones more often."""
        yield job.opening
        now, luck = job.opening.at, self.dice.random()
        if luck < 0.045 and not job.is_urgent:
            yield Act(
                now + self._minutes(3, 25), job.reporter, "cancel", {"note": self._one(texts.CANCEL_NOTES)}
            )
            return
        now = self._answered(job, now)
        if luck < 0.10 and not job.is_hazard:
            reason = self._one(tuple(texts.REJECT_NOTES))
            note = texts.REJECT_NOTES[reason]
            yield Act(now, job.crew.dispatcher, "reject", {"reason": reason, "note": note})
            return
        if luck > 0.74:
            yield Act(now, job.crew.dispatcher, "accept", {"note": self._one(texts.ACCEPT_NOTES)})
            now = self._later(job, now, 2, 50)
        yield from self._served(job, now)

    def _served(self, job: Job, now: datetime) -> Story:
        """From the dispatcher's hand to a finished job, and what the reporter says."""
        worker = self._one(job.crew.workers)
        now = yield from self._dispatched(job, now, worker)
        yield Act(now, worker, "take")
        if not job.is_urgent and self.dice.random() < 0.05:
            now = self._later(job, now, 20, 90)
            worker = self._other(job, worker)
            filled = {"worker_id": worker.person_id, "reason": self._one(("absent", "skill", "load"))}
            yield Act(now, job.crew.lead, "reassign", filled)
            now = self._taken(job, now)
            yield Act(now, worker, "take")
        now = yield from self._waited(job, now)
        yield Act(now, worker, "arrive")
        now = yield from self._perhaps_held(job, now, worker)
        now = self._later(job, now, 8, 75)
        yield self._finish(job, now, worker)
        yield from self._answer(job, now, worker)

    def _dispatched(self, job: Job, now: datetime, worker: Caller) -> Generator[Step, None, datetime]:
        """Sent out until somebody will take it. Returns when the last of them does."""
        luck = 1.0 if job.is_urgent else self.dice.random()
        first = self._other(job, worker) if luck < 0.09 else worker
        yield self._dispatch(job, now, first)
        if luck < 0.05:  # declined
            now = self._taken(job, now)
            reason = self._one(tuple(texts.DECLINE_NOTES))
            filled = {"reason": reason, "note": texts.DECLINE_NOTES[reason]}
            yield Act(now, first, "decline", filled)
        elif luck < 0.09:  # nobody looked
            now = clock_for("normal", self.calendar).accept_due(now) + MINUTE
            yield Sweep(now)
        if first is not worker:
            now = self._later(job, now, 4, 40)
            yield self._dispatch(job, now, worker)
        return self._taken(job, now)

    def _dispatch(self, job: Job, now: datetime, worker: Caller) -> Act:
        filled = {"worker_id": worker.person_id, "note": self._one(texts.DISPATCH_NOTES)}
        return Act(now, job.crew.dispatcher, "dispatch", filled)

    def _waited(self, job: Job, now: datetime) -> Generator[Step, None, datetime]:
        """The way there; who waits long may urge. Returns the arrival."""
        if job.is_urgent:
            return now + self._minutes(8, 45)
        arrival = self._later(job, now, 25, 60 * self.dice.choice((3, 5, 9, 14)))
        if arrival - job.opening.at > timedelta(hours=4) and self.dice.random() < 0.3:
            urge = job.opening.at + (arrival - job.opening.at) * self.dice.uniform(0.6, 0.9)
            if urge > now:
                yield Act(urge, job.reporter, "urge")
        return arrival

    def _perhaps_held(self, job: Job, now: datetime, worker: Caller) -> Generator[Step, None, datetime]:
        if job.is_urgent or self.dice.random() > 0.085:
            return now
        now = self._later(job, now, 5, 30)
        reason = self.dice.choices(tuple(texts.HOLD_NOTES), (10, 5, 3, 6, 4, 1, 3))[0]
        days = 1 + self.dice.randint(0, {"busy": 0, "absent": 1}.get(reason, 3))
        until = hours.on_duty(now + timedelta(days=days, hours=self.dice.randint(1, 12)))
        filled = {"reason": reason, "until": until, "note": texts.HOLD_NOTES[reason]}
        yield Act(now, worker, "hold", filled)
        if self.dice.random() < 0.5:
            now = until + MINUTE
            yield Sweep(now)
        else:
            now += (until - now) * self.dice.uniform(0.3, 0.9)
            now = min(hours.on_duty(now), until - MINUTE)
            yield Act(now, worker, "resume")
        return now

    def _finish(self, job: Job, now: datetime, worker: Caller) -> Act:
        photos = int(job.needs_photo or self.dice.random() < 0.03)
        return Act(now, worker, "finish", {"note": self._one(texts.FINISHED[job.trade])}, photos)

    def _answer(self, job: Job, now: datetime, worker: Caller) -> Story:
        """Content, not content, or silent."""
        finished, luck = now, self.dice.random()
        if luck < 0.22 and not job.is_hazard:
            now = finished + AUTO_CLOSE_AFTER + MINUTE
            yield Sweep(now)
            if self.dice.random() < 0.08:
                yield self.rating(job, now + self._minutes(60, 900))
            return
        now = self._awake(finished + self._minutes(5, 60 * self.dice.choice((2, 8, 30, 70))))
        if luck < 0.27:
            yield Act(now, job.reporter, "rework", {"note": self._one(texts.REWORK_NOTES)})
            now = self._taken(job, now)
            yield Act(now, worker, "take")
            now = self._later(job, now, 20, 240)
            yield Act(now, worker, "arrive")
            now = self._later(job, now, 10, 60)
            yield self._finish(job, now, worker)
            now = self._awake(now + self._minutes(20, 600))
        yield Act(now, job.reporter, "confirm")
        if self.dice.random() < 0.46:
            yield self.rating(job, now + self._minutes(0.3, self.dice.choice((2, 2, 2, 300))))

    def rating(self, job: Job, now: datetime) -> Act:
        """Mostly content; a comment on some."""
        score = self.dice.choices((5, 4, 3, 2, 1), (64, 20, 9, 4, 3))[0]
        scores = [max(1, min(5, score + self.dice.choice((0, 0, 0, 0, -1, 1)))) for _ in range(3)]
        words = texts.GOOD if score > 3 else texts.MIDDLE if score == 3 else texts.POOR
        tags = texts.GOOD_TAGS if score > 3 else texts.POOR_TAGS
        filled = {
            "speed": scores[0],
            "quality": scores[1],
            "attitude": scores[2],
            "tags": tuple(self.dice.sample(tags, self.dice.randint(0, 2))),
            "note": self._one(words) if self.dice.random() < 0.5 else "",
        }
        return Act(now, job.reporter, "rate", filled)

    def _answered(self, job: Job, now: datetime) -> datetime:
        """When the dispatcher gets to it: within minutes mostly, within hours when much comes at once."""
        if job.is_urgent:
            return now + self._minutes(1, 8)
        return self._later(job, now, 2, self.dice.choices((12, 28, 90, 200), (50, 30, 12, 8))[0])

    def _taken(self, job: Job, now: datetime) -> datetime:
        """Before the clock for it runs out."""
        return now + self._minutes(1, 8) if job.is_urgent else self._later(job, now, 1, 26)

    def _later(self, job: Job, now: datetime, least: float, most: float) -> datetime:
        minutes = self.dice.uniform(least, most)
        return now + minutes * MINUTE if job.is_urgent else hours.after(now, minutes)

    def _awake(self, moment: datetime) -> datetime:
        """Nobody answers at four in the morning."""
        local = clock.local(moment)
        return moment if 8 <= local.hour < 24 else moment + timedelta(hours=8 - local.hour) + NOISE

    def _other(self, job: Job, worker: Caller) -> Caller:
        return self._one([other for other in job.crew.workers if other != worker] or [worker])

    def _one(self, choices: Any) -> Any:
        return self.dice.choice(choices)

    def _minutes(self, least: float, most: float) -> timedelta:
        return self.dice.uniform(least, most) * MINUTE
