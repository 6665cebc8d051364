"""The platform on the other side of the callback, and a module with words of its own."""

import pytest
from sqlalchemy import text

from app.kit import db, outbox
from app.kit.module import Card, ChatWord, Module, Registry
from app.platform.official_account import service
from tests.wechat import _platform, callback_server, wechat

__all__ = ["_platform", "callback_server", "wechat"]


def _answer_lamp(session, *, person_id, text, base_url):
    return f'{text}: <a href="{base_url}/m/lamps">person {person_id}</a>'


def _answer_slow(session, *, person_id, text, base_url):
    session.execute(sql_sleep)
    return "too late"


def _answer_bug(session, *, person_id, text, base_url):
    raise ValueError("the name of a person")


sql_sleep = text("SELECT pg_sleep(3)")
LAMPS = Module(
    key="lamps",
    title="灯",
    card=Card("灯", "/m/lamps", "lamp", "", order=1),
    chat_words=(
        ChatWord(r"^(灯|lamp)$", _answer_lamp, "灯：灯怎么样了"),
        ChatWord(r"^慢$", _answer_slow),
        ChatWord(r"^错$", _answer_bug),
    ),
)


@pytest.fixture
def words(app):
    """The running modules and one with invented words."""
    real = app.extensions["registry"]
    extended = Registry((*real.modules, LAMPS))
    service.configure(extended, school_name="测试大学")
    outbox.load_registry(extended)
    yield extended
    service.configure(real, school_name=app.config["SCHOOL_NAME"])
    outbox.load_registry(real)


@pytest.fixture
def stored(app):
    """Rows of external_events, in order."""

    def read():
        with db.unit_of_work() as session:
            return list(
                session.execute(text("SELECT payload, answer FROM external_events ORDER BY id")).all()
            )

    return read
