"""Changing people: who they are, where they belong, visitors who turn out to be somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, crypto, db, ids
from app.kit.caller import Caller
from app.kit.cells import normal_number, normal_phone
from app.platform.audit import service as audit
from app.platform.directory.errors import (
    AlreadyAffiliated,
    DatesReversed,
    NameMissing,
    NotAVisitor,
    NumberTaken,
    PersonNotFound,
    UnknownKind,
)
from app.platform.directory.models import Affiliation, AffiliationKind, BedOccupancy, Person, Post
from app.platform.directory.queries.people import ID_NUMBER, PHONE, holds_after

GENDERS = ("male", "female")
ERASED_NAME = "已注销"


def add_person(
    session: Session,
    *,
    by: Caller | None,
    name: str,
    number: str | None = None,
    name_en: str | None = None,
    gender: str | None = None,
    phone: str | None = None,
    id_number: str | None = None,
) -> int:
    """A new person; returns the id. Raises NumberTaken, NameMissing."""
    if not name.strip():
        raise NameMissing()
    values = person_values(name=name, name_en=name_en, gender=gender, phone=phone, id_number=id_number)
    number = normal_number(number) if number else None
    person_id = _insert_person(session, values | {"number": number})
    if person_id is None:
        raise NumberTaken(number=number)
    filled = [field for field in values if values[field] is not None and not field.endswith("_index")]
    _note(session, by, "person_added", person_id, filled)
    return person_id


@dataclass(frozen=True)
class NewMember:
    """One of many who come at once. `id_number` is kept as its hash alone."""

    name: str
    kind: str
    org_unit_id: int
    name_en: str | None = None
    gender: str | None = None
    phone: str | None = None
    id_number: str | None = None
    number: str | None = None
    starts_on: date | None = None


def add_members(session: Session, *, by: Caller | None, members: Sequence[NewMember]) -> list[int]:
    """People with an affiliation from their day on (today); their ids in the order given. Two statements for all."""
    if not members:
        return []
    moment, today = clock.now(), clock.today()
    rows = [_member_values(member, moment) for member in members]
    made = list(session.scalars(insert(Person).returning(Person.id, sort_by_parameter_order=True), rows))
    session.execute(
        insert(Affiliation),
        [
            {
                "person_id": one,
                "kind": member.kind,
                "org_unit_id": member.org_unit_id,
                "starts_on": member.starts_on or today,
            }
            for one, member in zip(made, members, strict=True)
        ],
    )
    audit.record_all(
        session,
        by=by,
        deeds=[audit.Deed("directory.person_added", "person", one, ["import"]) for one in made],
    )
    return made


def _member_values(member: NewMember, moment: datetime) -> dict[str, Any]:
    known = person_values(
        name=member.name,
        name_en=member.name_en or "",
        gender=member.gender or "",
        phone=member.phone or "",
        id_number=member.id_number or "",
    )
    return known | {
        "id_number": None,
        "number": member.number,
        "public_id": ids.public_id("per"),
        "created_at": moment,
        "updated_at": moment,
    }


def update_person(
    session: Session,
    *,
    by: Caller | None,
    person_id: int,
    name: str | None = None,
    name_en: str | None = None,
    number: str | None = None,
    gender: str | None = None,
    phone: str | None = None,
    id_number: str | None = None,
) -> None:
    """Correct what is known of a person. None leaves a field as it is, "" empties it (never the name)."""
    if name is not None and not name.strip():
        raise NameMissing()
    values = person_values(name=name, name_en=name_en, gender=gender, phone=phone, id_number=id_number)
    if number is not None:
        values["number"] = normal_number(number) or None
        _check_number_free(session, values["number"], person_id)
    if not values:
        return
    changed = db.rows_changed(
        session,
        update(Person)
        .where(Person.id == person_id, Person.merged_into_id.is_(None))
        .values(**values, updated_at=clock.now()),
    )
    if changed == 0:
        raise PersonNotFound()
    _note(session, by, "person_updated", person_id, [f for f in values if not f.endswith("_index")])


def person_values(
    *,
    name: str | None = None,
    name_en: str | None = None,
    gender: str | None = None,
    phone: str | None = None,
    id_number: str | None = None,
) -> dict[str, str | None]:
    """Columns to write, with the blind indexes; fields that are None are left out, "" becomes NULL."""
    if gender and gender not in GENDERS:
        raise UnknownKind(kind=gender)
    given = {"name": name, "name_en": name_en, "gender": gender}
    values: dict[str, str | None] = {
        field: text.strip() or None for field, text in given.items() if text is not None
    }
    if phone is not None:
        digits = normal_phone(phone)
        values["phone"] = digits or None
        values["phone_index"] = crypto.blind_index(digits, PHONE) if digits else None
    if id_number is not None:
        plain = normal_number(id_number)
        values["id_number"] = plain or None
        values["id_number_index"] = crypto.blind_index(plain, ID_NUMBER) if plain else None
    return values


def create_visitor(session: Session) -> int:
    """An unnamed person for a WeChat account nobody is bound to yet."""
    person_id = _insert_person(session, {"name": ""})
    assert person_id is not None
    session.execute(
        insert(Affiliation).values(person_id=person_id, kind=AffiliationKind.VISITOR, starts_on=clock.today())
    )
    _note(session, None, "visitor_created", person_id, [])
    return person_id


def merge_people(session: Session, *, by: Caller | None, visitor_id: int, into_id: int) -> None:
    """A visitor turned out to be this person.

    Only the directory's own rows change; the caller then asks every module's `merge_person(session,
    from_id=, into_id=)` in the same transaction. Rows are locked in order of id. Raises NotAVisitor when
    the first is not a visitor any more, PersonNotFound when the second is absent or merged itself.
    """
    wanted = sorted({visitor_id, into_id})
    rows = session.execute(
        select(Person.id, Person.merged_into_id)
        .where(Person.id.in_(wanted))
        .order_by(Person.id)
        .with_for_update(key_share=True)
    ).all()
    free = {row.id for row in rows if row.merged_into_id is None}
    if into_id not in free or visitor_id == into_id:
        raise PersonNotFound()
    if visitor_id not in free or _belongs_somewhere(session, visitor_id):
        raise NotAVisitor()
    session.execute(
        update(Person)
        .where((Person.id == visitor_id) | (Person.merged_into_id == visitor_id))
        .values(merged_into_id=into_id, updated_at=clock.now())
    )
    session.execute(
        update(Affiliation)
        .where(Affiliation.person_id == visitor_id, Affiliation.ends_on.is_(None))
        .values(ends_on=clock.today())
    )
    _note(session, by, "people_merged", into_id, [visitor_id])


def add_affiliation(
    session: Session,
    *,
    by: Caller | None,
    person_id: int,
    kind: str,
    org_unit_id: int | None = None,
    number: str | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> int:
    """The person belongs to an org unit from a day on (today). `ends_on` is the first day no more."""
    if kind not in set(AffiliationKind):
        raise UnknownKind(kind=kind)
    first = starts_on or clock.today()
    if ends_on is not None and ends_on <= first:
        raise DatesReversed()
    affiliation_id = session.scalar(
        insert(Affiliation)
        .values(
            person_id=person_id,
            kind=kind,
            org_unit_id=org_unit_id,
            number=number,
            starts_on=first,
            ends_on=ends_on,
        )
        .on_conflict_do_nothing()
        .returning(Affiliation.id)
    )
    if affiliation_id is None:
        raise AlreadyAffiliated()
    _note(session, by, "affiliation_added", person_id, [kind, affiliation_id])
    return affiliation_id


def end_affiliation(
    session: Session, *, by: Caller | None, affiliation_id: int, on: date | None = None
) -> None:
    """From this day (today) on the person no longer belongs there. Ending it again changes nothing."""
    day = on or clock.today()
    row = session.execute(
        update(Affiliation)
        .where(Affiliation.id == affiliation_id, holds_after(Affiliation, day))
        .values(ends_on=func.greatest(Affiliation.starts_on, day))
        .returning(Affiliation.person_id)
    ).first()
    if row is not None:
        _note(session, by, "affiliation_ended", row.person_id, [affiliation_id])


def change_affiliation(
    session: Session,
    *,
    by: Caller | None,
    person_id: int,
    from_kind: str,
    to_kind: str,
    org_unit_id: int | None = None,
    number: str | None = None,
) -> None:
    """From today on the person is something else here: a freshman becomes a student. Running it again changes nothing."""
    held = session.scalars(
        select(Affiliation.id)
        .where(
            Affiliation.person_id == person_id, Affiliation.kind == from_kind, Affiliation.ends_on.is_(None)
        )
        .order_by(Affiliation.id)
    ).all()
    if not held:
        return
    add_affiliation(session, by=by, person_id=person_id, kind=to_kind, org_unit_id=org_unit_id, number=number)
    for affiliation_id in held:
        end_affiliation(session, by=by, affiliation_id=affiliation_id)


def leave(session: Session, *, by: Caller | None, person_id: int, on: date | None = None) -> None:
    """A graduate or leaver: affiliations, posts and bed end on this day (today); the person stays known."""
    day = on or clock.today()
    for table in (Affiliation, Post, BedOccupancy):
        session.execute(
            update(table).where(table.person_id == person_id, table.ends_on.is_(None)).values(ends_on=day)
        )
    _note(session, by, "person_left", person_id, [])


def erase_person(session: Session, *, by: Caller | None, person_id: int) -> None:
    """Forget who this was; the row stays, since others point to it."""
    blank = dict.fromkeys(
        ("name_en", "number", "gender", "phone", "phone_index", "id_number", "id_number_index")
    )
    moment = clock.now()
    session.execute(
        update(Person)
        .where(Person.id == person_id)
        .values(**blank, name=ERASED_NAME, erased_at=moment, updated_at=moment)
    )
    session.execute(update(Affiliation).where(Affiliation.person_id == person_id).values(number=None))
    leave(session, by=by, person_id=person_id)
    _note(session, by, "person_erased", person_id, sorted(blank))


def _insert_person(session: Session, values: dict[str, str | None]) -> int | None:
    moment = clock.now()
    return session.scalar(
        insert(Person)
        .values(**values, public_id=ids.public_id("per"), created_at=moment, updated_at=moment)
        .on_conflict_do_nothing(index_elements=["number"])
        .returning(Person.id)
    )


def _check_number_free(session: Session, number: str | None, person_id: int) -> None:
    owner = session.scalar(select(Person.id).where(Person.number == number)) if number else None
    if owner not in (None, person_id):
        raise NumberTaken(number=number)


def _belongs_somewhere(session: Session, person_id: int) -> bool:
    return bool(
        session.scalar(
            select(Affiliation.id)
            .where(Affiliation.person_id == person_id, Affiliation.kind != AffiliationKind.VISITOR)
            .limit(1)
        )
    )


def _note(
    session: Session, by: Caller | None, action: str, person_id: int, fields: Sequence[str | int]
) -> None:
    audit.record(
        session,
        by=by,
        action=f"directory.{action}",
        object_type="person",
        object_id=person_id,
        fields=fields,
    )
