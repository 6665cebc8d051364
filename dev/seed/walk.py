"""The walk through the month: every step of every story at its time, and what it causes, in order."""

import gc
import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.clients import Clients
from app.kit import clock, db
from app.kit.caller import Caller
from app.repairs import service
from app.repairs.service import moves
from app.repairs.service.roles import SYSTEM
from dev.problem import Problem
from dev.seed.photos import Album
from dev.seed.postman import Postman, insist_on_delivery
from dev.seed.stories import Act, Step, Story, Submit

# Steps this close together share a transaction; messages about them are written at its end.
TOGETHER = timedelta(minutes=15)
AT_MOST = 60
EMPTY: dict[str, Any] = {
    "note": "",
    "reason": "",
    "worker_id": None,
    "until": None,
    "door_code": None,
    "photos": (),
    "speed": None,
    "quality": None,
    "attitude": None,
    "tags": (),
}


@dataclass
class Life:
    """A story under way; `version` is the ticket's as this story knows it."""

    story: Story
    next: Step
    ticket_id: str = ""
    version: int = 0


@dataclass
class Walk:
    """Carries stories out until `until`. A use-case that refuses is a bug of the story and ends the walk."""

    album: Album
    clients: Clients
    until: datetime
    say: Callable[[str], None] = lambda _line: None
    settle: Callable[[], None] = lambda: None
    counts: Counter[str] = field(default_factory=Counter)
    _heap: list[tuple[datetime, int, Life]] = field(default_factory=list)
    _day: date | None = None
    _order: Any = field(default_factory=itertools.count)

    def run(self, stories: Iterable[Story]) -> None:
        for story in stories:
            self._queue(Life(story, next(story)))
        gc.freeze()
        gc.disable()  # collecting all the time costs a tenth; `_together` does it once a day
        try:
            with Postman(self.clients) as postman:
                while self._heap:
                    self._together()
                    postman.deliver_until(clock.now())
                self._end(postman)
        finally:
            gc.enable()
            gc.unfreeze()
            clock.travel(None)
        insist_on_delivery()

    def _end(self, postman: Postman) -> None:
        """What the schedules would do first thing after the walk."""
        clock.travel(self.until)
        with db.unit_of_work() as session:
            _sweep(session)
        postman.deliver_until(self.until)
        postman.wait()

    def _queue(self, life: Life) -> None:
        if life.next.at < self.until:
            heapq.heappush(self._heap, (life.next.at, next(self._order), life))

    def _together(self) -> None:
        end = min(self._heap[0][0] + TOGETHER, self.until)
        with db.unit_of_work() as session:
            for _ in range(AT_MOST):
                if not self._heap or self._heap[0][0] > end:
                    break
                moment, _, life = heapq.heappop(self._heap)
                clock.travel(moment)
                self._carry_out(session, life)
        if self._is_new_day():
            gc.collect()
            self.settle()
            self.say(f"{clock.today()}  {self.counts['submit']} repairs")

    def _is_new_day(self) -> bool:
        before, self._day = self._day, clock.today()
        return before != self._day

    def _carry_out(self, session: Session, life: Life) -> None:
        step = life.next
        if isinstance(step, Submit):
            life.ticket_id, life.version = self._submit(session, step), 1
        elif isinstance(step, Act):
            self._act(session, step, life)
        else:
            _sweep(session)
            life.version = moves.load(session, SYSTEM, life.ticket_id).version
        self.counts["submit" if isinstance(step, Submit) else getattr(step, "action", "sweep")] += 1
        following = next(life.story, None)
        if following is not None:
            if following.at < step.at:
                raise Problem(f"A story goes back in time after {step}: {following}.")
            life.next = following
            self._queue(life)

    def _submit(self, session: Session, step: Submit) -> str:
        if step.caller is not None:
            return service.submit_for_caller(
                session, by=step.by, report=step.report, caller=step.caller
            ).public_id
        photos = self._photos(session, step.by, step.photos, step.report.category)
        report = step.report if not photos else _with_photos(step.report, photos)
        return service.submit_ticket(session, by=step.by, report=report).public_id

    def _act(self, session: Session, step: Act, life: Life) -> None:
        photos = self._photos(session, step.by, step.photos, "after")
        data = EMPTY | {"version": life.version, "photos": photos} | step.filled
        service.act_on(session, by=step.by, ticket_id=life.ticket_id, action=step.action, data=data)
        life.version += 1

    def _photos(self, session: Session, by: Caller, count: int, subject: str) -> tuple[str, ...]:
        return tuple(self.album.upload(session, by=by, subject=subject) for _ in range(count))


def _with_photos(report: service.Report, photos: tuple[str, ...]) -> service.Report:
    return service.Report(**(vars(report) | {"photos": photos}))


def _sweep(session: Session) -> None:
    """What the schedules of repairs do."""
    service.return_unanswered(session)
    service.resume_expired(session)
    service.close_unanswered(session)
