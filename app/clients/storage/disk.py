"""Storage in a folder that only this user can read."""

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import BinaryIO

from app.clients.storage.protocol import KeyNotFound, StorageError, checked

CHUNK = 1024 * 1024
STAGING = ".staging"
ABANDONED_SECONDS = 3600


class DiskStorage:
    """Files below `root`, made on first use. Threads and processes may share it."""

    def __init__(self, root: str) -> None:
        self._root = Path(root).absolute()

    def put(self, key: str, stream: BinaryIO) -> int:
        target = self._path(key)
        try:
            for folder in (self._root, self._root / STAGING, *reversed(target.parents)):
                if folder.is_relative_to(self._root):
                    folder.mkdir(mode=0o700, exist_ok=True, parents=folder == self._root)
            return self._write(target, stream)
        except OSError as error:
            raise StorageError(f"can't write: {error.strerror}") from None

    def open(self, key: str) -> BinaryIO:
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            raise KeyNotFound("nothing under this key") from None
        except OSError as error:
            raise StorageError(f"can't read: {error.strerror}") from None

    def delete(self, key: str) -> None:
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"can't delete: {error.strerror}") from None

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def tidy(self) -> int:
        removed = 0
        try:
            for staged in (self._root / STAGING).glob("*"):
                if time.time() - staged.stat().st_mtime > ABANDONED_SECONDS:
                    staged.unlink(missing_ok=True)
                    removed += 1
        except FileNotFoundError:
            return removed  # another process was faster
        except OSError as error:
            raise StorageError(f"can't tidy: {error.strerror}") from None
        return removed

    def _path(self, key: str) -> Path:
        return self._root / checked(key)

    def _write(self, target: Path, stream: BinaryIO) -> int:
        """Beside, then renamed. A crash leaves a file in .staging and nothing under the key."""
        handle, staged = tempfile.mkstemp(dir=self._root / STAGING)  # 0600
        try:
            with os.fdopen(handle, "wb") as file:
                shutil.copyfileobj(stream, file, CHUNK)
                file.flush()
                os.fsync(file.fileno())
                size = file.tell()
            os.replace(staged, target)
        except BaseException:
            os.unlink(staged)
            raise
        return size
