"""Parents' phones, as students give them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.crypto import EncryptedText
from app.kit.db import Base


class Guardian(Base):
    """Whom the school may tell of the student's leave. `phone` None: withdrawn."""

    __tablename__ = "leave_guardians"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    relation: Mapped[str]
    phone: Mapped[str | None] = mapped_column(EncryptedText)
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("person_id", "relation"),
        CheckConstraint("relation IN ('father','mother','other')", name="relation"),
        CheckConstraint("(phone IS NULL) = (withdrawn_at IS NOT NULL)", name="withdrawn_at"),
    )
