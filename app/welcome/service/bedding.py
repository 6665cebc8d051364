"""A list of beds against the directory: who moves where, and what can't be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.i18n import N_
from app.kit.lists import Line, Progress, counted, digest_of, problem_lines
from app.kit.workbook import Problem, SheetRow, Workbook
from app.platform.directory import queries as directory
from app.platform.directory import service as places
from app.welcome.imports.columns import BEDS
from app.welcome.models import Admission
from app.welcome.service import proofs
from app.welcome.service.listing import NOT_HERE, college_id_of


@dataclass(frozen=True)
class Move:
    """A person into a bed; `had` is the bed until now."""

    row: int
    person_id: int
    name: str
    gender: str | None
    bed_id: int
    room_id: int
    floor: tuple[int, int]
    text: str
    had: int | None


@dataclass
class BedPlan:
    """As `listing.Plan`: nobody is missing from a list of beds, for it need not be complete."""

    new: list[Move] = field(default_factory=list)
    changed: list[Move] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    same: int = 0

    @property
    def digest(self) -> str:
        return digest_of(sorted(f"{one.person_id} {one.bed_id} {one.had}" for one in self.moves))

    @property
    def moves(self) -> list[Move]:
        return [*self.new, *self.changed]

    def counts(self, *, withdraws: bool) -> dict[str, int]:
        """Nobody is missing from a list of beds, so nobody is withdrawn, whatever was ticked."""
        return counted(new=self.new, changed=self.changed, same=self.same, problems=self.problems)

    def lines(self) -> list[Line]:
        """Masked."""
        mask = directory.mask_name
        found = problem_lines(self.problems)
        found += [Line("new", one.row, mask(one.name), one.text) for one in self.new]
        return found + [Line("changed", one.row, mask(one.name), one.text) for one in self.changed]


def plan(session: Session, *, scope: Mapping[str, Any], book: Workbook) -> BedPlan:
    """Reads only; the scope is that of `listing.plan`."""
    rows, profile = book.of(BEDS), scope["profile"]
    found = BedPlan(problems=list(book.problems))
    known = _admitted(session, scope["season_id"], college_id_of(scope))
    beds = directory.dorm_beds(session)
    has = {place.person_id: place.id for place in beds.values() if place.person_id is not None}
    moves = [move for row in rows if (move := _move(found, row, profile, known, beds, has)) is not None]
    _check_taken(found, moves, beds)
    _check_genders(session, found, moves, beds)
    if found.problems:
        return found
    for move in moves:
        if move.had == move.bed_id:
            found.same += 1
        else:
            (found.new if move.had is None else found.changed).append(move)
    return found


def write(
    session: Session,
    *,
    by: Caller | None,
    scope: Mapping[str, Any],
    planned: BedPlan,
    withdraws: bool,
    progress: Progress = lambda _: None,
) -> None:
    """All of it in the caller's transaction; first everybody out of the old bed, so that swaps are no matter."""
    moves = {move.person_id: move.bed_id for move in planned.moves}
    if moves:
        places.move_into_beds(session, by=by, moves=moves)
    progress(len(moves))


def _admitted(session: Session, season_id: int, college_id: int | None) -> dict[str, Any]:
    """(person's id, brief) by the hash of the candidate's number."""
    stmt = select(Admission.number_index, Admission.person_id).where(
        Admission.season_id == season_id, Admission.status.not_in(NOT_HERE)
    )
    if college_id is not None:
        stmt = stmt.where(Admission.college_id == college_id)
    rows = session.execute(stmt).all()
    briefs = directory.people(session, [row.person_id for row in rows])
    return {row.number_index: briefs[row.person_id] for row in rows if row.person_id in briefs}


def _move(
    found: BedPlan,
    row: SheetRow,
    profile: str,
    known: dict[str, Any],
    beds: dict[tuple[str, str, str], directory.BedPlace],
    has: dict[int, int],
) -> Move | None:
    values = row.values
    if not {"number", "building", "room", "bed"} <= values.keys():
        return None
    brief = known.get(proofs.number_index(profile, values["number"]))
    where = (values["building"], values["room"], values["bed"])
    place = beds.get(where)
    if brief is None:
        found.problems.append(_problem(row.row, N_("本批次（或所选学院）里没有这个考生号")))
        return None
    if place is None:
        found.problems.append(_problem(row.row, N_("没有这张床：%(bed)s"), bed=" ".join(where)))
        return None
    return Move(
        row.row,
        brief.id,
        brief.name,
        brief.gender,
        place.id,
        place.room_id,
        place.floor,
        " ".join(where),
        has.get(brief.id),
    )


def _check_taken(
    found: BedPlan, moves: Sequence[Move], beds: dict[tuple[str, str, str], directory.BedPlace]
) -> None:
    """One person a bed: neither two of the list, nor one of the list and one who stays."""
    leaving = {move.person_id for move in moves}
    stays = {place.id: place.person_id for place in beds.values() if place.person_id not in {None, *leaving}}
    first: dict[int, int] = {}
    for move in moves:
        if (other := first.setdefault(move.bed_id, move.row)) != move.row:
            found.problems.append(_problem(move.row, N_("这张床已经排给第 %(other)s 行"), other=other))
        elif move.bed_id in stays:
            found.problems.append(_problem(move.row, N_("这张床已经有人住，请先办理退宿")))


def _check_genders(
    session: Session,
    found: BedPlan,
    moves: Sequence[Move],
    beds: dict[tuple[str, str, str], directory.BedPlace],
) -> None:
    """A room is of one gender, and so is a floor, with those who stay there. A floor that is of both already, where
    the school has wings, asks for nothing.
    """
    leaving = {move.person_id for move in moves}
    stays = {place.person_id: place for place in beds.values() if place.person_id not in {None, *leaving}}
    floors = {move.floor for move in moves}
    near = [person_id for person_id, place in stays.items() if person_id and place.floor in floors]
    in_room: dict[int, set[str]] = {}
    on_floor: dict[tuple[int, int], set[str]] = {}
    for person_id, brief in directory.people(session, near).items():
        if brief.gender:
            in_room.setdefault(stays[person_id].room_id, set()).add(brief.gender)
            on_floor.setdefault(stays[person_id].floor, set()).add(brief.gender)
    for move in moves:
        if not move.gender:
            continue
        if in_room.setdefault(move.room_id, {move.gender}) != {move.gender}:
            found.problems.append(_problem(move.row, N_("同一间房里性别不同，请核对房间")))
        elif len(there := on_floor.setdefault(move.floor, {move.gender})) == 1 and move.gender not in there:
            found.problems.append(_problem(move.row, N_("这一层住的是另一性别的学生，请核对楼层和房间")))


def _problem(row: int, msgid: str, **params: Any) -> Problem:
    return Problem(BEDS.title, row, msgid, params)
