"""Console: the wave that comes, hour by hour, and the buses for it."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for

from app.kit import clock, export, http
from app.kit.db import unit_of_work
from app.kit.errors import NotFound
from app.kit.http import caller, permit
from app.kit.idempotency import Answer
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.platform.privacy import service as privacy
from app.welcome.errors import ReasonNeeded, SlotInvalid
from app.welcome.models import SHUTTLE_STATUSES, SLOT_STATUSES, STATION_KINDS
from app.welcome.queries import arrivals as queries
from app.welcome.queries.admissions import current_season
from app.welcome.service import shuttles, slots

desk = Blueprint("welcome_arrivals_desk", __name__, url_prefix="/desk/welcome/arrivals")
DISPATCH = "welcome.dispatch"


@desk.get("")
@permit(DISPATCH)
def index() -> Any:
    """The table asks for itself again every few seconds (data-live)."""
    with unit_of_work() as session:
        season = current_season(session)
        days = queries.days_of(season)
        day = _day(days)
        hours = queries.hours(session, season_id=season.id, day=day)
        return render_template(
            "welcome/desk/arrivals.html",
            days=days,
            day=day,
            hours=hours,
            by_hour=_sums(hours),
            factor=queries.scale(session, season.id),
            stations=queries.stations(session, all_of_them=True),
            slots=queries.slots(session, season_id=season.id, day=day),
            shuttles=queries.shuttles(session, season_id=season.id, day=day),
            kinds=STATION_KINDS,
            slot_labels=SLOT_STATUSES,
            shuttle_labels=SHUTTLE_STATUSES,
        )


def _sums(hours: list[queries.Hour]) -> list[tuple[datetime, int]]:
    """Heads by hour, all stations and own ways."""
    sums: dict[datetime, int] = {}
    for one in hours:
        sums[one.hour] = sums.get(one.hour, 0) + one.heads
    return sorted(sums.items())


def _day(days: list[date]) -> date:
    known = {day.isoformat(): day for day in days}
    nearest = next((day for day in days if day >= clock.today()), days[-1])
    return known.get(request.values.get("day", ""), nearest)


@desk.post("/stations")
@permit(DISPATCH)
def add_station() -> Any:
    form = request.form
    return _once(
        lambda session: slots.add_station(
            session,
            by=caller(),
            name=form.get("name", ""),
            name_en=form.get("name_en"),
            kind=form.get("kind", ""),
            address=form.get("address", ""),
        )
    )


@desk.post("/stations/<station_id>/<deed>")
@permit(DISPATCH)
def switch_station(station_id: str, deed: str) -> Any:
    if deed not in ("open", "close"):
        raise NotFound()
    with unit_of_work() as session:
        slots.set_station_active(session, by=caller(), station_id=station_id, is_active=deed == "open")
    return _back()


@desk.post("/slots")
@permit(DISPATCH)
def add_slot() -> Any:
    starts, ends = _span()
    return _once(
        lambda session: slots.add_slot(
            session,
            by=caller(),
            season_id=current_season(session).id,
            station_id=request.form.get("station", ""),
            starts_at=starts,
            ends_at=ends,
            capacity=request.form.get("capacity", 0, type=int),
        )
    )


@desk.post("/slots/<slot_id>/<deed>")
@permit(DISPATCH)
def change_slot(slot_id: str, deed: str) -> Any:
    """move, close, resize."""
    version, by = request.form.get("version", 0, type=int), caller()
    with unit_of_work() as session:
        if deed == "move":
            starts, ends = _span()
            slots.move_slot(session, by=by, slot_id=slot_id, version=version, starts_at=starts, ends_at=ends)
        elif deed == "close":
            slots.close_slot(session, by=by, slot_id=slot_id, version=version)
        elif deed == "resize":
            capacity = request.form.get("capacity", 0, type=int)
            slots.resize_slot(session, by=by, slot_id=slot_id, capacity=capacity)
        else:
            raise NotFound()
    return _back()


@desk.get("/slots/<slot_id>")
@permit(DISPATCH)
def slot(slot_id: str) -> Any:
    """The panel beside the table."""
    with unit_of_work() as session:
        return render_template(
            "welcome/desk/_slot.html", slot=slots.slot_row(session, slot_id), labels=SLOT_STATUSES
        )


@desk.post("/shuttles")
@permit(DISPATCH)
def add_shuttle() -> Any:
    form = request.form
    leaves = _moment(form.get("day", ""), form.get("leaves", ""))
    return _once(
        lambda session: shuttles.add_shuttle(
            session,
            by=caller(),
            season_id=current_season(session).id,
            station_id=form.get("station", ""),
            leaves_at=leaves,
            seats=form.get("seats", 0, type=int),
            plate=form.get("plate", ""),
            driver=form.get("driver", ""),
        )
    )


@desk.get("/shuttles/<shuttle_id>")
@permit(DISPATCH)
def shuttle(shuttle_id: str) -> Any:
    """Boarding: whoever stands at the door of the bus scans one card after the other."""
    with unit_of_work() as session:
        found = queries.find_shuttle(session, shuttle_id)
        if found is None:
            raise shuttles.ShuttleNotFound()
        boarded = queries.boardings(session, shuttle_id)
        return render_template(
            "welcome/desk/shuttle.html",
            shuttle=found,
            boarded=boarded,
            people=directory.people(session, [row.person_id for row in boarded]),
            labels=SHUTTLE_STATUSES,
            heads=request.args.get("heads", type=int),
        )


@desk.post("/shuttles/<shuttle_id>/board")
@permit(DISPATCH)
def board(shuttle_id: str) -> Any:
    def work() -> Answer:
        heads = shuttles.board(session, by=caller(), shuttle_id=shuttle_id, code=request.form.get("code", ""))
        url = url_for("welcome_arrivals_desk.shuttle", shuttle_id=shuttle_id, heads=heads)
        return Answer(303, "", {"Location": url})

    with unit_of_work() as session:
        return http.once(session, work)


@desk.post("/shuttles/<shuttle_id>/boardings/<admission_id>/undo")
@permit(DISPATCH)
def get_off(shuttle_id: str, admission_id: str) -> Any:
    with unit_of_work() as session:
        shuttles.get_off(session, by=caller(), shuttle_id=shuttle_id, admission_id=admission_id)
    return redirect(url_for("welcome_arrivals_desk.shuttle", shuttle_id=shuttle_id), 303)


@desk.post("/shuttles/<shuttle_id>/<deed>")
@permit(DISPATCH)
def end_shuttle(shuttle_id: str, deed: str) -> Any:
    """left, cancelled."""
    if deed not in ("left", "cancelled"):
        raise NotFound()
    with unit_of_work() as session:
        shuttles.end_shuttle(session, by=caller(), shuttle_id=shuttle_id, status=deed)
    return redirect(url_for("welcome_arrivals_desk.shuttle", shuttle_id=shuttle_id), 303)


@desk.post("/drivers.xlsx")
@permit(DISPATCH)
def export_drivers() -> Response:
    """Whom to fetch: surnames, no numbers; every line says who took the list, when and what for."""
    reason, by = request.form.get("reason", "").strip(), caller()
    if not 4 <= len(reason) <= 100:
        raise ReasonNeeded(details={"reason": [ReasonNeeded.msgid]})
    with unit_of_work() as session:
        season = current_season(session)
        day = _day(queries.days_of(season))
        rows = list(queries.driver_list(session, season_id=season.id, day=day))
        people = directory.people(session, [row.person_id for row in rows])
        who = directory.person(session, by.person_id).name
        audit.record(
            session,
            by=by,
            action="welcome.drivers_exported",
            object_type="season",
            object_id=season.id,
            fields=(day.isoformat(), len(rows)),
        )
        privacy.note_list(session, by=by, reason="welcome.drivers", person_ids=people)
    mark = f"{who} {clock.local(clock.now()):%Y-%m-%d %H:%M} {reason}"
    lines = [(row, f"{people[row.person_id].surname}同学", mark) for row in rows]
    return export.xlsx_response(f"接站名单 {day:%m-%d}", DRIVERS, lines)


DRIVERS = (
    export.Column("站点", lambda line: line[0].name, 18),
    export.Column(
        "时段",
        lambda line: f"{clock.local(line[0].starts_at):%H:%M}–{clock.local(line[0].ends_at):%H:%M}",
        14,
    ),
    export.Column("新生", lambda line: line[1], 12),
    export.Column("车次或航班", lambda line: line[0].vehicle, 14),
    export.Column("人数", lambda line: 1 + line[0].companions, 8),
    export.Column("行李", lambda line: line[0].luggage, 8),
    export.Column("已上车", lambda line: line[0].status == "boarded", 8),
    export.Column("导出人、时间和用途", lambda line: line[2], 44),
)


def _once(work: Any) -> Any:
    def answer() -> Answer:
        work(session)
        return Answer(
            303, "", {"Location": url_for("welcome_arrivals_desk.index", day=request.form.get("day"))}
        )

    with unit_of_work() as session:
        return http.once(session, answer)


def _back() -> Any:
    return redirect(url_for("welcome_arrivals_desk.index", day=request.form.get("day")), 303)


def _span() -> tuple[datetime, datetime]:
    day = request.form.get("day", "")
    return _moment(day, request.form.get("starts", "")), _moment(day, request.form.get("ends", ""))


def _moment(day: str, time: str) -> datetime:
    try:
        return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        raise SlotInvalid(details={"starts": [SlotInvalid.msgid]}) from None
