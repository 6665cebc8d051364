"""What a person has allowed, now and before."""

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.welcome.models import Consent


def has_given(session: Session, person_id: int, purpose: str) -> bool:
    """Whether a purpose is allowed now."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    Consent.person_id == person_id,
                    Consent.purpose == purpose,
                    Consent.withdrawn_at.is_(None),
                )
            )
        )
    )


def consents_of(session: Session, person_id: int) -> Sequence[Consent]:
    """Every record, newest first."""
    return session.scalars(
        select(Consent).where(Consent.person_id == person_id).order_by(Consent.id.desc()).limit(100)
    ).all()
