"""Tables of the official account: scenes, the codes inside QR pictures that lead to a follow."""

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class Scene(Base):
    """A QR to the account that says what its scan is about. A hint for convenience, never a credential.

    `url` is what the picture encodes; NULL until WeChat was asked for it.
    """

    __tablename__ = "official_account_scenes"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    scene: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    reference: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    url: Mapped[str | None]
    scanned_at: Mapped[datetime | None]
    scanned_by: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))

    __table_args__ = (Index("ix_official_account_scenes_about", "kind", "reference", "expires_at"),)
