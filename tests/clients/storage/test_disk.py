"""DiskStorage: private, whole or not at all, and deaf to clever keys."""

import io
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.clients.storage import DiskStorage, KeyInvalid, KeyNotFound, Storage, StorageError


@pytest.fixture
def root(tmp_path):
    return tmp_path / "not yet there" / "files"


@pytest.fixture
def storage(root) -> Storage:
    return DiskStorage(str(root))


def read(storage, key):
    with storage.open(key) as file:
        return file.read()


def test_it_works(storage):
    assert storage.put("photos/ab/one.jpg", io.BytesIO(b"first")) == 5
    assert storage.exists("photos/ab/one.jpg")
    storage.put("photos/ab/one.jpg", io.BytesIO(b"second"))
    assert read(storage, "photos/ab/one.jpg") == b"second"
    storage.delete("photos/ab/one.jpg")
    storage.delete("photos/ab/one.jpg")
    assert not storage.exists("photos/ab/one.jpg")
    with pytest.raises(KeyNotFound):
        storage.open("photos/ab/one.jpg")


def test_nobody_else_may_look(storage, root):
    storage.put("photos/ab/one.jpg", io.BytesIO(b"x"))
    for path in (root, *root.rglob("*")):
        wanted = 0o600 if path.is_file() else 0o700
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "a/",
        ".staging/x",
        "a/.b",
        "A",
        "a b",
        "a\0",
        "a\n",
        "文",
        "a" * 300,
    ],
)
def test_a_key_is_words_between_slashes(storage, key):
    for act in (storage.open, storage.delete, storage.exists, lambda k: storage.put(k, io.BytesIO(b""))):
        with pytest.raises(KeyInvalid):
            act(key)


class BreakingStream(io.RawIOBase):
    """Gives a little, then fails."""

    given = False

    def read(self, size=-1):
        if self.given:
            raise OSError(5, "broken line")
        self.given = True
        return b"half"


def test_half_a_file_is_no_file(storage, root):
    storage.put("one", io.BytesIO(b"whole"))
    for key in ("one", "two"):
        with pytest.raises(StorageError, match="broken line"):
            storage.put(key, BreakingStream())
    assert read(storage, "one") == b"whole"
    assert not storage.exists("two")
    assert [p.name for p in root.rglob("*") if p.is_file()] == ["one"]


def test_readers_see_one_writer_or_the_other(storage):
    storage.put("one", io.BytesIO(b"a" * 300_000))

    def write_and_read(letter):
        storage.put("one", io.BytesIO(letter * 300_000))
        return len(set(read(storage, "one")))

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(write_and_read, [b"a", b"b", b"c", b"d"] * 5)) == {1}


def test_what_a_crash_left_behind_is_tidied_after_an_hour(storage, root):
    storage.put("one", io.BytesIO(b"x"))
    fresh, old = root / ".staging" / "fresh", root / ".staging" / "old"
    fresh.write_bytes(b"half")
    old.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    assert storage.tidy() == 1
    assert fresh.exists()
    assert not old.exists()
    assert storage.tidy() == 0


def test_tidying_an_empty_storage_is_nothing(storage):
    assert storage.tidy() == 0
