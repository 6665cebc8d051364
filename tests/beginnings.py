"""What many tests begin with: made by the real services once, put back row by row ever after."""

from collections.abc import Callable
from typing import Any, TypeVar

import psycopg

Made = TypeVar("Made")


class Beginnings:
    """Copies of the database as functions left it, each in a schema of its own."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection
        self._known: dict[Callable[[], Any], tuple[str, Any]] = {}

    def begin_with(self, make: Callable[[], Made]) -> Made:
        """What `make()` returns, and its rows. The database is empty and the clock stands before."""
        if make not in self._known:
            made = make()
            self._known[make] = self._copy(f"beginning_{len(self._known)}"), made
            return made
        put_back, made = self._known[make]
        self._connection.execute(put_back)
        return made

    def _copy(self, schema: str) -> str:
        """Keep all rows; returns what puts them back, without triggers as a restored backup would be."""
        self._connection.execute(f"CREATE SCHEMA {schema}")
        steps = ["BEGIN", "SET LOCAL session_replication_role = replica"]
        for table in self._tables():
            self._connection.execute(f"CREATE TABLE {schema}.{table} AS TABLE public.{table}")
            steps.append(f"INSERT INTO public.{table} OVERRIDING SYSTEM VALUE TABLE {schema}.{table}")
        return "; ".join([*steps, "COMMIT"])

    def _tables(self) -> list[str]:
        """Those with rows."""
        names = self._connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).fetchall()
        return [
            name
            for (name,) in names
            if self._connection.execute(f"SELECT 1 FROM public.{name} LIMIT 1").fetchone()
        ]
