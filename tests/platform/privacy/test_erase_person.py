"""Privacy: a leaver is exported and forgotten in every module."""

import json

import pytest
from sqlalchemy import delete

from app.kit import clock, db
from app.kit.absent import ModuleAbsent
from app.kit.module import Module, Registry
from app.miniapps.leave.models import Guardian
from app.platform.directory import queries as directory
from app.platform.directory import service as directory_service
from app.platform.directory.manifest import module as directory_module
from app.platform.privacy import jobs, service
from app.platform.privacy.errors import StillBelongs


def erase(campus, registry):
    with db.unit_of_work() as session:
        service.erase_person(session, by=None, person_id=campus.li, registry=registry)


def leave(campus):
    with db.unit_of_work() as session:
        directory_service.leave(session, by=None, person_id=campus.li)


def test_it_works(app, campus):
    leave(campus)
    erase(campus, app.extensions["registry"])
    with db.unit_of_work() as session:
        li = directory.person(session, campus.li)
        assert (li.name, li.number, li.kinds) == ("已注销", None, frozenset())
        assert directory.phone_of(session, campus.li) is None
        assert directory.find_person_by_number(session, "2023010101") is None
        assert directory.search_people(session, "已注销") == []


def test_people_of_the_school_are_not_erased(app, campus):
    with pytest.raises(StillBelongs):
        erase(campus, app.extensions["registry"])


def test_every_module_is_asked_upper_floors_first(campus):
    asked = []
    upper = Module(
        key="upper", title="", erase_person=lambda session, *, by, person_id: asked.append(person_id)
    )
    leave(campus)
    erase(campus, Registry((directory_module, upper)))
    assert asked == [campus.li]


@pytest.mark.parametrize(
    "absent", [{"left_out": ("leave",)}, {"suspended": {"app.miniapps.leave": "ImportError"}}]
)
def test_nothing_is_done_by_halves_while_a_module_with_peoples_data_does_not_run(app, campus, absent):
    """Neither erased nor copied. Who has none there is no matter."""
    leave(campus)
    all_of_it = app.extensions["registry"]
    without = Registry(tuple(one for one in all_of_it.modules if one.key != "leave"), **absent)
    with db.unit_of_work() as session:
        session.add(
            Guardian(person_id=campus.li, relation="mother", phone="10000000009", given_at=clock.now())
        )
    with pytest.raises(ModuleAbsent):
        erase(campus, without)
    with db.unit_of_work() as session, pytest.raises(ModuleAbsent):
        service.export_person(session, by=None, person_id=campus.li, registry=without)
    with db.unit_of_work() as session:
        assert directory.person(session, campus.li).name == "李一鸣"
        session.execute(delete(Guardian))
    erase(campus, without)


def test_erasing_twice_is_erasing_once(app, campus):
    leave(campus)
    erase(campus, app.extensions["registry"])
    erase(campus, app.extensions["registry"])


def test_a_copy_holds_what_the_directory_knows(app, campus):
    with db.unit_of_work() as session:
        found = service.export_person(
            session, by=None, person_id=campus.li, registry=app.extensions["registry"]
        )
    assert found["directory"]["name"] == "李一鸣"
    assert found["directory"]["phone"] == "10000000001"
    assert found["directory"]["affiliations"][0]["starts_on"] == "2023-09-01"


def test_the_commands(app, campus):
    with db.unit_of_work() as session:
        public_id = directory.person(session, campus.li).public_id
    runner = app.test_cli_runner()
    answer = runner.invoke(args=["privacy", "export", public_id])
    assert json.loads(answer.output)["directory"]["number"] == "2023010101"
    assert runner.invoke(args=["privacy", "erase", "--yes", public_id]).exit_code == 1
    leave(campus)
    assert runner.invoke(args=["privacy", "erase", "--yes", public_id]).exit_code == 0
    assert runner.invoke(args=["privacy", "export", "per_nobody"]).exit_code == 1


def test_retention_asks_every_module_even_after_a_failure(app):
    asked = []

    def fail(session):
        raise ValueError

    def retain(session):
        asked.append("b")
        return 0

    modules = (Module(key="a", title="", retain=fail), Module(key="b", title="", retain=retain))
    jobs.retain_all(Registry(modules))
    assert asked == ["b"]
