"""dev.daily: which tests `make check` adds for what has changed."""

from pathlib import Path

import pytest

from dev.daily import changed_areas

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("file", "area"),
    [
        ("app/platform/files/service.py", "tests/platform/files"),
        ("app/repairs/pages/desk.py", "tests/repairs"),
        ("app/kit/outbox.py", "tests/kit"),
        ("app/clients/wechat/wire.py", "tests/clients/wechat"),
        ("dev/postgres.py", "tests/dev"),
        ("dev/seed/walk.py", "tests/dev"),
        ("sandbox/phone/api.py", "tests/sandbox"),
        ("tests/security/test_routes.py", "tests/security"),
        ("app/factory.py", "tests"),
        ("tests/conftest.py", "tests"),
    ],
)
def test_it_works(file, area):
    assert changed_areas([file], ROOT) == {area}


def test_texts_for_readers_are_tested_by_what_always_runs():
    assert changed_areas(["README.md", "docs/operate.md", "migrations/versions/0001.py"], ROOT) == set()
