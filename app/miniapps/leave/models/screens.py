"""Lobby screens: one of a dorm, opened with a PIN."""

from datetime import datetime

from sqlalchemy import ForeignKey, Identity
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.db import Base


class Screen(Base):
    """`failures` in a row of the PIN; from the fifth on nobody can try before `locked_until`."""

    __tablename__ = "leave_screens"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("directory_buildings.id"), unique=True)
    pin_hash: Mapped[str]
    is_open: Mapped[bool]
    failures: Mapped[int]
    locked_until: Mapped[datetime | None]
    set_by_id: Mapped[int] = mapped_column(ForeignKey("directory_people.id"))
    set_at: Mapped[datetime]


class ScreenKey(Base):
    """A browser that gave the PIN: the hash of what it holds, good until `ends_at`."""

    __tablename__ = "leave_screen_keys"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    screen_id: Mapped[int] = mapped_column(ForeignKey("leave_screens.id"), index=True)
    key_hash: Mapped[str] = mapped_column(unique=True)
    opened_at: Mapped[datetime]
    ends_at: Mapped[datetime]
