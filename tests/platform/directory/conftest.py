"""A college with two classes, a department, and who may load rosters."""

from dataclasses import dataclass

import pytest

from app.kit import db
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from tests import visit
from tests.make import CampusOfTests


@dataclass(frozen=True)
class School:
    """Ids."""

    campus: CampusOfTests
    college: int
    first: int
    second: int
    languages: int
    logistics: int


@pytest.fixture
def school(campus) -> School:
    with db.unit_of_work() as session:

        def add(code: str, name: str, kind: str, parent_id: int | None = None) -> int:
            return directory.add_org_unit(
                session, by=None, code=code, name=name, kind=kind, parent_id=parent_id
            )

        college = add("XX", "信息学院", "college")
        return School(
            campus,
            college,
            add("RJ2401", "软件2401", "class", college),
            add("RJ2402", "软件2402", "class", college),
            add("WY", "外国语学院", "college"),
            add("HQ", "后勤处", "department"),
        )


def registrar(app, person_id):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=person_id, role="directory.registrar")
    return visit.desk(app, person_id)


@pytest.fixture
def clerk(app, school):
    return registrar(app, school.campus.zheng)


@pytest.fixture
def second(app, school):
    return registrar(app, school.campus.he)
