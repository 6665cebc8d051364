"""An admission list against the season: who is new, who changed, who is missing; and writing that."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.kit import clock, failpoint, ids
from app.kit.caller import Caller
from app.kit.i18n import N_
from app.kit.lists import Comparison, Line, Progress, digest_of, problem_lines
from app.kit.workbook import Problem, SheetRow, Workbook
from app.platform.audit import service as audit
from app.platform.directory import queries as directory
from app.platform.directory import service as people
from app.welcome.imports.columns import ADMISSIONS, region_code
from app.welcome.models import Admission, AdmissionStatus
from app.welcome.service import proofs

BATCH = 500
LEVELS = {"undergraduate": "本科", "postgraduate": "研究生", "upgrade": "专升本"}
PERSON_FIELDS = ("name", "name_en", "gender", "phone")
FIELD_LABELS = {
    "name": N_("姓名"),
    "name_en": N_("英文姓名"),
    "gender": N_("性别"),
    "phone": N_("联系电话"),
    "claim_index": N_("姓名或证件号"),
    "letter_index": N_("通知书编号"),
    "college_id": N_("学院"),
    "class_id": N_("班级"),
    "major": N_("专业"),
    "major_en": N_("专业英文名"),
    "level": N_("层次"),
    "region": N_("生源地"),
    "profile": N_("考生类别"),
}
NOT_HERE = (AdmissionStatus.WITHDRAWN, AdmissionStatus.DEFERRED)


@dataclass(frozen=True)
class Entry:
    """A row that can be written: columns of the admission, and of the person."""

    row: int
    admission: dict[str, Any]
    person: dict[str, Any]
    document: str


@dataclass
class Plan(Comparison[Entry, tuple[Entry, "Old", tuple[str, ...]], "Old"]):
    """`changed`: an entry, its admission's id and person, and the fields. `missing`: admissions out of the list."""

    @property
    def digest(self) -> str:
        parts = [f"new {entry.admission['number_index']}" for entry in self.new]
        parts += [f"changed {old.id} {','.join(fields)}" for _, old, fields in self.changed]
        parts += [f"missing {old.id}" for old in self.missing]
        return digest_of(sorted(parts))

    def lines(self) -> list[Line]:
        """Masked: what changed is named, not shown."""
        mask = directory.mask_name
        found = problem_lines(self.problems)
        found += [
            Line("new", entry.row, mask(entry.person["name"]), entry.admission["major"]) for entry in self.new
        ]
        found += [
            Line("changed", entry.row, mask(old.name), "、".join(FIELD_LABELS[name] for name in fields))
            for entry, old, fields in self.changed
        ]
        return found + [Line("missing", None, mask(old.name), old.row.major) for old in self.missing]


def college_id_of(scope: Mapping[str, Any]) -> int | None:
    """The college that a list is complete for; None: the whole school."""
    return int(scope["college"]) if scope.get("college") else None


def plan(session: Session, *, scope: Mapping[str, Any], book: Workbook) -> Plan:
    """Reads only. With problems nothing else is worked out. `scope`: season_id, profile, college ("" or its id)."""
    season_id, profile, college_id = scope["season_id"], scope["profile"], college_id_of(scope)
    rows = book.of(ADMISSIONS)
    found = Plan(problems=list(book.problems))
    units = _units(session)
    entries = [entry for row in rows if (entry := _entry(found, row, profile, units)) is not None]
    if college_id is not None:
        found.problems += [
            _problem(entry.row, N_("这一行不属于所选的学院"))
            for entry in entries
            if entry.admission["college_id"] != college_id
        ]
    if found.problems:
        return found
    old = {one.row.number_index: one for one in _admissions(session, season_id)}
    documents = {one.row.document_index: one for one in old.values()}
    for entry in entries:
        _compare(found, entry, old.get(entry.admission["number_index"]), documents)
    listed = {entry.admission["number_index"] for entry in entries}
    in_scope = [
        one
        for one in old.values()
        if one.row.profile == profile
        and one.row.status not in NOT_HERE
        and college_id in (None, one.row.college_id)
    ]
    found.scope = len(in_scope)
    found.missing = [one for one in in_scope if one.row.number_index not in listed]
    return found


def _units(session: Session) -> dict[str, dict[str, Any]]:
    """Colleges and classes, by name and by code."""
    units = directory.org_units_of_kind(session, "college", "class")
    return {
        kind: {name: unit for unit in units if unit.kind == kind for name in (unit.code, unit.name)}
        for kind in ("college", "class")
    }


def _entry(found: Plan, row: SheetRow, profile: str, units: dict[str, dict[str, Any]]) -> Entry | None:
    """None, with a problem, when college or class is unknown; or without, when the row had problems before."""
    values = row.values
    if not {"number", "name", "document", "major", "college", "gender"} <= values.keys():
        return None
    college = units["college"].get(values["college"])
    if college is None:
        found.problems.append(
            _problem(row.row, N_("没有学院“%(name)s”，请先维护组织机构或改正名称"), values["college"])
        )
        return None
    class_name = values.get("class_name")
    school_class = units["class"].get(class_name) if class_name else None
    if class_name and (school_class is None or school_class.parent_id != college.id):
        found.problems.append(_problem(row.row, N_("学院里没有班级“%(name)s”"), class_name))
        return None
    kind = values.get("profile", profile)
    person = {name: values.get(name) for name in PERSON_FIELDS}
    kept = proofs.indexes(
        profile=kind,
        name=values["name"],
        number=values["number"],
        document=values["document"],
        letter=values.get("letter"),
    )
    admission = asdict(kept) | {
        "profile": kind,
        "number_tail": values["number"][-4:],
        "college_id": college.id,
        "class_id": school_class.id if school_class else None,
        "major": values["major"],
        "major_en": values.get("major_en"),
        "level": values.get("level") or LEVELS.get(kind, "本科"),
        "region": region_code(values.get("region")),
    }
    return Entry(row.row, admission, person, values["document"])


def _problem(row: int, msgid: str, name: str = "") -> Problem:
    return Problem(ADMISSIONS.title, row, msgid, {"name": name} if name else {})


@dataclass(frozen=True)
class Old:
    """An admission that is there, with what the directory says of the person."""

    row: Any
    brief: Any
    phone_index: str | None

    @property
    def id(self) -> int:
        return int(self.row.id)

    @property
    def name(self) -> str:
        return str(self.brief.name)


def _admissions(session: Session, season_id: int) -> list[Old]:
    rows = session.execute(select(Admission.__table__).where(Admission.season_id == season_id)).all()
    ids_of = [row.person_id for row in rows]
    briefs, phones = directory.people(session, ids_of), directory.phone_indexes(session, ids_of)
    return [Old(row, briefs[row.person_id], phones[row.person_id]) for row in rows if row.person_id in briefs]


def _compare(found: Plan, entry: Entry, old: Old | None, documents: dict[str, Old]) -> None:
    other = documents.get(entry.admission["document_index"])
    if other is not None and (old is None or other.id != old.id):
        found.problems.append(_problem(entry.row, N_("证件号已经属于本批次的另一个考生号")))
    elif old is None:
        found.new.append(entry)
    elif fields := _differences(entry, old):
        found.changed.append((entry, old, fields))
    else:
        found.same += 1


def _differences(entry: Entry, old: Old) -> tuple[str, ...]:
    """Names of what differs. An empty cell says nothing, so it changes nothing."""
    names = [
        name
        for name, value in entry.admission.items()
        if name in FIELD_LABELS and value is not None and getattr(old.row, name) != value
    ]
    for name in ("name", "name_en", "gender"):
        if entry.person[name] and entry.person[name] != getattr(old.brief, name):
            names.append(name)
    phone = entry.person["phone"]
    if phone and directory.phone_index(phone) != old.phone_index:
        names.append("phone")
    return tuple(sorted(names))


def write(
    session: Session,
    *,
    by: Caller | None,
    scope: Mapping[str, Any],
    planned: Plan,
    withdraws: bool,
    progress: Progress = lambda _: None,
) -> None:
    """All of the plan in the caller's transaction, in batches; what people did themselves stays."""
    done, season_id = 0, scope["season_id"]
    for start in range(0, len(planned.new), BATCH):
        batch = planned.new[start : start + BATCH]
        _add(session, by, season_id, batch)
        done += len(batch)
        progress(done)
        failpoint.hit("welcome.list_batch_written")
    for entry, old, fields in planned.changed:
        _change(session, by, entry, old, fields)
        done += 1
        if done % BATCH == 0:
            progress(done)
    if withdraws and planned.missing:
        _withdraw(session, by, planned.missing)


def _add(session: Session, by: Caller | None, season_id: int, batch: Sequence[Entry]) -> None:
    moment = clock.now()
    members = [
        people.NewMember(
            kind="freshman",
            org_unit_id=entry.admission["class_id"] or entry.admission["college_id"],
            id_number=entry.document,
            **entry.person,
        )
        for entry in batch
    ]
    made = people.add_members(session, by=by, members=members)
    session.execute(
        insert(Admission),
        [
            entry.admission
            | {
                "public_id": ids.public_id("adm"),
                "season_id": season_id,
                "person_id": person_id,
                "status": AdmissionStatus.ADMITTED,
                "imported_at": moment,
                "updated_at": moment,
            }
            for entry, person_id in zip(batch, made, strict=True)
        ],
    )


def _change(session: Session, by: Caller | None, entry: Entry, old: Old, fields: tuple[str, ...]) -> None:
    """Name, document or number decide the claim together, so its hash is written whenever one of them is."""
    person = {name: entry.person[name] for name in PERSON_FIELDS if name in fields}
    if person:
        people.update_person(session, by=by, person_id=old.row.person_id, **person)
    columns = {name: entry.admission[name] for name in fields if name in entry.admission}
    columns |= {name: entry.admission[name] for name in ("claim_index", "document_index")}
    session.execute(update(Admission).where(Admission.id == old.id).values(**columns, updated_at=clock.now()))
    if {"class_id", "college_id"} & set(fields):
        people.change_affiliation(
            session,
            by=by,
            person_id=old.row.person_id,
            from_kind="freshman",
            to_kind="freshman",
            org_unit_id=entry.admission["class_id"] or entry.admission["college_id"],
        )


def _withdraw(session: Session, by: Caller | None, missing: Sequence[Old]) -> None:
    """Nobody is deleted: who is out of the list will not come, and can be put back by the next list."""
    gone = [old.id for old in missing]
    session.execute(
        update(Admission)
        .where(Admission.id.in_(gone), Admission.status.in_(["admitted", "excused"]))
        .values(
            status=AdmissionStatus.WITHDRAWN, status_reason="不在最新的录取名单里", updated_at=clock.now()
        )
    )
    deeds = [audit.Deed("welcome.withdrawn", "admission", old_id, ["list"]) for old_id in gone]
    audit.record_all(session, by=by, deeds=deeds)
