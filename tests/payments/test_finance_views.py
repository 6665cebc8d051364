"""The pages of vouchers, receipts, claims and departments in a browser: wide and narrow, light and dark.

With SCREENSHOTS each view is kept as a picture.
"""

from datetime import date

import pytest
from sqlalchemy import text, update

from app.kit import clock, db
from app.payments.models import FeeItem
from app.payments.service import vouchers as making
from tests.payments.closed_days import close_days
from tests.payments.test_desk_finance import number_of
from tests.payments.test_desk_views import LONG, SIZES, look_over
from tests.payments.test_receipts import counter  # noqa: F401
from tests.payments.test_statements import add_bank_line, agree, claim
from tests.payments.vouchers.conftest import load_sample
from tests.vendors import _vendor_server, vendors  # noqa: F401

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
VIEWS = {
    "vouchers": "vouchers?period=2026-11",
    "vouchers-day": "vouchers?period=2026-11-16",
    "voucher": "vouchers?voucher={voucher}",
    "voucher-alone": "vouchers/{voucher}",
    "rules": "vouchers/rules",
    "receipts": "receipts",
    "receipt": "receipts?view=all&receipt={receipt}",
    "claims": "claims",
    "statements": "statements?month=2026-11",
    "fee-form": "fees/electricity/edit",
    "empty": "vouchers?period=2025-01",
}


@pytest.fixture
def told(counter) -> dict[str, str]:  # noqa: F811
    """A voucher that was refused and one in a file, a receipt whose reversal was refused, claims, a month."""
    one = counter()
    load_sample()
    with db.unit_of_work() as session:
        session.execute(update(FeeItem).values(unit_id=one.school.ids.unit, title=LONG))
    receipt = one.ask("示例大学后勤保障与公寓管理服务中心（东校区）")
    one.work()
    one.vendors.post("/_sim/receipts/book", {"number": one.rows("receipts")[0].number})
    one.refund(1000)
    one.work(5)
    agree(one.school, claim(one.school, add_bank_line()))
    claim(one.school, add_bank_line(fen=1_234_567, reference="B2", day=15))
    add_bank_line(fen=98_765_432, reference="B3", day=14)
    one.school.pass_time(days=20)
    close_days(one.school.ids, last=date(2026, 11, 16))
    _finance(one.school)
    return {"voucher": number_of(one.school), "receipt": receipt}


def _finance(school) -> None:
    with db.unit_of_work() as session:
        day = making.Period.of("2026-11-16")
        making.export_period(session, by=school.zhao, period=day, format_key="yonyou")
        session.execute(
            text(
                "UPDATE payments_vouchers SET status = 'refused', refusal = '会计期间已结账，请调整制单日期后重新提交', "
                "sent_at = :now WHERE id = (SELECT min(id) FROM payments_vouchers)"
            ),
            {"now": clock.now()},
        )


def test_every_view_wide_and_narrow_in_light_and_dark(school, told, app, chromium):
    views = {name: path.format(**told) for name, path in VIEWS.items()}
    look_over(school, chromium, app, views, sizes=SIZES, prefix="finance-")
