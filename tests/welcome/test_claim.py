"""A freshman claims an admission: what proves it, what it gives, and one answer to all that fails."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from app.kit import clock, db, outbox
from app.platform.directory import service as directory
from app.platform.identity import queries as identity
from app.platform.notifications.models import Message, TextMessage
from app.welcome import service
from app.welcome.models import Admission, ClaimCode, ClaimTry
from app.welcome.service import claims
from tests.welcome.claiming import admission, given, handset, typed


def deliver(app):
    """What is due, twice: nothing happens a second time."""
    with app.app_context():
        outbox.drain(clients=app.extensions["clients"], seconds=20)


def code_of(monkeypatch, code="135790"):
    """Codes are random: the test's are not."""
    monkeypatch.setattr("app.welcome.service.claims.secrets.randbelow", lambda _most: int(code))
    return code


def test_it_works(app, intake):
    phone = handset(app)
    answer = phone.claim()
    assert answer.status_code == 200 and "认领成功" in answer.text
    assert phone.stands_for == intake.he
    assert admission(intake.he).claimed_at == clock.now()
    assert phone.client.get("/m/welcome/").status_code == 302, "all sessions of this WeChat have ended"
    with db.unit_of_work() as session:
        assert identity.link_of_person(session, intake.he).bound_at is not None


def test_the_person_is_told_and_the_phone_on_file_by_text(app, intake):
    handset(app).claim()
    deliver(app)
    with db.unit_of_work() as session:
        (told,) = session.scalars(select(Message).where(Message.person_id == intake.he))
        assert told.kind == "welcome.claimed"
        assert "不是您本人操作的" in told.text


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "何思远"},
        {"number": "26430100000009"},
        {"last_six": "030040"},
        {"letter": "L000009"},
        {"profile": "postgraduate"},
        {"way": "phone", "code": "123456"},
    ],
)
def test_one_wrong_thing_is_enough_and_is_never_named(app, intake, changes):
    phone = handset(app)
    answer = phone.claim(**changes)
    assert answer.status_code == 422
    assert "没有认领成功：填写的内容和录取信息对不上" in answer.text
    assert phone.stands_for == phone.caller.person_id
    assert admission(intake.he).claimed_at is None


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " 何 思 源 "},
        {"number": "２６４３０１０００００００３"},
        {"number": "2643 0100 000003"},
        {"last_six": "０３００４９"},
        {"letter": " l000003 "},
    ],
)
def test_how_it_is_written_does_not_matter(app, intake, changes):
    assert handset(app).claim(**changes).status_code == 200


def test_minority_names_rare_characters_and_the_x(app, intake):
    with db.unit_of_work() as session:
        for place, name in enumerate(("买买提·艾力", "\ue863\ue816"), start=1):
            service.admit(
                session,
                by=None,
                season_id=intake.season,
                admitted=service.Admitted(
                    profile="undergraduate",
                    name=name,
                    number=f"2665010000009{place}",
                    document=f"65010020080909{place}03x",
                    college_id=intake.college,
                    major="数学",
                    level="本科",
                    letter=f"M{place}",
                ),
            )
    for place, name in enumerate(("买买提．艾力", "\u4dae\U00020087"), start=1):
        one = handset(app, f"o-rare-{place}")
        number, last_six = f"2665010000009{place}", f"09{place}03X"
        answer = one.claim(name=name, number=number, last_six=last_six, letter=f"M{place}")
        assert answer.status_code == 200, name


def test_by_the_phone_on_file(app, intake, monkeypatch):
    code = code_of(monkeypatch)
    phone = handset(app)
    asked = phone.claim(way="phone", step="code")
    assert asked.status_code == 200 and "10 分钟内有效" in asked.text
    deliver(app)
    with db.unit_of_work() as session:
        kept = session.scalars(select(ClaimCode)).one()
        assert kept.code_hash and code not in kept.code_hash
        assert session.scalars(select(TextMessage.person_id)).all() == [intake.he]
    assert phone.claim(way="phone", code="000000").status_code == 422
    assert phone.claim(way="phone", code="135 790").status_code == 200
    assert phone.stands_for == intake.he


def test_a_code_ends_with_ten_minutes_with_use_and_belongs_to_who_asked(app, intake, monkeypatch):
    code = code_of(monkeypatch)
    first, second = handset(app, "o-1"), handset(app, "o-2")
    first.claim(way="phone", step="code")
    deliver(app)
    assert second.claim(way="phone", code=code).status_code == 422
    clock.advance(timedelta(minutes=10))
    assert first.claim(way="phone", code=code).status_code == 422


def test_a_code_bears_five_tries(app, intake, monkeypatch):
    code = code_of(monkeypatch)
    phone = handset(app)
    phone.claim(way="phone", step="code")
    deliver(app)
    for _ in range(5):  # past the limits of the hour, which are not the question here
        with db.unit_of_work() as session:
            wrong = given(way="phone", code="1")
            assert service.claim(session, by=phone.caller, given=wrong, network="n") is None
    with db.unit_of_work() as session:
        right = given(way="phone", code=code)
        assert service.claim(session, by=phone.caller, given=right, network="n") is None


def test_what_was_claimed_before_answers_as_everything_that_fails(app, intake):
    answer = handset(app).claim("zhou")
    assert answer.status_code == 422 and "没有认领成功" in answer.text
    assert "/m/welcome/disputes/new" in answer.text


def test_another_wechat_needs_the_phone_and_the_old_one_is_told(app, intake, monkeypatch):
    code = code_of(monkeypatch)
    old, new = handset(app, "o-old"), handset(app, "o-new")
    assert old.claim().status_code == 200
    assert new.claim().status_code == 422, "the letter does not move a link"
    new.claim(way="phone", step="code")
    deliver(app)
    assert new.claim(way="phone", code=code).status_code == 200
    assert new.stands_for == intake.he and old.stands_for != intake.he
    deliver(app)
    with db.unit_of_work() as session:
        told = session.scalars(select(Message.kind).where(Message.person_id == old.stands_for)).all()
    assert told == ["identity.replaced"]


def test_who_is_somebody_already_or_not_in_wechat_is_told_so(app, intake):
    phone = handset(app)
    phone.claim()
    again = handset(app)  # the same WeChat, bound by now
    assert again.claim("xu").status_code == 409
    assert again.client.get("/m/welcome/claim/").status_code == 409


def test_nothing_can_be_claimed_before_the_season_opens_or_of_who_withdrew(app, intake):
    with db.unit_of_work() as session:
        session.execute(
            Admission.__table__.update().where(Admission.person_id == intake.he).values(status="withdrawn")
        )
    assert handset(app).claim().status_code == 422
    clock.travel(clock.start_of_day(clock.today()) - timedelta(days=40))
    early = handset(app, "o-early")
    assert early.claim("xu").status_code == 404
    with db.unit_of_work() as session:
        assert len(session.scalars(select(ClaimTry.id)).all()) == 1


def test_a_field_left_empty_is_said_at_the_field_and_is_no_try(app, intake):
    answer = handset(app).claim(name="", last_six="123", letter="")
    assert answer.status_code == 422
    assert answer.text.count("请填写这一项") == 2 and "最后六位" in answer.text
    with db.unit_of_work() as session:
        assert session.scalar(select(ClaimTry.id)) is None


def test_nothing_readable_is_kept(app, intake):
    handset(app).claim(name="某人", number="26999900000001", letter="L-SECRET")
    with db.unit_of_work() as session:
        kept = str([tuple(row) for row in session.execute(select(ClaimTry.__table__))])
        kept += str([tuple(row) for row in session.execute(select(ClaimCode.__table__))])
    assert "26999900000001" not in kept and "L-SECRET" not in kept


# --- That a claim is there can't be told


class Statements:
    """What goes over the wire to the database, by the driver's own trace; nothing can pass it by."""

    def __init__(self, path):
        self._path = path

    def __enter__(self):
        self._file = self._path.open("w")
        event.listen(db.engine(), "checkout", self._begin)
        event.listen(db.engine(), "checkin", self._end)
        return self

    def __exit__(self, *_):
        event.remove(db.engine(), "checkout", self._begin)
        event.remove(db.engine(), "checkin", self._end)
        self._file.close()

    @property
    def count(self) -> int:
        sent = [line.split("\t") for line in self._path.read_text(errors="replace").splitlines()]
        return sum(1 for parts in sent if "F" in parts and {"Execute", "Query"} & set(parts))

    @property
    def saw_the_shelf(self) -> bool:
        """The list of micro-apps, which every process reads anew every few seconds, whoever asks."""
        return "portal_modules" in self._path.read_text(errors="replace")

    def _begin(self, connection, *_):
        connection.pgconn.trace(self._file.fileno())

    def _end(self, connection, *_):
        if connection is not None:
            connection.pgconn.untrace()


THERE = {"letter": "L999999"}
CLAIMED = {"who": "zhou"}
ABSENT = {"number": "26430100000008"}


@pytest.mark.parametrize("way", ["letter", "phone", "code"])
def test_there_absent_and_claimed_are_one_answer_and_the_same_work(app, intake, tmp_path, way):
    handset(app, "o-warm").claim("xu", letter="L0")  # what a process does once
    found = []
    for place, changes in enumerate((THERE, ABSENT, CLAIMED)):
        seen = [ask(app, tmp_path, way, place * 2 + again, changes) for again in range(2)]
        found.append(next(one for one, saw_the_shelf in seen if not saw_the_shelf))
    assert found[0][0] == (200 if way == "code" else 422)
    assert found[0][-1] > 8, "the trace saw the statements"
    assert found[0] == found[1] == found[2]


def ask(app, tmp_path, way, place, changes):
    """Status, length, page and number of statements of a claim that fails; and whether the shelf was read."""
    phone = handset(app, f"o-{place:04d}")
    fields = {key: value for key, value in changes.items() if key != "who"}
    more = {"letter": {}, "phone": {"way": "phone", "code": "123456"}, "code": {"way": "phone"}}[way]
    if way == "code":
        more |= {"step": "code"}
    body = typed(changes.get("who", "he"), **fields, **more)
    headers = {**_csrf(phone)}
    with Statements(tmp_path / f"trace-{place}") as counted:
        answer = phone.client.post("/m/welcome/claim/", data=body, headers=headers)
    page = answer.text
    for value in sorted(body.values(), key=len, reverse=True):
        page = page.replace(value, "·" * len(value)) if value else page
    seen = (answer.status_code, len(answer.data), blank(page, phone), counted.count)
    return seen, counted.saw_the_shelf


def _csrf(phone):
    return {"X-CSRF-Token": phone.client.get("/api/v1/me").json["csrf_token"]}


def blank(page: str, phone) -> str:
    """Without what is the person's own: the token and the signed moment."""
    token = phone.client.get("/api/v1/me").json["csrf_token"]
    head, _, rest = page.partition('name="opened" value="')
    return (head + rest.partition('"')[2]).replace(token, "")


def test_a_planted_early_way_out_would_be_seen(app, intake, tmp_path, monkeypatch):
    """The check bites: a claim that looks no further where there is nothing is told apart."""
    real = claims._prove

    def lazy(session, by, wanted):
        if claims._admission(session, wanted.claim_index) is None:
            return None
        return real(session, by, wanted)

    monkeypatch.setattr(claims, "_prove", lazy)
    counts = []
    for place, changes in enumerate((THERE, ABSENT)):
        phone = handset(app, f"o-{place:04d}")
        headers = _csrf(phone)
        with Statements(tmp_path / f"trace-{place}") as counted:
            phone.client.post("/m/welcome/claim/", data=typed("he", **changes), headers=headers)
        counts.append(counted.count)
    assert counts[0] != counts[1]


def test_a_leaver_can_not_be_claimed(app, intake):
    with db.unit_of_work() as session:
        directory.leave(session, by=None, person_id=intake.he)
    assert handset(app).claim().status_code == 422
