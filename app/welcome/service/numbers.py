"""Student numbers are issued: the freshman becomes a student, and whatever is bound stays bound."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.platform.audit import service as audit
from app.platform.directory import queries as directory_queries
from app.platform.directory import service as directory
from app.welcome.errors import NumbersInvalid
from app.welcome.models import Admission
from app.welcome.queries.admissions import current_season
from app.welcome.service import proofs


@dataclass(frozen=True)
class Issued:
    """One line: an admission by its id (adm_…) or by profile and candidate number, and the new student number."""

    line: int
    student_number: str
    public_id: str = ""
    number: str = ""
    profile: str = "undergraduate"


def issue_numbers(session: Session, *, by: Caller | None, lines: Sequence[Issued]) -> int:
    """Give every one of them the number; all or nothing; returns how many changed. The same file again changes none.

    Raises NumbersInvalid, whose details name each wrong line.
    """
    season_id = current_season(session).id
    wrong: dict[str, list[str]] = {}
    found: list[tuple[Issued, Admission]] = []
    seen: dict[str, int] = {}
    for line in lines:
        admission = _admission(session, season_id, line)
        number = "".join(line.student_number.split()).upper()
        if problem := _problem(session, admission, number, seen):
            wrong[f"第 {line.line} 行"] = [problem]
        elif admission is not None:
            found.append((line, admission))
        seen[number] = line.line
    if wrong:
        raise NumbersInvalid(count=len(wrong), details=wrong)
    return sum(_issue(session, by, line.student_number, admission) for line, admission in found)


def _problem(session: Session, admission: Admission | None, number: str, seen: dict[str, int]) -> str:
    if admission is None:
        return "名单里没有这名新生"
    if not number:
        return "没有学号"
    if number in seen:
        return f"学号和第 {seen[number]} 行重复"
    holder = directory_queries.find_person_by_number(session, number)
    if holder is not None and holder.id != admission.person_id:
        return "学号已经属于另一个人"
    return ""


def _admission(session: Session, season_id: int, line: Issued) -> Admission | None:
    stmt = select(Admission).where(Admission.season_id == season_id)
    if line.public_id:
        return session.scalar(stmt.where(Admission.public_id == line.public_id))
    index = proofs.number_index(line.profile, line.number)
    return session.scalar(stmt.where(Admission.number_index == index))


def _issue(session: Session, by: Caller | None, number: str, admission: Admission) -> bool:
    person = directory_queries.person(session, admission.person_id)
    if "student" in person.kinds:
        return False
    directory.update_person(session, by=by, person_id=admission.person_id, number=number)
    directory.change_affiliation(
        session,
        by=by,
        person_id=admission.person_id,
        from_kind="freshman",
        to_kind="student",
        org_unit_id=admission.class_id or admission.college_id,
        number=number,
    )
    session.execute(update(Admission).where(Admission.id == admission.id).values(updated_at=clock.now()))
    audit.record(
        session,
        by=by,
        action="welcome.number_issued",
        object_type="admission",
        object_id=admission.id,
    )
    return True
