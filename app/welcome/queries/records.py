"""Under which ids the record of who saw what names a person's own."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.welcome.models import Admission, Dispute


def admissions_of(session: Session, *, person_id: int) -> list[str]:
    return list(session.scalars(select(Admission.public_id).where(Admission.person_id == person_id)))


def disputes_of(session: Session, *, person_id: int) -> list[str]:
    mine = session.scalars(select(Dispute.id).where(Dispute.person_id == person_id))
    return [str(dispute_id) for dispute_id in mine]
