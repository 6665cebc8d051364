"""What other machines told us, stored before it is answered; the same thing twice is stored once."""

from typing import Any, cast

from sqlalchemy import Identity, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kit import clock
from app.kit.db import Base
from app.kit.prepared import Prepared


class ExternalEvent(Base):
    """One message or notification of an outside system."""

    __tablename__ = "external_events"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    source: Mapped[str]
    external_id: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    answer: Mapped[str | None]
    received_at: Mapped[clock.datetime] = mapped_column(index=True)

    __table_args__ = (UniqueConstraint("source", "external_id"),)


_ROWS = cast(Table, ExternalEvent.__table__)
_STORE = Prepared(insert(_ROWS).on_conflict_do_nothing().returning(_ROWS.c.id))


def store(
    session: Session, *, source: str, external_id: str, payload: dict[str, Any], answer: str | None = None
) -> int | None:
    """The new row's id, or None when this event is already here."""
    row = _STORE.first(
        session,
        source=source,
        external_id=external_id,
        payload=payload,
        answer=answer,
        received_at=clock.now(),
    )
    return None if row is None else int(row.id)
