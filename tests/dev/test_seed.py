"""dev.seed on the real services: whole, once, and clean after an interruption."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from app.kit import clock
from app.repairs.service.hazards import is_hazard
from dev import migration, postgres
from dev.seed import hours, marker, texts
from dev.seed.marker import State
from tests.make import make_campus

ROOT = Path(__file__).resolve().parents[2]
NAME = f"weilife_seed_{os.getpid()}"
STATES = {"submitted", "triaged", "dispatched", "taken", "working", "on_hold"}
STATES |= {"finished", "closed", "cancelled", "rejected"}
DONE = {
    "submit",
    "accept",
    "dispatch",
    "take",
    "arrive",
    "hold",
    "finish",
    "confirm",
    "cancel",
    "reject",
    "rate",
}
MIDNIGHT, MONDAY = datetime(2026, 11, 15, 16, 0, tzinfo=UTC), datetime(2026, 11, 16, 1, 0, tzinfo=UTC)


@pytest.fixture
def empty_house(environment, servers, tmp_path):
    """The environment of a demo whose tables are made and empty."""
    database, _ = servers
    database.ensure_database(NAME)
    env = os.environ | environment
    env |= {
        "DATABASE_URL": database.url(NAME, postgres.APP),
        "MIGRATION_DATABASE_URL": database.url(NAME, postgres.OWNER),
        "FILES_DIR": str(tmp_path / "files"),
        "CLOCK_OFFSET_FILE": str(tmp_path / "clock"),
    }
    subprocess.run([sys.executable, "-m", "alembic", "upgrade", "head"], cwd=ROOT, env=env, check=True)
    yield env
    database.drop_database(NAME)


def start(env: dict[str, str], doors: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "dev.seed", "--tickets", "40", "--doors", str(doors)]
    words += ["--sandbox", str(doors.parent)]
    return subprocess.Popen(
        words, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def rows(env: dict[str, str], statement: str) -> list[tuple]:
    url = make_url(env["DATABASE_URL"]).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
        return connection.execute(statement).fetchall()


def column(env: dict[str, str], statement: str) -> list:
    return [row[0] for row in rows(env, statement)]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_works_once_and_an_interrupted_one_begins_anew(empty_house, tmp_path):
    doors = tmp_path / "sandbox" / "doors.json"
    broken = start(empty_house, doors)
    assert broken.stdout is not None
    assert any(line.endswith("repairs\n") for line in broken.stdout)
    broken.kill()
    broken.wait()
    assert marker.state(empty_house["DATABASE_URL"]) == State.BEGUN

    said = (whole := start(empty_house, doors)).communicate()[0]
    assert whole.returncode == 0, said
    assert "A start was interrupted: beginning again." in said
    assert "40 repairs" in said
    check_repairs(empty_house)
    check_messages(empty_house)
    check_money(empty_house)
    check_welcome(empty_house)
    assert json.loads(doors.read_text())[0]["label"] == "东校区 3号楼 512"

    before = rows(empty_house, "SELECT id, version FROM repairs_tickets ORDER BY id")
    assert "there already" in start(empty_house, doors).communicate()[0]
    assert rows(empty_house, "SELECT id, version FROM repairs_tickets ORDER BY id") == before


def check_repairs(env: dict[str, str]) -> None:
    assert column(env, "SELECT count(*) FROM repairs_tickets") == [40]
    assert set(column(env, "SELECT status FROM repairs_tickets")) == STATES
    assert set(column(env, "SELECT action FROM repairs_ticket_events")) >= DONE
    assert column(env, "SELECT count(*) FROM repairs_tickets WHERE is_hazard AND status = 'submitted'") == [1]
    mine = (
        "SELECT status FROM repairs_tickets t JOIN directory_people p ON p.id = t.{} "
        "WHERE p.number = '{}' ORDER BY t.id"
    )
    assert set(column(env, mine.format("reporter_id", "2023010101"))) >= {"closed", "on_hold", "finished"}
    assert set(column(env, mine.format("worker_id", "W0001"))) >= {"dispatched", "taken", "working"}
    unordered = """
        SELECT count(*) FROM repairs_ticket_events a JOIN repairs_ticket_events b
        ON a.ticket_id = b.ticket_id AND a.seq < b.seq AND a.at > b.at"""
    assert column(env, unordered) == [0]
    assert column(env, "SELECT count(*) FROM repairs_ticket_events WHERE at > now()") == [0]


def check_money(env: dict[str, str]) -> None:
    """Two days are closed, the day before yesterday is to try, yesterday's bills are for the schedule to fetch."""
    days = "SELECT day - (now() AT TIME ZONE 'Asia/Shanghai')::date, status FROM payments_days ORDER BY day"
    assert rows(env, days) == [(-4, "closed"), (-3, "closed"), (-2, "open")]
    found = "SELECT kind, fen FROM payments_differences WHERE status = 'open' ORDER BY fen"
    assert rows(env, found) == [("fulfilment", -10_000), ("refund", -1_000), ("surplus", 1_230)]
    assert column(env, "SELECT count(*) FROM payments_differences") == [3]
    assert set(column(env, "SELECT status FROM payments_orders")) == {"paid"}
    assert column(env, "SELECT count(*) FROM payments_bill_fetches") == [0]


def check_welcome(env: dict[str, str]) -> None:
    """Something to read, to answer and to join; one note waits for the desk."""
    assert column(env, "SELECT count(*) FROM welcome_articles WHERE published = 1") == [4]
    asked = "SELECT c.name, count(*) FROM welcome_quiz_questions q JOIN welcome_quiz_categories c"
    asked += " ON c.id = q.category_id GROUP BY c.name ORDER BY c.name"
    assert [count for _, count in rows(env, asked)] == [6, 6]
    posts = rows(env, "SELECT status, note_status FROM welcome_companion_posts ORDER BY id")
    assert len(posts) >= 2 and {status for status, _ in posts} == {"open"}
    assert [note for _, note in posts].count("pending") == 1


def check_messages(env: dict[str, str]) -> None:
    assert set(column(env, "SELECT status FROM outbox_deliveries")) == {"done"}
    assert set(column(env, "SELECT push FROM notifications_messages")) == {"seeded"}
    assert set(column(env, "SELECT status FROM notifications_deliveries")) == {"delivered"}
    assert column(env, "SELECT count(*) FROM files_photos WHERE status <> 'ready'") == [0]
    assert column(env, "SELECT count(*) FROM identity_wechat_links WHERE bound_at IS NOT NULL") == [13]


def test_a_database_with_other_people_is_left_alone(app, environment):
    assert marker.state(environment["DATABASE_URL"]) == State.EMPTY
    make_campus()
    assert marker.state(environment["DATABASE_URL"]) == State.FOREIGN


def test_the_tables_are_known_to_be_up_to_date(app, environment):
    assert marker.revision(environment["DATABASE_URL"]) == migration.head()


def test_arrivals_are_in_order_and_follow_the_day():
    moments = hours.arrivals(hours.random.Random(1), since=MIDNIGHT, until=MONDAY, count=200)
    assert moments == sorted(moments)
    assert all(MIDNIGHT <= moment < MONDAY for moment in moments)
    early = [moment for moment in moments if clock.local(moment).hour < 6]
    assert len(early) < len(moments) / 3


@pytest.mark.parametrize("minutes", [0, 5, 300, 2000])
def test_nothing_is_done_in_the_small_hours(minutes):
    for moment in (hours.back(MIDNIGHT, minutes), hours.after(MIDNIGHT, minutes)):
        assert hours.OPENS <= clock.local(moment).time() <= hours.CLOSES
    assert hours.back(MONDAY, minutes) == MONDAY - timedelta(minutes=minutes) or minutes > 115


def test_only_the_faults_that_mean_danger_speak_of_it():
    told = {code for code, several in texts.REPORTS.items() if any(is_hazard(text) for text in several)}
    assert told == {"electric.leak", "water.burst", "lift.trapped"}
    assert sum(len(several) for several in texts.REPORTS.values()) >= 60
