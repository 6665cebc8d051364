"""Reading people: briefs, search, phone numbers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Date,
    Row,
    Select,
    and_,
    any_,
    bindparam,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from app.kit import clock, crypto
from app.kit.cells import normal_number, normal_phone
from app.kit.prepared import Prepared
from app.platform.directory.errors import PersonNotFound
from app.platform.directory.models import Affiliation, AffiliationKind, Person
from app.platform.directory.queries.names import mask_phone, surname

PHONE, ID_NUMBER = "phone", "id_number"  # purposes of the blind indexes


@dataclass(frozen=True)
class PersonBrief:
    """What may be shown of a person to those who deal with them. Visitors have an empty name.

    `kinds` are the affiliations that hold today; a graduate has none.
    """

    id: int
    public_id: str
    name: str
    name_en: str | None
    number: str | None
    gender: str | None
    kinds: frozenset[str] = field(default_factory=frozenset)

    @property
    def surname(self) -> str:
        return surname(self.name)

    @property
    def is_active(self) -> bool:
        """Belongs to the school today: neither a visitor nor a leaver."""
        return bool(self.kinds - {AffiliationKind.VISITOR})

    @property
    def is_visitor(self) -> bool:
        return self.kinds <= {AffiliationKind.VISITOR} and not self.name


def holds_on(table: Any, day: Any) -> ColumnElement[bool]:
    """The condition that a from–to row holds on a day."""
    return and_(table.starts_on <= day, holds_after(table, day))


def holds_after(table: Any, day: Any) -> ColumnElement[bool]:
    """The condition that a from–to row still holds on a day or later."""
    return or_(table.ends_on.is_(None), table.ends_on > day)


def person(session: Session, person_id: int) -> PersonBrief:
    """The person; for a merged visitor, who they turned out to be. Raises PersonNotFound."""
    found = people(session, [person_id]).get(person_id)
    if found is None:
        raise PersonNotFound()
    return found


def people(session: Session, person_ids: Iterable[int]) -> dict[int, PersonBrief]:
    """Briefs by the ids asked for; unknown ids are absent. One statement, however many ids."""
    wanted = list(set(person_ids))
    if not wanted:
        return {}
    rows = _PEOPLE.rows(session, ids=wanted, day=clock.today())
    return {row.asked_id: _brief(row, {row.id: frozenset(row.kinds or ())}) for row in rows}


def find_person_by_public_id(session: Session, public_id: str) -> PersonBrief | None:
    return _find_one(session, Person.public_id == public_id)


def find_person_by_number(session: Session, number: str) -> PersonBrief | None:
    """By student or staff number; letters in any case."""
    return _find_one(session, Person.number == normal_number(number))


def find_people_by_phone(session: Session, phone: str) -> list[PersonBrief]:
    """All who gave this number: families share one."""
    index = crypto.blind_index(normal_phone(phone), PHONE)
    return _briefs(session, _brief_columns().where(Person.phone_index == index))


def phone_index(phone: str) -> str:
    """The hash by which a number is found and compared without being read."""
    return crypto.blind_index(normal_phone(phone), PHONE)


def phone_indexes(session: Session, person_ids: Iterable[int]) -> dict[int, str | None]:
    """Of people whose number is not to be read."""
    stmt = select(Person.id, Person.phone_index).where(Person.id.in_(set(person_ids)))
    return {row.id: row.phone_index for row in session.execute(stmt)}


def search_people(
    session: Session, text: str, limit: int = 20, *, among: Select[Any] | None = None
) -> list[PersonBrief]:
    """By the beginning of a name or number, numbers first; visitors and merged people are left out.

    `among` selects the ids of the only people that count: so the limit cuts off none of them for others' sake.
    """
    wanted = text.strip()
    if not wanted:
        return []
    matches = [
        Person.name.startswith(wanted, autoescape=True),
        Person.number.startswith(normal_number(wanted), autoescape=True),
    ]
    if wanted.isascii() and wanted[0].isalpha():
        matches.append(func.lower(Person.name_en).startswith(wanted.lower(), autoescape=True))
    return _briefs(
        session,
        _brief_columns()
        .where(
            Person.merged_into_id.is_(None),
            Person.erased_at.is_(None),
            Person.name != "",
            or_(*matches),
            true() if among is None else Person.id.in_(among),
        )
        .order_by(Person.number.nulls_last(), Person.id)
        .limit(limit),
    )


def phone_of(session: Session, person_id: int) -> str | None:
    """The full number. The caller must have a reason and note it in audit (privacy.reveal_phone does)."""
    return session.scalar(select(Person.phone).where(Person.id == person_id))


def masked_phone(session: Session, person_id: int) -> str | None:
    """`100****1234`."""
    phone = phone_of(session, person_id)
    return mask_phone(phone) if phone else None


def export_person(session: Session, *, person_id: int) -> dict[str, Any]:
    """What the directory knows of a person, for the person: plain values."""
    row = session.execute(
        select(
            Person.name, Person.name_en, Person.number, Person.gender, Person.phone, Person.id_number
        ).where(Person.id == person_id)
    ).one()
    belongs = session.execute(
        select(Affiliation.kind, Affiliation.number, Affiliation.starts_on, Affiliation.ends_on)
        .where(Affiliation.person_id == person_id)
        .order_by(Affiliation.id)
    )
    affiliations = [
        {key: value.isoformat() if isinstance(value, date) else value for key, value in one._mapping.items()}
        for one in belongs
    ]
    return {**row._mapping, "affiliations": affiliations}


def _brief_columns() -> Select:
    return select(Person.id, Person.public_id, Person.name, Person.name_en, Person.number, Person.gender)


def _find_one(session: Session, condition: ColumnElement[bool]) -> PersonBrief | None:
    found = _briefs(session, _brief_columns().where(condition, Person.merged_into_id.is_(None)))
    return found[0] if found else None


def _briefs(session: Session, stmt: Select) -> list[PersonBrief]:
    rows = session.execute(stmt).all()
    kinds = _kinds_of(session, {row.id for row in rows})
    return [_brief(row, kinds) for row in rows]


def briefs_of(session: Session, person_ids: list[int]) -> list[PersonBrief]:
    """Briefs in the order of the ids."""
    found = people(session, person_ids)
    return [found[person_id] for person_id in person_ids if person_id in found]


def _brief(row: Row, kinds: dict[int, frozenset[str]]) -> PersonBrief:
    return PersonBrief(
        row.id,
        row.public_id,
        row.name,
        row.name_en,
        row.number,
        row.gender,
        kinds.get(row.id, frozenset()),
    )


def _kinds_of(session: Session, person_ids: set[int]) -> dict[int, frozenset[str]]:
    if not person_ids:
        return {}
    rows = session.execute(
        select(Affiliation.person_id, Affiliation.kind).where(
            Affiliation.person_id.in_(person_ids), holds_on(Affiliation, clock.today())
        )
    )
    kinds: dict[int, set[str]] = {}
    for person_id, kind in rows:
        kinds.setdefault(person_id, set()).add(kind)
    return {person_id: frozenset(mine) for person_id, mine in kinds.items()}


def _people_asked_for() -> Select:
    """Built once: nearly every page shows people."""
    asked = aliased(Person)
    kinds = select(func.array_agg(Affiliation.kind)).where(
        Affiliation.person_id == Person.id, holds_on(Affiliation, bindparam("day", type_=Date))
    )
    return (
        _brief_columns()
        .add_columns(kinds.scalar_subquery().label("kinds"), asked.id.label("asked_id"))
        .join(asked, Person.id == func.coalesce(asked.merged_into_id, asked.id))
        .where(
            asked.id == any_(bindparam("ids", type_=ARRAY(BigInteger))),
            Person.merged_into_id.is_(None),
        )
    )


_PEOPLE = Prepared(_people_asked_for())
