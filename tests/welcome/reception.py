"""Short ways for the tests of arrival and check-in: stations, slots, steps, staff in the console."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update

from app.kit import clock, db, outbox
from app.kit.caller import Caller
from app.platform.identity import service as identity
from app.welcome.models import Admission, Arrival, Slot
from app.welcome.service import arrivals, check_in, slots
from app.welcome.service.arrivals import Way
from app.welcome.service.check_in import Doing
from tests import visit
from tests.welcome.conftest import Intake

SLOT_DAY = datetime(2026, 11, 20, tzinfo=clock.SHANGHAI)


@dataclass
class Reception:
    """The intake with one station (two slots) and four steps; each call is its own unit of work."""

    app: Flask
    intake: Intake
    station: str
    morning: str
    noon: str

    def plan(self, person_id: int, slot: str | None, companions: int = 0, version: int | None = None) -> str:
        way = Way(slot, companions, 1, expected_at=None if slot else at(15))
        with db.unit_of_work() as session:
            return arrivals.plan_arrival(
                session, by=self.intake.freshman(person_id), way=way, version=version
            )

    def taken(self, slot: str) -> int:
        with db.unit_of_work() as session:
            return session.scalars(select(Slot.taken).where(Slot.public_id == slot)).one()

    def arrival(self, person_id: int) -> Arrival:
        with db.unit_of_work() as session:
            return session.scalars(
                select(Arrival)
                .join(Admission, Admission.id == Arrival.admission_id)
                .where(Admission.person_id == person_id)
            ).one()

    def admission(self, person_id: int) -> Admission:
        with db.unit_of_work() as session:
            return session.scalars(select(Admission).where(Admission.person_id == person_id)).one()

    def mark(self, by: Caller, person_id: int, step: str, **more: object) -> str:
        doing = Doing(self.admission(person_id).public_id, step, **more)  # type: ignore[arg-type]
        with db.unit_of_work() as session:
            return check_in.mark_step(session, by=by, doing=doing)

    def undo(self, by: Caller, person_id: int, step: str, reason: str = "登记错了人") -> str:
        doing = Doing(self.admission(person_id).public_id, step, reason=reason)
        with db.unit_of_work() as session:
            return check_in.undo_step(session, by=by, doing=doing)

    def register(self, by: Caller, person_id: int) -> None:
        for step in ("papers", "key", "register"):
            self.mark(by, person_id, step)

    def desk(
        self, person_id: int, role: str = "welcome.administrator", college: int | None = None
    ) -> FlaskClient:
        scope = ("all", None) if college is None else ("unit", college)
        with db.unit_of_work() as session:
            identity.grant_role(
                session, by=None, person_id=person_id, role=role, scope_kind=scope[0], scope_id=scope[1]
            )
        return visit.desk(self.app, person_id)

    def messages(self, kind: str) -> int:
        """After everything was delivered twice."""
        for _ in range(2):
            outbox.drain(clients=self.app.extensions["clients"], seconds=5)
            with db.unit_of_work() as session:
                session.execute(
                    update(outbox.OutboxDelivery)
                    .where(outbox.OutboxDelivery.subscriber.like("welcome.%"))
                    .values(status="pending", done_at=None, leased_until=None)
                )
        outbox.drain(clients=self.app.extensions["clients"], seconds=5)
        with db.unit_of_work() as session:
            return session.execute(
                text("SELECT count(*) FROM notifications_messages WHERE kind = :kind"), {"kind": kind}
            ).scalar_one()


def at(hour: int, minute: int = 0) -> datetime:
    return SLOT_DAY + timedelta(hours=hour, minutes=minute)


def make_reception(app: Flask, intake: Intake, *, capacity: int = 10) -> Reception:
    by = intake.staff(intake.campus.zheng)
    with db.unit_of_work() as session:
        station = slots.add_station(
            session, by=by, name="东站", name_en="East Station", kind="rail", address="东广场 3 号出口"
        )
        made = [
            slots.add_slot(
                session,
                by=by,
                season_id=intake.season,
                station_id=station,
                starts_at=at(hour),
                ends_at=at(hour + 1),
                capacity=capacity,
            )
            for hour in (9, 12)
        ]
        for position, (key, title, kind, needed) in enumerate(STEPS, start=1):
            check_in.set_step(
                session,
                by=by,
                key=key,
                title=title,
                kind=kind,
                position=position,
                is_required=needed,
                is_final=key == "register",
            )
    return Reception(app, intake, station, *made)


STEPS = (
    ("papers", "核验材料", "once", True),
    ("key", "领取钥匙", "once", True),
    ("drill", "军训签到", "daily", False),
    ("parcel", "领取包裹", "multiple", False),
    ("register", "报到", "once", True),
)
