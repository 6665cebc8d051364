"""Pictures that go with repairs: the samples, decoded once, uploaded as often as people take one."""

import hashlib
import io
import random
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from app.clients.storage import Storage
from app.kit.caller import Caller
from app.platform.files import decoder, flows, service
from app.platform.files.signing import SIZES
from dev.problem import Problem

FOLDER = Path("samples/photos")


@dataclass(frozen=True)
class Picture:
    """A sample as the decoder left it."""

    sha256: str
    decoded: decoder.Decoded


class Album:
    """The samples by subject: a file `water-1.jpg` shows a fault of water, `after-1.jpg` a job well done."""

    def __init__(self, storage: Storage, dice: random.Random, folder: Path = FOLDER) -> None:
        self._storage, self._dice = storage, dice
        self._pictures: dict[str, list[Picture]] = {}
        for path in sorted(folder.glob("*.jpg")):
            self._pictures.setdefault(path.stem.partition("-")[0], []).append(_decode(path))
        if "after" not in self._pictures:
            raise Problem(f"{folder} holds no pictures: check out the samples again.")

    def upload(self, session: Session, *, by: Caller, subject: str) -> str:
        """A photo of the caller's own, decoded already; returns its public id."""
        trade = subject.partition(".")[0]
        picture = self._dice.choice(self._pictures.get(trade) or self._pictures["other"])
        decoded = picture.decoded
        size, length = (decoded.width, decoded.height), len(decoded.large) + len(decoded.thumb)
        photo_id, public_id = service.announce_photo(
            session, by=by, size=size, length=length, sha256=picture.sha256
        )
        for name, content in zip(SIZES, (decoded.thumb, decoded.large), strict=True):
            self._storage.put(flows.derived_key(public_id, name), io.BytesIO(content))
        service.receive_photo(session, photo_id=photo_id)
        service.finish_decoding(session, photo_id=photo_id, size=size, length=length)
        return public_id


def _decode(path: Path) -> Picture:
    with path.open("rb") as file:
        decoded = decoder.decode(file)
    if not isinstance(decoded, decoder.Decoded):
        raise Problem(f"{path} cannot be decoded ({decoded.reason}): check out the samples again.")
    return Picture(hashlib.sha256(path.read_bytes()).hexdigest(), decoded)
