"""官方核验: the phones, links and payees that the school has published."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.kit import clock
from app.kit.db import Base
from app.kit.i18n import N_

CONTACT_KINDS = {"phone": N_("电话"), "link": N_("链接"), "payee": N_("收款人或账号")}


class OfficialContact(Base):
    """`value` is normalised for comparing, `shown` is how the school writes it."""

    __tablename__ = "welcome_official_contacts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    value: Mapped[str]
    shown: Mapped[str]
    owner: Mapped[str]
    owner_en: Mapped[str | None]
    note: Mapped[str] = mapped_column(default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("directory_people.id"))
    saved_at: Mapped[clock.datetime]

    __table_args__ = (
        CheckConstraint("kind IN ('phone','link','payee')", name="kind"),
        Index(
            "uq_welcome_official_contacts_value",
            "kind",
            "value",
            unique=True,
            postgresql_where="is_active",
        ),
    )


class ContactCheck(Base):
    """How many asked about what kind on a day, and how many of them were told it is the school's."""

    __tablename__ = "welcome_contact_checks"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    asked: Mapped[int]
    known: Mapped[int]
