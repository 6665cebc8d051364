"""A parent's phone looks on: by the papers, by consent, read-only, and not for ever."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from app.kit import clock, db
from app.kit.caller import Caller
from app.platform.notifications.models import Message
from app.welcome.errors import GuardianMoved
from app.welcome.models import Guardian
from app.welcome.queries import admission_of
from app.welcome.service import claim_privacy, guardians, items
from app.welcome.service.items import ItemTerms
from tests import visit
from tests.welcome.claiming import handset
from tests.welcome.conftest import PEOPLE
from tests.welcome.test_claim import deliver

MINE, FAMILY = "/m/welcome/guardians/", "/m/welcome/guardians/family"
PARENT = {"as": "guardian", "relation": "mother"}


@pytest.fixture
def parent(app, intake):
    """周's mother, who holds the papers and has asked."""
    phone = handset(app, "o-mother")
    assert phone.claim("zhou", **PARENT).status_code == 200
    deliver(app)
    return phone


def public_id() -> str:
    with db.unit_of_work() as session:
        return session.scalars(select(Guardian.public_id)).one()


def answer(phone, deed):
    client = getattr(phone, "client", phone)
    return client.post(f"{MINE}{public_id()}/{deed}", headers=visit.csrf(client))


def test_it_works(app, intake, zhou, parent):
    with db.unit_of_work() as session:
        told = session.scalars(select(Message.kind).where(Message.person_id == intake.zhou)).all()
    assert told == ["welcome.guardian_asked"]
    assert "母亲" in zhou.get(MINE).text
    before = parent.client.get(FAMILY).text
    assert "等待孩子本人同意" in before and "3号楼" not in before
    assert answer(zhou, "accept").status_code == 303
    seen = parent.client.get(FAMILY).text
    assert "3号楼" in seen and "2026-11-20 至 2026-11-22" in seen and "东校区" in seen
    for private in ("512", "10000000101", PEOPLE["zhou"]["number"], "02002X", "林知夏", "雨桐"):
        assert private not in seen, private
    assert parent.stands_for == parent.caller.person_id, "no link has moved"


def test_only_the_freshman_consents(app, intake, parent):
    assert answer(parent, "accept").status_code == 404
    assert answer(visit.phone(app, intake.lin), "accept").status_code == 404
    assert answer(visit.phone(app, intake.lin), "end").status_code == 404


def test_consent_is_taken_back_by_either_side(app, intake, zhou, parent):
    answer(zhou, "accept")
    assert answer(zhou, "end").status_code == 303
    assert "3号楼" not in parent.client.get(FAMILY).text
    again = handset(app, "o-mother")
    again.claim("zhou", **PARENT)
    with db.unit_of_work() as session:
        assert session.scalars(select(Guardian.status).order_by(Guardian.id)).all() == ["ended", "pending"]


def test_declined_is_over_and_told(app, intake, zhou, parent):
    answer(zhou, "decline")
    deliver(app)
    with db.unit_of_work() as session:
        (told,) = session.scalars(select(Message.params).where(Message.person_id == parent.caller.person_id))
    assert told["result"] == "已结束"
    assert answer(zhou, "accept").status_code == 404


def test_wrong_papers_answer_as_any_claim(app, intake):
    phone = handset(app, "o-stranger")
    refused = phone.claim("zhou", **(PARENT | {"letter": "L0"}))
    assert refused.status_code == 422 and "没有认领成功" in refused.text
    with db.unit_of_work() as session:
        assert session.scalar(select(Guardian.id)) is None


def test_the_same_parent_twice_is_once(app, intake, parent):
    parent.claim("zhou", **PARENT)
    assert public_id()


def test_it_ends_thirty_days_after_arrival(app, intake, zhou, parent):
    answer(zhou, "accept")
    clock.travel(clock.start_of_day(clock.today()) + timedelta(days=36, hours=9))  # 22 December
    parent = handset(app, "o-mother")
    assert "3号楼" in parent.client.get(FAMILY).text
    clock.advance(timedelta(days=1))
    parent = handset(app, "o-mother")
    assert "3号楼" not in parent.client.get(FAMILY).text
    with db.unit_of_work() as session:
        claim_privacy.retain(session)
        assert session.scalars(select(Guardian.status)).all() == ["ended"]


def test_the_building_is_shown_from_its_day_on(app, intake, zhou, parent):
    answer(zhou, "accept")
    clock.travel(clock.start_of_day(clock.today()) - timedelta(days=8))
    seen = handset(app, "o-mother").client.get(FAMILY).text
    assert "3号楼" not in seen and "2026-11-10 公布" in seen


def test_a_freshman_who_claims_from_the_asking_phone_is_not_their_own_guardian(app, intake):
    phone = handset(app)
    phone.claim(**PARENT)
    assert phone.claim().status_code == 200
    with db.unit_of_work() as session:
        assert session.scalars(select(Guardian.status)).all() == ["ended"]


def test_one_that_ends_while_it_is_asked_again_is_a_sentence(intake, parent):
    """The freshman declines between the two statements of the second request."""
    with db.unit_of_work() as session:
        admission = admission_of(session, intake.zhou)
        asker = session.scalars(select(Guardian.person_id)).one()

        def decline(_connection, _cursor, statement, *_rest):
            if statement.startswith("INSERT INTO welcome_guardians"):
                with db.unit_of_work() as other:
                    guardians.end_guardians_of(other, admission.id)

        engine = session.get_bind()
        event.listen(engine, "after_cursor_execute", decline)
        try:
            with pytest.raises(GuardianMoved):
                guardians.ask(session, by=Caller(asker), admission_id=admission.id, relation="mother")
        finally:
            event.remove(engine, "after_cursor_execute", decline)
    with db.unit_of_work() as session:
        again = guardians.ask(session, by=Caller(asker), admission_id=admission.id, relation="mother")
        assert session.scalars(select(Guardian.status).where(Guardian.public_id == again)).one() == "pending"


def test_a_parent_sees_what_is_to_do_and_nothing_to_do_it_with(app, intake, zhou, parent):
    answer(zhou, "accept")
    with db.unit_of_work() as session:
        for key, opens in (("insurance", clock.today()), ("drill", clock.today() + timedelta(days=3))):
            terms = ItemTerms(
                title={"insurance": "办医保", "drill": "军训动员"}[key],
                kind="must",
                opens_on=opens,
                closes_on=clock.today() + timedelta(days=5),
                evidence="manual",
                url="/m/welcome/secret",
            )
            items.save_item(session, by=None, season_id=intake.season, key=key, terms=terms)
    page = parent.client.get(FAMILY).text
    assert "办医保" in page and "军训动员" in page and "0 / 2" in page
    assert "/m/welcome/secret" not in page
    zhou.post("/m/welcome/items/insurance/done", headers=visit.csrf(zhou))
    page = parent.client.get(FAMILY).text
    assert "办医保" not in page and "1 / 2" in page
