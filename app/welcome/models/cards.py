"""The card for the phone's album, and what the school tells of its campuses and counsellors."""

from sqlalchemy import ForeignKey, Identity, LargeBinary
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.kit import clock
from app.kit.db import Base


class WelcomeCard(Base):
    """What the QR code of an admission says: 26 random characters that mean nothing elsewhere.

    `image` is the card as `drawn_as` (a digest of all that stands on it) says; it is drawn by a job once
    `wanted_as` differs. Revoking empties the code's meaning, and the image.
    """

    __tablename__ = "welcome_cards"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    admission_id: Mapped[int] = mapped_column(ForeignKey("welcome_admissions.id"), unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[clock.datetime]
    revoked_at: Mapped[clock.datetime | None]
    wanted_as: Mapped[str | None]
    wanted_at: Mapped[clock.datetime | None]
    drawn_as: Mapped[str | None]
    image: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))


class CampusRoute(Base):
    """How to come to a campus: an address of its map, and a sentence or two."""

    __tablename__ = "welcome_campus_routes"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    campus_id: Mapped[int] = mapped_column(ForeignKey("directory_campuses.id"), unique=True)
    map_url: Mapped[str]
    route: Mapped[str]
    route_en: Mapped[str]
    updated_at: Mapped[clock.datetime]


class CounsellorContact(Base):
    """Where a counsellor can be met and called, as the school publishes it."""

    __tablename__ = "welcome_counsellor_contacts"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"), unique=True)
    office: Mapped[str]
    office_en: Mapped[str]
    phone: Mapped[str]
    updated_at: Mapped[clock.datetime]
