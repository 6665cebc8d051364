"""The import itself: check everything, then write everything, in one transaction."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, ids
from app.kit.caller import Caller
from app.kit.workbook import Problem, SheetRow, Values, Workbook, read
from app.platform.audit import service as audit
from app.platform.directory.errors import WorkbookInvalid
from app.platform.directory.imports import checks, known, periods, sheets
from app.platform.directory.imports.known import Key
from app.platform.directory.imports.periods import Span
from app.platform.directory.imports.writing import (
    Report,
    SheetReport,
    Touched,
    insert_all,
    upsert,
    write_spans,
)
from app.platform.directory.models import (
    Affiliation,
    Bed,
    BedOccupancy,
    Building,
    BuildingKind,
    Campus,
    Floor,
    OrgUnit,
    Person,
    Post,
    Room,
    Term,
)
from app.platform.directory.service.imports import lock
from app.platform.directory.service.people import person_values

MOST_SENTENCES = 200
Progress = Callable[[SheetReport], None]
Spans = dict[Key, list[Span]]


def import_workbook(
    session: Session,
    *,
    by: Caller | None,
    source: Path | BinaryIO,
    progress: Progress = lambda _: None,
) -> Report:
    """Bring the directory up to the workbook. Rows are known again by code or number.

    All or nothing: raises WorkbookInvalid with every problem and its row, and nothing is written. A second
    import of the same file changes nothing. Empty cells overwrite nothing; rows absent from the file stay.
    Imports wait for each other.
    """
    lock(session)
    book = read(source, sheets.SHEETS)
    spans = check_workbook(session, book)
    if book.problems:
        raise WorkbookInvalid(count=len(book.problems), details=_sentences(book.problems))
    report = Report(ignored=book.ignored)
    for done in write_workbook(session, by, book, spans):
        report.sheets.append(done)
        progress(done)
    return report


def _sentences(problems: list[Problem]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for problem in problems[:MOST_SENTENCES]:
        found.setdefault(problem.sheet, []).append(problem.sentence())
    return found


def check_workbook(session: Session, book: Workbook) -> tuple[Spans, Spans, Spans]:
    """Complains in the book; gives the from–to rows as they will be."""
    people, org_units = known.people(session), known.org_units(session)
    checks.check_terms(book)
    checks.check_places(book, known.campuses(session), known.buildings(session))
    checks.check_org_units(book, org_units)
    checks.check_people(book, people)
    checks.check_belonging(book, people, org_units)
    checks.check_beds(book, known.beds(session))
    affiliations = periods.plan(
        book,
        sheets.AFFILIATIONS,
        known.affiliations(session),
        _keyed(book, sheets.AFFILIATIONS, ("number", "kind", "unit_code")),
    )
    posts = periods.plan(
        book,
        sheets.POSTS_SHEET,
        known.posts(session),
        _keyed(book, sheets.POSTS_SHEET, ("number", "post", "unit_code")),
    )
    stays = periods.plan(
        book,
        sheets.BEDS,
        known.occupancies(session),
        _keyed(book, sheets.BEDS, ("number", "building_code", "room_number", "bed_code")),
    )
    periods.settle_beds(book, stays)
    return affiliations, posts, stays


def _keyed(book: Workbook, sheet: sheets.Sheet, fields: tuple[str, ...]) -> Iterable[tuple[Key, SheetRow]]:
    """Rows by their key; those that lack a required part have been complained about already."""
    required = {column.field for column in sheet.columns if column.is_required}
    for row in book.of(sheet):
        if required <= row.values.keys():
            yield tuple(row.values.get(field) for field in fields), row


def write_workbook(
    session: Session, by: Caller | None, book: Workbook, spans: tuple[Spans, Spans, Spans]
) -> Iterator[SheetReport]:
    """Parents before children. Sheets that the workbook lacks are passed over."""
    affiliations, posts, stays = spans
    if book.of(sheets.TERMS):
        yield _write_coded(session, by, book, sheets.TERMS, Term, known.terms(session))
    if book.of(sheets.CAMPUSES):
        yield _write_coded(session, by, book, sheets.CAMPUSES, Campus, known.campuses(session))
    if book.of(sheets.BUILDINGS):
        yield _write_buildings(session, by, book)
    if book.of(sheets.ROOMS):
        yield _write_rooms(session, by, book)
    if book.of(sheets.ORG_UNITS):
        yield _write_org_units(session, by, book)
    if book.of(sheets.PEOPLE):
        yield _write_people(session, by, book)
    yield from _write_belonging(session, by, book, affiliations, posts, stays)
    audit.record(session, by=by, action="directory.imported", object_type="workbook", object_id="-")


def _write_coded(
    session: Session, by: Caller | None, book: Workbook, sheet: sheets.Sheet, table: Any, old: known.Rows
) -> SheetReport:
    rows: Iterable[tuple[Key, Values, Values]] = (
        ((row.values["code"],), row.values, {}) for row in book.of(sheet)
    )
    return upsert(session, by, sheet=sheet, table=table, known=old, rows=rows)


def _write_buildings(session: Session, by: Caller | None, book: Workbook) -> SheetReport:
    campus_ids = {key[0]: old["id"] for key, old in known.campuses(session).items()}
    rows = []
    for row in book.of(sheets.BUILDINGS):
        values = dict(row.values)
        values["campus_id"] = campus_ids[values.pop("campus_code")]
        values["is_dorm"] = values["kind"] == BuildingKind.DORM
        rows.append(((values["code"],), values, {"is_active": True}))
    return upsert(
        session, by, sheet=sheets.BUILDINGS, table=Building, known=known.buildings(session), rows=rows
    )


def _write_rooms(session: Session, by: Caller | None, book: Workbook) -> SheetReport:
    """Rooms, the floors they are on, and their beds 1…n. Beds are added, never taken away."""
    buildings = known.buildings(session)
    rows, floors, beds = [], set(), []
    for row in book.of(sheets.ROOMS):
        values = dict(row.values)
        building = buildings[(values.pop("building_code"),)]
        key = (building["code"], values["number"])
        count = values.pop("beds", 0)
        values["building_id"] = building["id"]
        floors.add((building["id"], values["floor"]))
        beds += [(*key, str(bed)) for bed in range(1, count + 1)]
        private_by_default = bool(building["is_dorm"] and count)
        rows.append((key, values, {"is_active": True, "is_private": private_by_default}))
    session.execute(
        insert(Floor).on_conflict_do_nothing(),
        [{"building_id": building_id, "number": floor} for building_id, floor in sorted(floors)],
    )
    report = upsert(session, by, sheet=sheets.ROOMS, table=Room, known=known.rooms(session), rows=rows)
    room_ids = {key: old["id"] for key, old in known.rooms(session).items()}
    there = known.beds(session)
    new = [{"room_id": room_ids[key[:2]], "code": key[2]} for key in beds if key not in there]
    insert_all(session, Bed, new)
    return report


def _write_org_units(session: Session, by: Caller | None, book: Workbook) -> SheetReport:
    """Level by level, since a child needs its parent's id."""
    waiting = list(book.of(sheets.ORG_UNITS))
    codes = {row.values["code"] for row in waiting}
    new: tuple[Touched, ...] = ()
    touched: tuple[Touched, ...] = ()
    while waiting:
        ready = [row for row in waiting if row.values.get("parent_code") not in codes]
        codes -= {row.values["code"] for row in ready}
        waiting = [row for row in waiting if row.values["code"] in codes]
        done = _write_org_level(session, by, ready)
        new, touched = new + done.new, touched + done.touched
    return SheetReport(sheets.ORG_UNITS.title, len(book.of(sheets.ORG_UNITS)), new, touched)


def _write_org_level(session: Session, by: Caller | None, level: list[SheetRow]) -> SheetReport:
    old = known.org_units(session)
    rows = []
    for row in level:
        values = dict(row.values)
        if parent := values.pop("parent_code", None):
            values["parent_id"] = old[(parent,)]["id"]
        rows.append(((values["code"],), values, {"is_active": True}))
    return upsert(session, by, sheet=sheets.ORG_UNITS, table=OrgUnit, known=old, rows=rows)


def _write_people(session: Session, by: Caller | None, book: Workbook) -> SheetReport:
    moment = clock.now()
    rows = []
    for row in book.of(sheets.PEOPLE):
        values = dict(row.values)
        number = values.pop("number")
        fresh = {"public_id": ids.public_id("per"), "created_at": moment, "updated_at": moment}
        rows.append(((number,), {"number": number, **person_values(**values)}, fresh))
    return upsert(session, by, sheet=sheets.PEOPLE, table=Person, known=known.people(session), rows=rows)


def _write_belonging(
    session: Session, by: Caller | None, book: Workbook, affiliations: Spans, posts: Spans, stays: Spans
) -> Iterator[SheetReport]:
    people = {key[0]: old["id"] for key, old in known.people(session).items()}
    units: dict[Any, Any] = {key[0]: old["id"] for key, old in known.org_units(session).items()}
    units[None] = None
    beds = {key: old["id"] for key, old in known.beds(session).items()}

    def affiliation(span: Span) -> Values:
        number, kind, unit_code = span.key
        return {"person_id": people[number], "kind": kind, "org_unit_id": units[unit_code]}

    def post(span: Span) -> Values:
        number, duty, unit_code = span.key
        return {"person_id": people[number], "post": duty, "org_unit_id": units[unit_code]}

    def stay(span: Span) -> Values:
        return {"person_id": people[span.key[0]], "bed_id": beds[span.key[1:]]}

    for sheet, table, spans, columns_of in (
        (sheets.AFFILIATIONS, Affiliation, affiliations, affiliation),
        (sheets.POSTS_SHEET, Post, posts, post),
        (sheets.BEDS, BedOccupancy, stays, stay),
    ):
        if book.of(sheet):
            yield write_spans(session, by, sheet=sheet, table=table, spans=spans, columns_of=columns_of)
