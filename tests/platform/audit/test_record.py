"""Audit: entries grow only."""

import psycopg
import pytest
import structlog
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from app.kit import clock, db
from app.kit.caller import Caller
from app.platform.audit import queries, service
from dev import postgres


def note(action="repairs.ticket_seen", object_id=7):
    with db.unit_of_work() as session:
        service.record(
            session,
            by=Caller(person_id=3, surface="desk"),
            action=action,
            object_type="ticket",
            object_id=object_id,
            fields=["phone"],
        )


def test_it_works(app):
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        note()
    with db.unit_of_work() as session:
        (entry,) = queries.entries_about(session, "ticket", 7)
        assert (entry.actor_person_id, entry.surface, entry.action) == (3, "desk", "repairs.ticket_seen")
        assert (entry.fields, entry.request_id, entry.at) == (["phone"], "r1", clock.now())
        assert (
            queries.count_by(session, actor_person_id=3, action="repairs.ticket_seen", since=clock.now()) == 1
        )


def record_and_fail():
    with db.unit_of_work() as session:
        service.record(session, by=None, action="a", object_type="b", object_id=1)
        raise RuntimeError


def test_it_vanishes_with_the_change_it_tells_of(app):
    with pytest.raises(RuntimeError):
        record_and_fail()
    with db.unit_of_work() as session:
        assert queries.entries_about(session, "b", 1) == []


@pytest.mark.parametrize("table", ["audit_entries", "audit_seals"])
@pytest.mark.parametrize("stmt", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("role", [postgres.APP, postgres.OWNER])
def test_nobody_changes_or_deletes(app, environment, servers, table, stmt, role):
    note()
    url = make_url(servers[0].url(make_url(environment["DATABASE_URL"]).database, role))
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(stmt.format(table))


def test_the_application_itself_is_refused_by_right_not_only_by_trigger(app):
    with pytest.raises(DBAPIError, match="permission denied"), db.unit_of_work() as session:
        session.execute(text("DELETE FROM audit_entries"))
