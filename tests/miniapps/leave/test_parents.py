"""The link for parents: what it shows, to whom, and when it is over."""

import re

import pytest

from app.kit import clock
from app.kit.db import unit_of_work
from app.miniapps.leave import service
from app.miniapps.leave.models import LeaveKind, LeaveRequest
from app.miniapps.leave.parents import read, token_of
from tests import visit
from tests.miniapps.leave.school import asked, granted, submit


def link_on(client, leave):
    with unit_of_work() as session:
        public_id = session.get_one(LeaveRequest, leave).public_id
    page = client.get(f"/m/leave/{public_id}")
    assert page.status_code == 200, page.text
    found = re.search(r'value="http[^"]*(/m/leave/parents/[^"]+)"', page.text)
    return found.group(1) if found else None


def test_it_tells_when_and_not_why(app, school):
    leave = granted(school, asked(kind=LeaveKind.SICK, reason="做手术", destination="昆明"))
    url = link_on(visit.phone(app, school.li), leave)
    page = app.test_client().get(url)  # anybody: parents have no account
    assert page.status_code == 200
    assert "李**" in page.text
    assert "已批准" in page.text
    for hidden in ("李一鸣", "病假", "做手术", "昆明", "2023010101"):
        assert hidden not in page.text


def test_there_is_none_before_it_is_granted(app, school):
    assert link_on(visit.phone(app, school.li), submit(school, asked()).id) is None


def test_it_is_over_a_day_after_he_is_due(app, school):
    leave = granted(school, asked())
    url = link_on(visit.phone(app, school.li), leave)
    clock.advance(clock.timedelta(hours=48 + 2 + 23))
    assert app.test_client().get(url).status_code == 200
    clock.advance(clock.timedelta(hours=2))
    assert app.test_client().get(url).status_code == 404


def test_what_was_given_up_is_shown_no_more(app, school):
    leave = granted(school, asked())
    url = link_on(visit.phone(app, school.li), leave)
    with unit_of_work() as session:
        service.withdraw(session, by=school.student(), request_id=leave)
    page = app.test_client().get(url)
    assert page.status_code == 404
    assert "已失效" in page.text


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("0" if token[-1] != "0" else "1"),
        lambda token: token.replace(token.split(".")[1], "99999999999"),
        lambda token: token.split(".")[0],
        lambda token: "x" * 300,
        lambda token: token.replace(token.split(".")[2], "é" * 24),
    ],
)
def test_no_link_is_made_by_others(app, school, change):
    leave = granted(school, asked())
    with unit_of_work() as session:
        row = session.get_one(LeaveRequest, leave)
        token = token_of(row.public_id, row.due_at)
    assert read(token, clock.now()) == row.public_id
    assert read(change(token), clock.now()) is None
    assert app.test_client().get(f"/m/leave/parents/{change(token)}").status_code == 404
