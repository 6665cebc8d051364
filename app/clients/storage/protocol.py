"""What every storage can do, and what can go wrong."""

import re
from typing import BinaryIO, Protocol

KEY = re.compile(r"[a-z0-9_]+(?:/[a-z0-9_]+)*(?:\.[a-z0-9]+)?")


class StorageError(Exception):
    """The storage is full, away or broken. Says what the system said, never a key."""


class KeyNotFound(StorageError):
    """Nothing lies under this key."""


class KeyInvalid(ValueError):
    """A bug of the caller: this could never be a key."""


class Storage(Protocol):
    """Bytes by key. All of it is a call to an outside system: never inside a unit of work.

    An S3 storage maps put to an upload, open to the body of a GET, delete to DELETE and exists to HEAD,
    in a private bucket with a prefix per installation; links stay ours, so that nothing is ever public.
    """

    def put(self, key: str, stream: BinaryIO) -> int:
        """Store the rest of the stream; replaces what was there, whole or not at all. Returns its bytes."""

    def open(self, key: str) -> BinaryIO:
        """The bytes, to be closed by the caller. Raises KeyNotFound."""

    def delete(self, key: str) -> None:
        """Gone, whether it was there or not."""

    def exists(self, key: str) -> bool:
        """Whether something lies under this key."""

    def tidy(self) -> int:
        """Remove what interrupted puts left behind more than an hour ago. Returns how many."""


def checked(key: str) -> str:
    """The key itself. Raises KeyInvalid for anything but lower-case words between slashes."""
    if len(key) > 200 or not KEY.fullmatch(key):
        raise KeyInvalid("not a key of the storage")
    return key
