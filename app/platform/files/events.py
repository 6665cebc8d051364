"""What happened to a photo."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PhotoReceived:
    """The original of a photo lies in storage and waits to be decoded."""

    photo_id: int


@dataclass(frozen=True)
class PhotoRefused:
    """A photo could not be decoded and is gone. `object_id` is None when nobody had claimed it.

    `reason` is not_a_photo, too_many_pixels, too_heavy or lost.
    """

    photo_id: int
    public_id: str
    owner_person_id: int
    reason: str
    object_type: str | None
    object_id: str | None
