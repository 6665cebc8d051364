"""Private storage of files by key, on disk; S3 has its place behind the same protocol."""

from app.clients.storage.disk import DiskStorage
from app.clients.storage.protocol import KeyInvalid, KeyNotFound, Storage, StorageError

__all__ = ["DiskStorage", "KeyInvalid", "KeyNotFound", "Storage", "StorageError"]
