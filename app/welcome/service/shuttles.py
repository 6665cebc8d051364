"""Shuttles: the dispatcher sends them, people get on by the code of their card."""

from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.kit import clock, db, ids
from app.kit.caller import Caller
from app.kit.hidden import check_seen
from app.platform.audit import service as audit
from app.welcome.errors import (
    AlreadyBoarded,
    BoardingNotFound,
    ShuttleFull,
    ShuttleGone,
    ShuttleInvalid,
    ShuttleNotFound,
    StationNotFound,
)
from app.welcome.models import Admission, Arrival, ArrivalStatus, Boarding, Shuttle, Station
from app.welcome.queries.codes import admission_by_code

DISPATCH = "welcome.dispatch"
MOST_SEATS = 80


def add_shuttle(
    session: Session,
    *,
    by: Caller | None,
    season_id: int,
    station_id: str,
    leaves_at: datetime,
    seats: int,
    plate: str,
    driver: str,
) -> str:
    """A bus that waits for people; returns its public id."""
    if not 0 < seats <= MOST_SEATS or not plate.strip():
        raise ShuttleInvalid(details={"plate": [ShuttleInvalid.msgid]})
    check_seen(plate=plate, driver=driver)
    station = session.scalar(select(Station.id).where(Station.public_id == station_id))
    if station is None:
        raise StationNotFound()
    public_id = ids.public_id("bus")
    session.execute(
        insert(Shuttle).values(
            public_id=public_id,
            season_id=season_id,
            station_id=station,
            leaves_at=leaves_at,
            seats=seats,
            taken=0,
            plate=plate.strip()[:20],
            driver=driver.strip()[:40],
            status="boarding",
        )
    )
    audit.record(session, by=by, action="welcome.shuttle_added", object_type="shuttle", object_id=public_id)
    return public_id


def end_shuttle(session: Session, *, by: Caller, shuttle_id: str, status: str) -> None:
    """It left, or it does not go: then whoever sat in it waits for another one."""
    ended = session.scalar(
        update(Shuttle)
        .where(Shuttle.public_id == shuttle_id, Shuttle.status == "boarding")
        .values(status="left" if status == "left" else "cancelled")
        .returning(Shuttle.id)
        .execution_options(synchronize_session=False)
    )
    if ended is None:
        raise ShuttleGone() if _find(session, shuttle_id) else ShuttleNotFound()
    if status != "left":
        _let_out(session, ended)
    audit.record(
        session,
        by=by,
        action="welcome.shuttle_ended",
        object_type="shuttle",
        object_id=shuttle_id,
        fields=(status,),
    )


def _let_out(session: Session, shuttle_id: int) -> None:
    out = session.scalars(
        delete(Boarding).where(Boarding.shuttle_id == shuttle_id).returning(Boarding.admission_id)
    ).all()
    session.execute(
        update(Arrival)
        .where(Arrival.admission_id.in_(out), Arrival.status == ArrivalStatus.BOARDED)
        .values(status=ArrivalStatus.PLANNED, version=Arrival.version + 1, updated_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    session.execute(update(Shuttle).where(Shuttle.id == shuttle_id).values(taken=0))


def board(session: Session, *, by: Caller, shuttle_id: str, code: str) -> int:
    """Somebody gets on, with those they said they bring; returns the heads.

    Locks: the arrival, then the shuttle. Raises AlreadyBoarded, which names the bus and the time.
    """
    admission = admission_by_code(session, by=by, permission=DISPATCH, code=code)
    arrival = session.execute(
        select(Arrival.id, Arrival.companions, Arrival.status)
        .where(Arrival.admission_id == admission.id)
        .with_for_update()
    ).first()
    heads = 1 + (arrival.companions if arrival and arrival.status != ArrivalStatus.CANCELLED else 0)
    shuttle = _find(session, shuttle_id)
    if shuttle is None:
        raise ShuttleNotFound()
    boarded = session.scalar(
        upsert(Boarding)
        .values(
            shuttle_id=shuttle.id,
            admission_id=admission.id,
            heads=heads,
            boarded_at=clock.now(),
            by_id=by.person_id,
        )
        .on_conflict_do_nothing(index_elements=["admission_id"])
        .returning(Boarding.id)
    )
    if boarded is None:
        raise _already(session, admission.id)
    _take_seats(session, shuttle.id, heads)
    if arrival is not None:
        session.execute(
            update(Arrival)
            .where(Arrival.id == arrival.id, Arrival.status == ArrivalStatus.PLANNED)
            .values(
                status=ArrivalStatus.BOARDED, notice=None, version=Arrival.version + 1, updated_at=clock.now()
            )
        )
    return heads


def get_off(session: Session, *, by: Caller, shuttle_id: str, admission_id: str) -> None:
    """A wrong scan is undone: the seats are free, the person waits for a bus again, also when this one has left.

    Locks as `board` does: the arrival, then the shuttle. Raises BoardingNotFound, also when it was undone already.
    """
    mine = select(Boarding.id, Boarding.admission_id, Boarding.shuttle_id).join(Shuttle).join(Admission)
    row = session.execute(
        mine.where(Shuttle.public_id == shuttle_id, Admission.public_id == admission_id)
    ).first()
    if row is None:
        raise BoardingNotFound()
    session.execute(
        update(Arrival)
        .where(Arrival.admission_id == row.admission_id, Arrival.status == ArrivalStatus.BOARDED)
        .values(status=ArrivalStatus.PLANNED, version=Arrival.version + 1, updated_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    heads = session.scalar(delete(Boarding).where(Boarding.id == row.id).returning(Boarding.heads))
    if heads is None:
        raise BoardingNotFound()
    session.execute(
        update(Shuttle)
        .where(Shuttle.id == row.shuttle_id)
        .values(taken=func.greatest(Shuttle.taken - heads, 0))
        .execution_options(synchronize_session=False)
    )
    audit.record(
        session, by=by, action="welcome.boarding_undone", object_type="admission", object_id=admission_id
    )


def _take_seats(session: Session, shuttle_id: int, heads: int) -> None:
    if db.rows_changed(
        session,
        update(Shuttle)
        .where(Shuttle.id == shuttle_id, Shuttle.status == "boarding", Shuttle.taken + heads <= Shuttle.seats)
        .values(taken=Shuttle.taken + heads)
        .execution_options(synchronize_session=False),
    ):
        return
    row = session.execute(
        select(Shuttle.status, Shuttle.seats, Shuttle.taken).where(Shuttle.id == shuttle_id)
    ).one()
    if row.status != "boarding":
        raise ShuttleGone()
    raise ShuttleFull(left=row.seats - row.taken, heads=heads)


def _already(session: Session, admission_id: int) -> AlreadyBoarded:
    row = session.execute(
        select(Boarding.boarded_at, Shuttle.plate)
        .join(Shuttle, Shuttle.id == Boarding.shuttle_id)
        .where(Boarding.admission_id == admission_id)
    ).one()
    return AlreadyBoarded(time=f"{clock.local(row.boarded_at):%H:%M}", plate=row.plate)


def _find(session: Session, shuttle_id: str) -> Shuttle | None:
    return session.scalar(
        select(Shuttle).where(Shuttle.public_id == shuttle_id).execution_options(populate_existing=True)
    )
