"""证据链 and samples: every step of an order in one place, and who looked is known."""

import pytest
from sqlalchemy import select

from app.kit import db
from app.platform.audit.models import AuditEntry
from app.platform.identity import service as identity
from tests.visit import desk


@pytest.fixture
def auditor(school):
    with db.unit_of_work() as session:
        identity.grant_role(session, by=None, person_id=school.ids.he, role="payments.auditor")
    return desk(school.app, school.ids.he)


def opened():
    """Which accesses of whom the audit has."""
    with db.unit_of_work() as session:
        rows = session.execute(select(AuditEntry.action, AuditEntry.actor_person_id).order_by(AuditEntry.id))
        return [
            tuple(row) for row in rows if row.action in ("payments.open_evidence", "payments.draw_sample")
        ]


def test_it_works(school, auditor):
    charge = school.paid()
    school.deliver()
    page = auditor.get(f"/desk/payments/evidence/{charge.public_id}")
    assert page.status_code == 200
    for word in (
        "已到账",
        "收款入账",
        "确认到账",
        "通知原文",
        school.payments(charge)[0].transaction_id,
        "V1",
    ):
        assert word in page.text, word
    assert opened() == [("payments.open_evidence", school.ids.he)]


def test_the_notice_is_there_word_for_word(school, auditor):
    charge = school.paid()
    page = auditor.get(f"/desk/payments/evidence/{charge.public_id}").text
    assert "Wechatpay-Signature" in page
    assert "ciphertext" in page


def test_the_same_seed_draws_the_same_orders(school, auditor):
    for room in range(6):
        school.paid(f"room-{room}")

    def draw(seed):
        page = auditor.get("/desk/payments/evidence", query_string={"seed": seed, "size": "3"}).text
        return [part.split('"')[0] for part in page.split("/desk/payments/evidence/")[1:]]

    assert len(draw("a1")) == 3
    assert draw("a1") == draw("a1")
    assert any(draw(seed) != draw("a1") for seed in ("b2", "c3", "d4"))


def test_a_sample_without_orders_says_so(school, auditor):
    page = auditor.get(
        "/desk/payments/evidence", query_string={"seed": "x", "first": "2020-01-01", "last": "2020-02-01"}
    )
    assert "没有付过款的订单" in page.text
    assert opened() == []


def test_an_unknown_order_is_not_found(school, auditor):
    assert auditor.get("/desk/payments/evidence/ord_nothing").status_code == 404
