"""谁看过我的资料: who stands in a list that was taken out learns of it, and nobody else does."""

from datetime import timedelta

from sqlalchemy import func, select, text

from app.kit import clock, db
from app.kit.caller import Caller
from app.platform.audit.models import AuditEntry
from app.platform.privacy import service
from app.platform.privacy.models import PersonList
from app.platform.privacy.service.lists import STAY
from tests import visit

LOOKS = "/m/privacy/looks"


def take(by: int, *people: int, reason: str = "payments.orders") -> None:
    with db.unit_of_work() as session:
        service.note_list(session, by=Caller(by), reason=reason, person_ids=people)


def rows() -> tuple[int, int]:
    """Lists, and looks at them."""
    with db.unit_of_work() as session:
        looks = select(func.count()).where(AuditEntry.action == service.LIST_TAKEN)
        return session.scalar(select(func.count()).select_from(PersonList)), session.scalar(looks)


def seen_by(app, person_id: int) -> int:
    return visit.phone(app, person_id).get(LOOKS).text.count("看到的内容")


def test_it_works(app, campus):
    take(campus.zhao, campus.li, campus.wang)
    page = visit.phone(app, campus.li).get(LOOKS).text
    assert "导出订单，核对收费" in page and "维修中心" in page and "赵敏华" not in page
    assert [seen_by(app, one) for one in (campus.li, campus.wang, campus.chen)] == [1, 1, 0]


def test_the_same_list_is_one_row_and_one_look_a_day(app, campus):
    for _ in range(3):
        take(campus.zhao, campus.wang, campus.li)
    take(campus.he, campus.li, campus.wang)
    assert rows() == (1, 2)
    take(campus.zhao, campus.li, campus.wang, reason="payments.refunds")
    clock.advance(timedelta(days=1))
    take(campus.zhao, campus.li, campus.wang)
    assert rows() == (1, 4) and seen_by(app, campus.li) == 4


def test_a_list_of_nobody_and_ones_own_are_no_news(app, campus):
    take(campus.zhao)
    assert rows() == (0, 0)
    take(campus.zhao, campus.zhao, campus.li)
    assert (seen_by(app, campus.zhao), seen_by(app, campus.li)) == (0, 1)


def test_a_reason_that_no_module_explains_is_told_all_the_same(app, campus):
    """A module may be suspended."""
    take(campus.zhao, campus.li, reason="gone.list")
    assert "导出名单" in visit.phone(app, campus.li).get(LOOKS).text


def test_who_turns_out_to_be_somebody_takes_it_along(app, campus):
    take(campus.zhao, campus.li, campus.wang)
    for _ in range(2):
        with db.unit_of_work() as session:
            service.merge_lists(session, from_id=campus.li, into_id=campus.chen)
    assert [seen_by(app, one) for one in (campus.li, campus.chen)] == [0, 1]


def test_lists_of_years_ago_are_forgotten(app, campus):
    take(campus.zhao, campus.li)
    with db.unit_of_work() as session:
        assert service.forget_lists(session) == 0
    clock.advance(STAY + timedelta(days=1))
    with db.unit_of_work() as session:
        assert service.forget_lists(session) == 1
    assert rows()[0] == 0


def test_a_list_of_ten_thousand_is_one_row_that_the_index_can_find(app, campus):
    take(campus.zhao, campus.li, *range(10_000, 20_000))
    assert rows() == (1, 1) and seen_by(app, campus.li) == 1
    with db.unit_of_work() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "EXPLAIN SELECT public_id FROM privacy_lists WHERE person_ids @> ARRAY[:one]::bigint[]"
        said = "\n".join(session.scalars(text(plan), {"one": campus.li}))
    assert "ix_privacy_lists_people" in said


def test_a_list_that_changes_all_day_is_one_row_with_all_who_stood_in_it(app, campus):
    def take_again(by: int, *people: int) -> None:
        with db.unit_of_work() as session:
            service.note_list_of_day(session, by=Caller(by), reason="leave.gate", person_ids=people)

    for people in ([campus.li], [campus.li, campus.wang], [campus.wang]):
        take_again(campus.zhao, *people)
    assert rows() == (1, 1)
    assert [seen_by(app, one) for one in (campus.li, campus.wang, campus.chen)] == [1, 1, 0]
    take_again(campus.he, campus.li)
    clock.advance(timedelta(days=1))
    take_again(campus.zhao, campus.li)
    take_again(campus.zhao)
    assert rows() == (3, 3)
