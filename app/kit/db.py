"""The database: one engine per process, one unit of work per request or job."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import (
    BigInteger,
    CursorResult,
    DateTime,
    Engine,
    MetaData,
    PoolProxiedConnection,
    Row,
    Text,
    UpdateBase,
    create_engine,
    event,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session

# Postgres cuts names at 63 bytes; keep package prefixes short.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of the project."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        int: BigInteger,
        str: Text,
        datetime: DateTime(timezone=True),
    }


_url: str | None = None
_pool_size = 8
_engine: Engine | None = None
_engine_pid: int | None = None
_after_commit: list[Callable[[Session], None]] = []


def configure(url: str, *, pool_size: int = 8) -> None:
    """Name the database; connects on first use, in each process by itself."""
    global _url, _pool_size, _engine
    if _engine is not None:
        _engine.dispose(close=_engine_pid == os.getpid())
    _url, _pool_size, _engine = url, pool_size, None


def engine() -> Engine:
    """This process's engine. A forked child gets its own."""
    global _engine, _engine_pid
    if _engine is None or _engine_pid != os.getpid():
        if _url is None:
            raise RuntimeError("kit.db is not configured")
        _engine = create_engine(
            _url,
            pool_size=_pool_size,
            max_overflow=0,
            pool_timeout=10,
            pool_use_lifo=True,  # the connection used last has most of what it needs prepared
            connect_args={"connect_timeout": 5},
        )
        event.listen(_engine, "do_connect", _connect)
        event.listen(_engine, "connect", _set_up)
        _engine_pid = os.getpid()
    return _engine


class _Connection(psycopg.Connection[Any]):
    """Keeps its prepared statements when a transaction is given up without a failed statement.

    The driver forgets them with every rollback, because tables made within it are gone. Ours makes none, and
    every refusal of a use-case is a rollback. After a failed statement they are forgotten all the same.
    """

    def rollback(self) -> None:
        if self.pgconn.transaction_status != TransactionStatus.INTRANS:
            return super().rollback()
        with self.lock:
            result = self.pgconn.exec_(b"ROLLBACK")
        if result.status != psycopg.pq.ExecStatus.COMMAND_OK:
            raise psycopg.OperationalError("the connection was lost before its rollback")
        return None


def _connect(_dialect: Any, _record: Any, words: list[Any], options: dict[str, Any]) -> _Connection:
    return _Connection.connect(*words, **options)


@contextmanager
def reading() -> Iterator[PoolProxiedConnection]:
    """A connection of the same pool for single SELECTs, without BEGIN and COMMIT around them."""
    try:
        connection = engine().raw_connection()
    except psycopg.Error as error:
        raise known_error(error) from error
    driver: Any = connection.driver_connection
    try:
        driver.autocommit = True
        yield connection
    finally:
        if not driver.closed:
            driver.autocommit = False
        connection.close()


def known_error(error: psycopg.Error) -> BaseException:
    """SQLAlchemy's name for the driver's error: what a door answers hangs on it."""
    dialect = engine().dialect
    return DBAPIError.instance("", None, error, psycopg.Error, hide_parameters=True, dialect=dialect)


def _set_up(connection: Any, _record: Any) -> None:
    """Not startup parameters: PgBouncer would refuse them."""
    connection.autocommit = True
    connection.execute("SET timezone = 'UTC'")
    connection.execute("SET jit = off")  # compiling costs more than our statements take
    connection.execute("SET statement_timeout = '30s'")
    connection.execute("SET idle_in_transaction_session_timeout = '60s'")
    connection.autocommit = False
    connection.prepared_max = 300


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """One transaction: commits at the end, rolls back on any error. Only doors and flows open it."""
    with Session(engine(), expire_on_commit=False) as session:
        with session.begin():
            yield session
        for callback in _after_commit:
            callback(session)


def after_commit(callback: Callable[[Session], None]) -> None:
    """Called with the session once its unit of work is durable. Installed by the factory."""
    if callback not in _after_commit:
        _after_commit.append(callback)


def rows_changed(session: Session, stmt: UpdateBase) -> int:
    """Run an UPDATE or DELETE and say how many rows it found. Zero means: somebody was first."""
    return int(cast("CursorResult[Any]", session.execute(stmt)).rowcount)


def is_ready() -> bool:
    """Whether the database answers. Raises what the driver raises otherwise."""
    with engine().connect() as connection:
        return connection.exec_driver_sql("SELECT 1").scalar() == 1


def as_dict(row: Any) -> dict[str, Any]:
    """A Core row as a plain dict."""
    return dict(row._mapping)


# A row of a Core statement whose columns are named where it is selected.
AnyRow = Row[*tuple[Any, ...]]
