"""Short names are what they look like: nothing that is not seen, nothing that turns the line around."""

import pytest

from app.kit import db
from app.kit.hidden import HiddenCharacters, check_seen
from app.platform.identity.service import devices
from app.welcome.service import check_in, roommates, screening, shuttles, slots
from tests import visit
from tests.welcome.reception import at, make_reception

BAD = {
    "right-to-left override": "小雨\u202e",
    "isolate": "\u2066小雨\u2069",
    "Arabic letter mark": "小\u061c雨",
    "zero width space": "小\u200b雨",
    "zero width joiner": "小\u200d雨",
    "byte order mark": "\ufeff小雨",
    "word joiner": "小\u2060雨",
    "Hangul filler": "\u3164",
    "line separator": "小\u2028雨",
    "tag": "小雨\U000e0041",
    "control": "小\x07雨",
}
GOOD = ("小雨", "阿依古丽·买买提", "Anna-Lena", "雨🌧", "ئالىم", "李𠮷祥")


@pytest.mark.parametrize("name", BAD.values(), ids=BAD)
def test_it_works(name):
    with pytest.raises(HiddenCharacters) as refused:
        check_seen(nickname=name)
    assert list(refused.value.details) == ["nickname"]


@pytest.mark.parametrize("name", GOOD)
def test_names_of_people_may_stand(name):
    check_seen(nickname=name)


@pytest.mark.parametrize("name", BAD.values(), ids=BAD)
def test_a_nickname_is_refused_on_its_page(intake, zhou, name):
    data = {"nickname": name}
    answer = zhou.post("/m/welcome/dorm/nickname", data=data, headers=visit.csrf(zhou))
    assert answer.status_code == 422
    assert "看不见的字符" in answer.text


def test_every_short_name_of_the_desk_is_refused(app, intake):
    reception = make_reception(app, intake)
    by, bad = intake.staff(intake.campus.zheng), "东\u202e站"
    bus = {"season_id": intake.season, "station_id": reception.station, "leaves_at": at(10), "seats": 3}
    for deed in (
        lambda session: slots.add_station(session, by=by, name=bad, kind="rail", address="x"),
        lambda session: shuttles.add_shuttle(session, by=by, plate=bad, driver="陈师傅", **bus),
        lambda session: shuttles.add_shuttle(session, by=by, plate="粤A", driver=bad, **bus),
        lambda session: devices.register_device(
            session, by=by, page="welcome.check_in", name=bad, key="k" * 64
        ),
        lambda session: check_in.set_step(session, by=by, key="x1", title=bad),
        lambda session: roommates.set_nickname(session, by=intake.freshman(intake.zhou), nickname=bad),
    ):
        with db.unit_of_work() as session, pytest.raises(HiddenCharacters):
            deed(session)


def test_words_are_found_behind_marks_of_direction():
    assert screening.plain("微\u202e信\u2067") == "微信"
