"""Statements of hot paths: written in Core, compiled once, run by the driver itself.

SQLAlchemy's way through a statement costs as much again as the statement. What runs a hundred times a second
leaves it out; the transaction, the pool, the types of the columns and the errors stay SQLAlchemy's.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.types.numeric import Int8Dumper
from sqlalchemy import Connection, Executable, PoolProxiedConnection
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.orm import Session

from app.kit import db

Convert = Callable[[Any], Any]
MakeRow = Callable[[Sequence[Any]], Any]
_dialect = PGDialect_psycopg()


@dataclass(frozen=True)
class _Compiled:
    """`constants` stand in the statement itself; `binds` convert what types like JSONB hold."""

    sql: bytes
    constants: dict[str, Any]
    binds: list[tuple[str, Convert]]
    make_row: MakeRow


class Prepared:
    """Make it at import; the values come with each call. Of an INSERT their names are its columns.

    Lists are compared by `== any_(bindparam(…, type_=ARRAY(…)))`, not by `in_`.
    """

    def __init__(self, stmt: Executable) -> None:
        self._stmt: Any = stmt
        self._compiled: dict[tuple[str, ...], _Compiled] = {}

    def rows(self, session: Session, **values: Any) -> list[Any]:
        """Run it in the session's transaction. Rows are named tuples; none when it returns none."""
        session.flush()
        cursor = session.info.get("cursor")
        if cursor is None:
            cursor = session.info["cursor"] = _cursor_of(session.connection().connection)
        try:
            return self._run(cursor, values)
        except psycopg.Error as error:
            raise _known(error, session.connection(), is_lost=cursor.connection.closed) from error

    def first(self, session: Session, **values: Any) -> Any:
        """The first row, or None."""
        return next(iter(self.rows(session, **values)), None)

    def on(self, connection: PoolProxiedConnection, values: Mapping[str, Any]) -> list[Any]:
        """Run it on a connection of the pool."""
        cursor = _cursor_of(connection)
        try:
            return self._run(cursor, values)
        except psycopg.Error as error:
            raise _known(error, connection, is_lost=cursor.connection.closed) from error

    def _run(self, cursor: Any, values: Mapping[str, Any]) -> list[Any]:
        names = tuple(values)
        compiled = self._compiled.get(names) or self._compile(names)
        given = {**compiled.constants, **values}
        for name, convert in compiled.binds:
            given[name] = convert(given[name])
        cursor.row_factory = lambda _cursor: compiled.make_row
        cursor.execute(compiled.sql, given, prepare=True)
        return cursor.fetchall() if cursor.pgresult.nfields else []

    def _compile(self, names: tuple[str, ...]) -> _Compiled:
        made = self._stmt.compile(dialect=_dialect, column_keys=names)
        assert "POSTCOMPILE" not in str(made), "in_() does not fit here: compare with any_() or one by one"
        self._compiled[names] = compiled = _Compiled(
            str(made).encode(),
            {name: value for name, value in made.params.items() if value is not None},
            list(made._bind_processors.items()),
            _row_maker(made._result_columns),
        )
        return compiled


def _row_maker(columns: Sequence[Any]) -> MakeRow:
    """From a row of the driver to a named tuple, with what needs it converted."""
    names = [column.keyname for column in columns]
    make: MakeRow = namedtuple("Row", names)._make  # type: ignore[attr-defined]
    processors = [column.type._cached_result_processor(_dialect, None) for column in columns]
    converted = [(place, convert) for place, convert in enumerate(processors) if convert is not None]
    if not converted:
        return make

    def convert_and_make(values: Sequence[Any]) -> Any:
        parts = list(values)
        for place, convert in converted:
            parts[place] = convert(parts[place])
        return make(parts)

    return convert_and_make


def _cursor_of(connection: PoolProxiedConnection) -> Any:
    """One for the whole life of a connection: making it costs as much as reading a row."""
    cursor = connection.info.get("cursor")
    if cursor is None:
        driver: Any = connection.driver_connection
        cursor = connection.info["cursor"] = driver.cursor()
        cursor.adapters.register_dumper(int, Int8Dumper)  # else each size of a number is another statement
    return cursor


def _known(
    error: psycopg.Error, connection: Connection | PoolProxiedConnection, *, is_lost: bool
) -> BaseException:
    """As SQLAlchemy names it. When one connection is lost, the rest of the pool is too."""
    if is_lost:
        connection.invalidate()
        db.engine().dispose(close=False)
    return db.known_error(error)
