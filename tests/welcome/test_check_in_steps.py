"""Which steps the desk does is what the editor says."""

import pytest

from tests import visit
from tests.welcome.reception import make_reception

PAGE = "/desk/welcome/steps"


@pytest.fixture
def desk(app, intake):
    reception = make_reception(app, intake)
    return reception.desk(intake.campus.zhao, "welcome.editor")


def save(desk, **form):
    return desk.post(PAGE, data=form | {"is_active": "1"}, headers=visit.csrf(desk, "desk"))


def test_it_works(desk):
    assert save(desk, key="photo", title="采集照片", kind="once", is_required="1").status_code == 303
    assert save(desk, key="photo", title="拍照", kind="once").status_code == 303
    page = desk.get(PAGE).text
    assert "拍照" in page and "采集照片" not in page


def test_there_is_one_final_step_that_happens_once(desk):
    assert save(desk, key="second", title="再报到", kind="once", is_final="1").status_code == 422
    assert save(desk, key="register", title="报到", kind="daily", is_final="1").status_code == 422
    assert save(desk, key="Ä", title="", kind="often").status_code == 422
