"""Masking, what may be shown of personal values without a reason; and what people may know of their own data."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import AnyRow
from app.kit.module import Agreement, Module, Registry, Seen
from app.platform.audit import queries as audit
from app.platform.directory import queries as directory
from app.platform.directory.queries import mask_name, mask_number, mask_phone
from app.platform.identity import queries as identity
from app.platform.privacy.errors import ExportExpired, ExportNotFound
from app.platform.privacy.models import Export, ExportStatus

__all__ = ["mask_name", "mask_number", "mask_phone"]


@dataclass(frozen=True)
class Look:
    """Somebody saw a person's data: an office and its roles, never who. `office` is None for the machine's operator."""

    at: datetime
    office: directory.OrgBrief | None
    roles: tuple[str, ...]
    is_operator: bool
    purpose: str
    fields: tuple[str, ...]


def looks_at(
    session: Session, registry: Registry, *, person_id: int, cursor: str | None
) -> tuple[list[Look], str | None]:
    """Who else saw this person's data, newest first, by page; and the next cursor."""
    known = [seen for module in registry.modules for seen in module.seen]
    sources = {(seen.object_type, seen.objects) for seen in known}  # several kinds of looks may share one
    objects = {(kind, one) for kind, find in sources for one in find(session, person_id=person_id)}
    actions = {seen.action for seen in known}
    page = audit.acts_upon(session, objects=objects, actions=actions, but_by=person_id, cursor=cursor)
    actors = {row.actor_person_id for row in page.items} - {None}
    offices, roles = directory.workplaces_of(session, actors), identity.titles_of(session, actors)
    return [_look(row, known, offices, roles) for row in page.items], page.next_cursor


def _look(
    row: Any,
    known: Collection[Seen],
    offices: dict[int, directory.OrgBrief],
    roles: dict[int, list[str]],
) -> Look:
    reason = str(row.fields[1]).partition(":")[0] if len(row.fields) > 1 else ""
    fitting = [seen for seen in known if (seen.action, seen.object_type) == (row.action, row.object_type)]
    seen = next((one for one in fitting if one.reason == reason), None) or next(
        one for one in fitting if not one.reason
    )
    actor = row.actor_person_id
    return Look(
        row.at, offices.get(actor), tuple(roles.get(actor, ())), actor is None, seen.purpose, seen.fields
    )


def agreements_of(
    session: Session, registry: Registry, *, person_id: int
) -> list[tuple[Module, list[Agreement]]]:
    """What a person allows or allowed, by module; modules without any are left out."""
    found = [
        (module, module.agreements(session, person_id=person_id))
        for module in registry.modules
        if module.agreements is not None
    ]
    return [(module, agreements) for module, agreements in found if agreements]


def exports_of(session: Session, person_id: int) -> Sequence[AnyRow]:
    """The copies that a person asked for, newest first."""
    return session.execute(
        select(Export.public_id, Export.status, Export.size, Export.asked_at, Export.expires_at)
        .where(Export.person_id == person_id)
        .order_by(Export.id.desc())
        .limit(5)
    ).all()


def export_file(session: Session, *, person_id: int, public_id: str) -> str:
    """The key of one's own file. Raises ExportNotFound, also for somebody else's, and ExportExpired."""
    row = session.execute(
        select(Export.status, Export.file_key, Export.expires_at).where(
            Export.public_id == public_id, Export.person_id == person_id
        )
    ).first()
    if row is None or row.status == ExportStatus.ASKED:
        raise ExportNotFound()
    if row.status != ExportStatus.READY or not row.file_key or row.expires_at <= clock.now():
        raise ExportExpired()
    return str(row.file_key)
