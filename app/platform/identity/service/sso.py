"""Accounts of the school's single sign-on and their people."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock
from app.platform.directory import queries as directory
from app.platform.identity.errors import NotInDirectory
from app.platform.identity.models import SsoLink

CAS = "cas"


def person_of_sso(session: Session, *, source: str, subject: str) -> int:
    """The person behind an account of the single sign-on: the one linked before, else found by number.

    Raises NotInDirectory.
    """
    linked = session.scalar(
        select(SsoLink.person_id).where(SsoLink.source == source, SsoLink.subject == subject)
    )
    if linked is not None:
        return directory.person(session, linked).id
    found = directory.find_person_by_number(session, subject)
    if found is None:
        raise NotInDirectory()
    session.execute(
        insert(SsoLink)
        .values(source=source, subject=subject, person_id=found.id, created_at=clock.now())
        .on_conflict_do_nothing()
    )
    return found.id
