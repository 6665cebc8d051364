"""Where servers keep files and sockets, given a DATA_DIR; who they run as; one demo per DATA_DIR."""

import fcntl
import hashlib
import os
import pwd
import shutil
from contextlib import suppress
from pathlib import Path

from dev.problem import Problem
from dev.processes import Account, is_alive

SYSTEM_STATE = Path("/var/lib/weilife-dev")


def server_account() -> Account | None:
    """None when we are not root: then servers run as we do. PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise Problem(
        "PostgreSQL cannot run as root and there is no user `postgres` or `nobody`: run as another user."
    )


def name_of(data_dir: Path) -> str:
    """A short name that is the same for every start with this DATA_DIR."""
    resolved = str(data_dir.resolve())
    return hashlib.sha256(resolved.encode()).hexdigest()[:12]


def postgres_home(data_dir: Path, account: Account | None, *, durable: bool) -> Path:
    """The folder DATA_DIR/postgres; for root it is a link to one that the account can reach and owns.

    A folder that is not durable carries our pid in its name: when we are killed, a later start removes it.
    """
    link = data_dir / "postgres"
    if account is None:
        link.mkdir(mode=0o700, exist_ok=True)
        return link.resolve()
    if link.is_dir() and durable:
        return link.resolve()
    SYSTEM_STATE.mkdir(mode=0o755, exist_ok=True)
    _sweep()
    kind = "demo" if durable else f"throwaway-{os.getpid()}"
    home = SYSTEM_STATE / f"{kind}-{name_of(data_dir)}"
    if home.exists():
        shutil.rmtree(home)  # left by a DATA_DIR of this name that was deleted
    home.mkdir(mode=0o700)
    os.chown(home, account.uid, account.gid)
    link.unlink(missing_ok=True)
    link.symlink_to(home)
    return home


def _sweep() -> None:
    for home in SYSTEM_STATE.glob("throwaway-*"):
        if not is_alive(int(home.name.split("-")[1])):
            shutil.rmtree(home, ignore_errors=True)


def remove_postgres_home(data_dir: Path) -> None:
    link = data_dir / "postgres"
    if link.is_symlink() and link.resolve().parent == SYSTEM_STATE:
        shutil.rmtree(link.resolve(), ignore_errors=True)
        link.unlink()
    elif not link.is_symlink():
        shutil.rmtree(link, ignore_errors=True)


def socket_folder(data_dir: Path) -> Path:
    """A private folder whose path is short enough for sockets."""
    folder = Path(f"/tmp/weilife-{os.geteuid()}-{name_of(data_dir)}")  # noqa: S108 (owner and mode are checked)
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if folder.is_symlink() or status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise Problem(f"{folder} belongs to somebody else: remove it, or choose another DATA_DIR.")
    return folder


def leave_socket_folder(data_dir: Path) -> None:
    """Removed when the last server of this DATA_DIR has left it."""
    with suppress(OSError):
        Path(f"/tmp/weilife-{os.geteuid()}-{name_of(data_dir)}").rmdir()  # noqa: S108


class Lock:
    """Held until close() or until this process ends, however it ends; names its holder to the next one."""

    def __init__(self, data_dir: Path, name: str) -> None:
        self._file = (data_dir / f"{name}.lock").open("a+")
        self._file.seek(0)
        holder = self._file.read().strip()
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise Problem(
                f"Another demo is already running with DATA_DIR={data_dir} (pid {holder or 'unknown'}): "
                "stop it or choose another DATA_DIR=…"
            ) from None
        self.was_abandoned = bool(holder)
        self._write(f"{os.getpid()}\n")

    def close(self) -> None:
        if not self._file.closed:
            self._write("")
            self._file.close()

    def _write(self, text: str) -> None:
        self._file.truncate(0)
        self._file.write(text)
        self._file.flush()
