"""Fixtures of leave's tests."""

import pytest

from app.kit.caller import Caller, Grant
from app.kit.db import unit_of_work
from app.miniapps.leave import service
from app.platform.identity import service as identity
from tests.miniapps.leave.gateway import gateway  # noqa: F401 - fixture
from tests.miniapps.leave.school import School, make_school
from tests.vendors import _vendor_server, vendors  # noqa: F401 - fixtures


@pytest.fixture
def school(begin_with) -> School:
    return begin_with(make_school)


@pytest.fixture
def gate(school):
    """东门; its guard is 陈's colleague 吴."""
    with unit_of_work() as session:
        office = Caller(school.office, grants=(Grant("leave.office"),))
        made = service.add_gate(session, by=office, name="东门")
        identity.grant_role(session, by=None, person_id=school.wu, role="leave.guard", scope_kind="all")
        return made
