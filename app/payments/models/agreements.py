"""A person's signed word that small sums may be taken from their campus card without its PIN."""

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.crypto import EncryptedText
from app.kit.db import Base


class CardAgreement(Base):
    """小额免密协议. `text_version` is what they read; one lives per person; revoking ends it at once."""

    __tablename__ = "payments_card_agreements"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    account_no: Mapped[str] = mapped_column(EncryptedText)
    order_limit_fen: Mapped[int]
    day_limit_fen: Mapped[int]
    text_version: Mapped[str]
    signed_at: Mapped[clock.datetime]
    revoked_at: Mapped[clock.datetime | None]

    __table_args__ = (
        CheckConstraint("order_limit_fen > 0 AND day_limit_fen >= order_limit_fen", name="limits"),
        Index(
            "uq_payments_card_agreements_live",
            "person_id",
            unique=True,
            postgresql_where="revoked_at IS NULL",
        ),
    )
