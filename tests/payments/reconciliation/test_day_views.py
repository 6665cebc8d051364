"""The pages of reconciliation in a browser: many differences and none, long names, wide and narrow, light and dark.

With SCREENSHOTS each view is kept as a picture.
"""

from types import SimpleNamespace

import pytest
from sqlalchemy import text

from app.kit import db
from app.kit.module import Module, Registry
from app.payments.flows import reconciling
from tests.payments.reconciliation.world import places
from tests.payments.test_desk_views import LONG, SIZES, look_over

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
VIEWS = {
    "days": "days",
    "days-earlier": "days?until=2025-01-31",
    "day": "days/{day}",
    "day-new": "days/2025-01-31",
    "differences": "differences?view=all",
    "differences-empty": "differences?view=proposed",
    "difference": "differences?view=all&difference={number}",
    "difference-alone": "differences/{number}",
    "evidence": "evidence/{order}",
    "sample": "evidence?first={day}&last={day}&size=25&seed=7",
    "sample-empty": "evidence",
    "month": "months/{month}",
    "month-empty": "months/2025-01",
}


@pytest.fixture
def house(app, campus, served) -> SimpleNamespace:
    """As much of a school as signing in needs."""
    return SimpleNamespace(app=app, ids=campus, base=served)


@pytest.fixture
def told(house, books):
    """Three hundred orders with eighty things wrong, of every kind; a name that is long."""
    reconciling.configure(Registry((Module("testing", "试", deliveries=places),)))
    world = books.planted(3, orders=300, wrong=80)
    books.run(world.day)
    for table in ("accounts", "entries"):
        books.ask(f"SELECT nextval('payments_ledger_{table}_id_seq') FROM generate_series(1, 5000)")
    with db.unit_of_work() as session:
        session.execute(text("UPDATE payments_orders SET title = :title"), {"title": LONG})
        number, order = session.execute(
            text(
                "SELECT d.number, o.public_id FROM payments_differences d JOIN payments_orders o ON o.id = d.order_id "
                "WHERE d.line_id IS NOT NULL AND d.kind = 'amount' ORDER BY d.id LIMIT 1"
            )
        ).one()
    yield {"day": f"{world.day}", "month": f"{world.day:%Y-%m}", "number": number, "order": order}
    reconciling.configure(house.app.extensions["registry"])


def test_every_view_wide_and_narrow_in_light_and_dark(house, told, app, chromium):
    views = {name: path.format(**told) for name, path in VIEWS.items()}
    look_over(house, chromium, app, views, sizes=SIZES, prefix="rec-")
