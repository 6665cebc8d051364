"""The finance desk: what each page shows, and who may click what."""

import io
import re
import zipfile

import psycopg
import pytest

from app.kit import db
from app.payments.queries.desk import orders as queries
from app.payments.service import move_offline, note_paid_out, open_dispute, request_refund
from app.platform.identity import service as identity
from tests.payments.conftest import MCHID
from tests.visit import csrf, desk, phone

PAGES = ("", "refunds", "disputes", "ledger", "fees")
WORKBOOKS = ("export.xlsx", "refunds/export.xlsx", "disputes/export.xlsx", "ledger/export.xlsx")


def at_the_desk(school, person_id, role):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=person_id, role=role)
    return desk(school.app, person_id)


@pytest.fixture
def clerk(school):
    return at_the_desk(school, school.ids.zhao, "payments.cashier")


@pytest.fixture
def reviewer(school):
    return at_the_desk(school, school.ids.zheng, "payments.reviewer")


@pytest.fixture
def auditor(school):
    return at_the_desk(school, school.ids.he, "payments.auditor")


def get(browser, path, **query):
    return browser.get(f"/desk/payments/{path}", query_string=query)


def post(browser, path, **fields):
    headers = csrf(browser, "desk") | {"HX-Request": "true"}
    return browser.post(f"/desk/payments/{path}", data=fields, headers=headers)


def delivered(school, fen=5000):
    charge = school.paid(fen=fen)
    school.deliver()
    return charge


def in_review(school):
    """The vendor knows the number with another amount."""
    charge = school.paid()
    school.vendor.answer = "mismatch"
    school.deliver()
    assert school.fulfilment(charge).status == "review"
    return charge


def ask(school, charge, fen=2000):
    with db.unit_of_work() as session:
        return request_refund(
            session, by=school.zhao, order_public_id=charge.public_id, fen=fen, reason="宿舍已退费"
        )


def dispute(number="A26111600001"):
    with db.unit_of_work() as session:
        open_dispute(
            session,
            source="wxpay",
            external_id="n-1",
            kind="wrong_amount",
            order_number=number,
            evidence={"transaction": "4200001", "fen": 4900, "state": "SUCCESS"},
        )


def test_it_works(school, clerk):
    charge = delivered(school)
    page = get(clerk, "").text
    assert school.order(charge).number in page
    assert "¥50.00" in page
    assert "已到账" in page


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_page_says_what_to_expect(clerk, path):
    answer = get(clerk, path)
    assert answer.status_code == 200
    assert 'class="empty"' in answer.text or path == "fees"


@pytest.mark.parametrize("path", [*PAGES, *WORKBOOKS])
def test_without_a_role_the_desk_is_closed(school, path):
    assert get(desk(school.app, school.ids.li), path).status_code == 403


def test_a_payer_is_shown_masked(school, clerk):
    charge = delivered(school)
    for path in ("", f"orders/{charge.public_id}"):
        text = get(clerk, path).text
        assert "李**" in text
        assert "李一鸣" not in text
        assert "2023010101" not in text


def numbers_of(school, charge):
    ask(school, charge)
    return {
        "order": school.order(charge).number,
        "attempt": school.attempts(charge)[0].number,
        "transaction": school.payments(charge)[0].transaction_id,
        "refund": school.refunds(charge)[0].number,
        "person": "2023010101",
    }


@pytest.mark.parametrize("by", ["order", "attempt", "transaction", "refund", "person"])
def test_search_finds_the_order_by_each_number(school, clerk, by):
    charge, other = delivered(school), school.charge("room-101", by=school.chen)
    page = get(clerk, "", q=numbers_of(school, charge)[by]).text
    assert school.order(charge).number in page
    assert school.order(other).number not in page


def test_a_search_for_nothing_known_says_so(school, clerk):
    delivered(school)
    assert "没有找到" in get(clerk, "", q="W00000000").text


def test_each_filter_has_its_orders(school, clerk):
    due, review = school.paid("room-1"), None
    assert school.order(due).number in get(clerk, "", view="due").text
    school.deliver()
    assert school.order(due).number not in get(clerk, "", view="due").text
    review = in_review(school)
    assert school.order(review).number in get(clerk, "", view="review").text
    dispute(school.order(due).number)
    odd = get(clerk, "", view="odd").text
    assert school.order(due).number in odd
    assert school.order(review).number not in odd
    ask(school, due)
    school.finish_refunds()
    assert school.order(due).number in get(clerk, "", view="refunded").text


def test_the_list_takes_as_many_statements_for_one_order_as_for_thirty(school, clerk, monkeypatch):
    school.charge("room-0")
    few = statements(clerk, monkeypatch)
    for number in range(1, 30):
        school.charge(f"room-{number}", by=school.chen if number % 2 else school.li)
    assert statements(clerk, monkeypatch) == few


def statements(browser, monkeypatch):
    """How many the driver is asked for by one look at the list, the figures of the rail being at hand."""
    get(browser, "")
    seen = []
    execute = psycopg.Cursor.execute

    def noted(cursor, query, *given, **more):
        seen.append(query)
        return execute(cursor, query, *given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", noted)
        assert get(browser, "").status_code == 200
    return len(seen)


def test_further_orders_come_page_by_page(school, clerk):
    with db.unit_of_work() as session:
        assert queries.orders(session).items == []
    for number in range(3):
        school.charge(f"room-{number}")
    with db.unit_of_work() as session:
        first = queries.orders(session, limit=2)
        second = queries.orders(session, limit=2, cursor=first.next_cursor)
    assert [len(first.items), len(second.items), second.next_cursor] == [2, 1, None]


def test_the_panel_tells_the_whole_story(school, clerk):
    charge = delivered(school)
    ask(school, charge)
    school.finish_refunds()
    for headers in ({}, {"HX-Request": "true"}):
        text = clerk.get(f"/desk/payments/orders/{charge.public_id}", headers=headers).text
        for word in (
            "下单",
            "发起支付",
            "收到款项",
            "请求到账",
            "人工申请",
            "收款入账",
            "退款付出",
            "学生宿舍电费",
        ):
            assert word in text
        assert school.payments(charge)[0].transaction_id in text


def test_a_clerk_asks_for_a_refund_once(school, clerk):
    charge = delivered(school)
    given = {"yuan": "12.5", "reason": "宿舍已退费", "_key": "one-form"}
    for _ in range(2):
        assert post(clerk, f"orders/{charge.public_id}/refunds", **given).status_code == 204
    assert [one.fen for one in school.refunds(charge)] == [1250]
    assert school.refunds(charge)[0].requested_by_id == school.ids.zhao


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"yuan": "abc", "reason": "宿舍已退费"}, 422, "请填金额"),
        ({"yuan": "10", "reason": "退"}, 422, "请写明退款原因"),
        ({"yuan": "50.01", "reason": "宿舍已退费"}, 409, "最多还能退 ¥50.00"),
    ],
)
def test_a_refund_that_can_not_be_is_a_toast(school, clerk, given, status, words):
    charge = delivered(school)
    answer = post(clerk, f"orders/{charge.public_id}/refunds", _key="k", **given)
    assert answer.status_code == status
    assert answer.headers["HX-Retarget"] == "#toast"
    assert words in answer.text


def test_no_refund_is_offered_before_it_is_known_what_was_delivered(school, clerk):
    charge = school.paid()
    text = get(clerk, f"orders/{charge.public_id}").text
    assert "do-refund" not in text
    assert "不能退款" in text


@pytest.mark.parametrize(
    ("decision", "status"), [("applied", "applied"), ("ask", "unknown"), ("abandon", "abandoned")]
)
def test_a_review_is_decided_with_a_reason(school, clerk, decision, status):
    charge = in_review(school)
    path = f"orders/{charge.public_id}/decision"
    assert "do-abandon" in get(clerk, f"orders/{charge.public_id}").text
    assert post(clerk, path, decision=decision, note="").status_code == 422
    answer = post(clerk, path, decision=decision, note="对方后台有此单")
    assert answer.headers["HX-Trigger"] == "board:refresh"
    assert school.fulfilment(charge).status == status
    assert "赵敏华" in answer.text
    assert post(clerk, path, decision=decision, note="对方后台有此单").status_code == 409
    school.check()


def test_two_people_for_a_large_refund(school, clerk, reviewer):
    charge = delivered(school, fen=9000)
    refund = ask(school, charge, 6000)
    assert school.refunds(charge)[0].number in get(reviewer, "refunds").text
    text = get(clerk, f"refunds/{refund}").text
    assert "要由另一位同事复核" in text
    assert "/approve" not in text
    assert post(clerk, f"refunds/{refund}/approve").status_code == 403
    assert "复核通过" in get(reviewer, f"refunds/{refund}").text
    assert "郑国栋" in post(reviewer, f"refunds/{refund}/approve").text
    answer = post(reviewer, f"refunds/{refund}/approve")
    assert answer.status_code == 409
    assert "重新载入" in answer.text


def test_who_has_both_roles_still_may_not_agree_to_their_own(school, clerk):
    charge = delivered(school, fen=9000)
    refund = ask(school, charge, 6000)
    both = at_the_desk(school, school.ids.zhao, "payments.reviewer")
    assert "/approve" not in get(both, f"refunds/{refund}").text
    answer = post(both, f"refunds/{refund}/approve")
    assert answer.status_code == 403
    assert "不能是同一个人" in answer.text


def test_a_refund_that_is_not_agreed_to(school, reviewer):
    charge = delivered(school, fen=9000)
    refund = ask(school, charge, 6000)
    assert "未通过" in post(reviewer, f"refunds/{refund}/reject").text
    assert school.payments(charge)[0].refunding_fen == 0


def test_the_roster_of_refunds_by_hand(school, clerk, reviewer):
    charge = delivered(school)
    refund = ask(school, charge)
    school.sim("fault", name="refund.abnormal")
    school.finish_refunds()
    assert "转线下" in get(clerk, f"refunds/{refund}").text
    assert "转线下" not in get(reviewer, f"refunds/{refund}").text
    assert "登记付款" in post(clerk, f"refunds/{refund}/offline").text
    assert post(clerk, f"refunds/{refund}/paid-out", note="").status_code == 422
    post(clerk, f"refunds/{refund}/paid-out", note="转账，回单 17 号")
    roster = get(reviewer, "refunds", queue="offline").text
    assert "转账，回单 17 号" in roster
    assert "待复核" in roster
    assert "已线下退款" in post(reviewer, f"refunds/{refund}/check").text
    assert "账是平的" in get(clerk, "ledger").text


def test_who_paid_out_is_not_offered_to_check(school, clerk):
    charge = delivered(school)
    refund = ask(school, charge)
    school.sim("fault", name="refund.abnormal")
    school.finish_refunds()
    with db.unit_of_work() as session:
        move_offline(session, by=school.zhao, public_id=refund)
        note_paid_out(session, by=school.zhao, public_id=refund, note="转账，回单 17 号")
    both = at_the_desk(school, school.ids.zhao, "payments.reviewer")
    assert "复核入账" not in get(both, f"refunds/{refund}").text
    assert post(both, f"refunds/{refund}/check").status_code == 403


def test_short_of_money_tells_what_to_do(school, clerk):
    charge = delivered(school)
    ask(school, charge)
    school.sim("fault", name="refund.not_enough")
    school.send_refunds()
    page = get(clerk, "refunds", queue="short").text
    assert school.refunds(charge)[0].number in page
    assert "备款后系统会" in page


def test_more_than_people_can_read_is_not_counted_out(school, clerk):
    with db.unit_of_work() as session:
        session.connection().exec_driver_sql(
            "INSERT INTO payments_disputes (source, external_id, kind, order_number, evidence, created_at) "
            "SELECT 'wxpay', n::text, 'not_paid', 'A26111600001', '{}', now() FROM generate_series(1, 1001) n"
        )
    page = get(clerk, "disputes").text
    assert '<b class="num">999+</b>' in page
    assert "1001" not in page and "1000" not in page


def test_a_refund_is_found_by_a_number_it_had_before(school, clerk):
    charge = delivered(school)
    with db.unit_of_work() as session:
        request_refund(
            session, by=school.zhao, order_public_id=charge.public_id, fen=100, reason="宿舍已退费"
        )
        session.connection().exec_driver_sql(
            "UPDATE payments_refunds SET former_numbers = ARRAY['R2611160007','R2611160008']"
        )
    number = school.order(charge).number
    assert school.refunds(charge)[0].number in get(clerk, "refunds", queue="all", q="r2611160008").text
    assert number in get(clerk, "", q="R2611160007").text
    assert number not in get(clerk, "", q="R2611160009").text


def test_a_dispute_is_explained_and_closed(school, clerk):
    dispute()
    assert "金额不符" in get(clerk, "disputes").text
    dispute_id = int(re.search(r'data-row="(\d+)"', get(clerk, "disputes").text)[1])
    panel = get(clerk, f"disputes/{dispute_id}").text
    assert "没有入账" in panel
    assert "4200001" in panel
    assert post(clerk, f"disputes/{dispute_id}/close", note="").status_code == 422
    closed = post(clerk, f"disputes/{dispute_id}/close", note="商户后台已原路退回")
    assert "商户后台已原路退回" in closed.text
    assert "没有待处理的支付异常" in get(clerk, "disputes").text
    assert post(clerk, f"disputes/{dispute_id}/close", note="商户后台已原路退回").status_code == 404
    assert audited("payments.close_dispute") == 1


def audited(action):
    with db.unit_of_work() as session:
        return (
            session.connection()
            .exec_driver_sql("SELECT count(*) FROM audit_entries WHERE action = %s", (action,))
            .scalar()
        )


def test_balances_now_and_then(school, clerk):
    charge = delivered(school)
    before = school.payments(charge)[0].received_at.astimezone()
    assert "已到账待结算 · 学生宿舍电费" in get(clerk, "ledger").text
    assert "账是平的" in get(clerk, "ledger").text
    early = get(clerk, "ledger", at="2026-11-16T08:00").text
    assert "¥50.00" not in early
    assert before is not None
    assert get(clerk, "ledger", at="nonsense").status_code == 422


def test_a_tampered_payment_shows_on_the_ledger(school, clerk, admin_dsn):
    charge = delivered(school)
    with db.unit_of_work() as session:
        session.connection().exec_driver_sql(
            "UPDATE payments_payments SET fen = 4999 WHERE order_id = %s", (charge.order_id,)
        )
    page = get(clerk, "ledger").text
    assert "账不平" in page
    assert "收款没有入账，或入账金额不同" in page


def test_entries_of_an_account(school, clerk):
    charge = delivered(school)
    page = get(clerk, f"ledger/accounts/channel:wechat:{MCHID}").text
    assert "收款入账" in page
    assert school.order(charge).number in page
    assert get(clerk, "ledger/accounts/nothing").status_code == 404


@pytest.mark.parametrize("path", [*WORKBOOKS, f"ledger/export/channel:wechat:{MCHID}"])
def test_exports_have_the_rows_of_the_page(school, clerk, path):
    charge = delivered(school, fen=9000)
    ask(school, charge, 6000)
    dispute()
    with zipfile.ZipFile(io.BytesIO(get(clerk, path).data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row ") >= 2


def test_an_export_is_filtered_as_its_page(school, clerk):
    delivered(school)
    with zipfile.ZipFile(io.BytesIO(get(clerk, "export.xlsx", view="review").data)) as book:
        assert book.read("xl/worksheets/sheet1.xml").decode().count("<row ") == 1


def test_an_auditor_reads_everything_and_changes_nothing(school, auditor):
    charge = delivered(school, fen=9000)
    refund = ask(school, charge, 6000)
    review = in_review(school)
    dispute()
    dispute_id = int(re.search(r'data-row="(\d+)"', get(auditor, "disputes").text)[1])
    panels = (
        f"orders/{charge.public_id}",
        f"orders/{review.public_id}",
        f"refunds/{refund}",
        f"disputes/{dispute_id}",
        "fees/electricity",
    )
    for path in panels:
        panel = auditor.get(f"/desk/payments/{path}", headers={"HX-Request": "true"})
        assert panel.status_code == 200
        assert "<form" not in panel.text
        assert "data-opens" not in panel.text
    doors = (
        f"orders/{charge.public_id}/refunds",
        f"orders/{review.public_id}/decision",
        *(f"refunds/{refund}/{do}" for do in ("approve", "reject", "offline", "paid-out", "check")),
        f"disputes/{dispute_id}/close",
        "fees/new",
        "fees/electricity/edit",
        "fees/electricity/merchants",
    )
    for path in doors:
        assert post(auditor, path, note="想改一改看看", reason="想改一改看看", yuan="1").status_code == 403


def test_a_post_without_the_token_is_refused(school, clerk):
    charge = delivered(school)
    answer = clerk.post(f"/desk/payments/orders/{charge.public_id}/refunds", data={"yuan": "1"})
    assert answer.status_code == 403
    assert school.refunds(charge) == []


def test_the_rail_counts_what_waits(school, clerk):
    ask(school, delivered(school, fen=9000), 6000)
    in_review(school)
    dispute()
    rail = get(clerk, "").text.partition('id="rail"')[2].partition("</nav>")[0]
    for title in ("订单", "退款", "支付异常"):
        assert re.search(rf'{title}</span><b class="num">1</b>', rail)


def test_who_paid_learns_of_an_export_that_names_them(school, clerk):
    delivered(school)
    get(clerk, "export.xlsx", view="review")
    assert "导出订单" not in phone(school.app, school.ids.li).get("/m/privacy/looks").text
    get(clerk, "export.xlsx")
    assert "导出订单" in phone(school.app, school.ids.li).get("/m/privacy/looks").text
    assert "导出订单" not in phone(school.app, school.ids.chen).get("/m/privacy/looks").text
