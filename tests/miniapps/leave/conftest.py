"""Fixtures of leave's tests."""

import pytest

from tests.miniapps.leave.school import School, make_school


@pytest.fixture
def school(begin_with) -> School:
    return begin_with(make_school)
