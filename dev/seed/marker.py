"""Whether a database holds the sample data: two lines of the audit record, its beginning and its end.

Light to import: a demo that has its data asks this and nothing else.
"""

import os
import subprocess
import sys
from enum import StrEnum

import psycopg
from sqlalchemy import make_url

from dev.problem import Problem

BEGUN, DONE = "demo.seed_begun", "demo.seed_done"
OBJECT = ("demo", "seed")


class State(StrEnum):
    EMPTY = "empty"
    BEGUN = "begun"
    DONE = "done"
    FOREIGN = "foreign"


def state(url: str) -> State:
    """What is in this database. Without tables it is empty."""
    with _connect(url) as connection:
        try:
            rows = connection.execute(
                "SELECT action FROM audit_entries WHERE (object_type, object_id) = (%s, %s)", OBJECT
            )
            actions = {action for (action,) in rows}
            if DONE in actions:
                return State.DONE
            if BEGUN in actions:
                return State.BEGUN
            people = connection.execute("SELECT 1 FROM directory_people LIMIT 1").fetchone()
            return State.FOREIGN if people else State.EMPTY
        except psycopg.errors.UndefinedTable:
            return State.EMPTY


def revision(url: str) -> str:
    """The last migration that this database went through; "" when none."""
    with _connect(url) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except psycopg.errors.UndefinedTable:
            return ""
        return row[0] if row else ""


def start_over(owner_url: str) -> None:
    """Throw away what an interrupted seed left, tables and all, and make the tables anew."""
    try:
        with _connect(owner_url) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
            connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
    except psycopg.errors.InsufficientPrivilege:
        raise Problem(
            "An interrupted start left half of the sample data in DATABASE_URL, and its role may not "
            "remove it: name an empty database."
        ) from None
    words = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    subprocess.run(words, env=os.environ, check=True, stdout=subprocess.DEVNULL)


def settle(owner_url: str) -> None:
    """Let PostgreSQL look at what was loaded, or it plans for empty tables: a month in a minute is too quick
    for its own housekeeping.
    """
    with _connect(owner_url) as connection:
        connection.execute("ANALYZE")


def _connect(url: str) -> psycopg.Connection:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True, connect_timeout=5)
