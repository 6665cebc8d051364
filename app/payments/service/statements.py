"""收费部门确认: a department says yes to the figures of its month."""

from datetime import date

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.payments.errors import PeriodNotOver, StatementNotFound
from app.payments.models import Confirmation
from app.payments.queries.statements import find_statement
from app.payments.service.vouchers.periods import end_of_month
from app.platform.audit import service as audit

CONFIRM = "payments.confirm_statement"


def confirm_statement(session: Session, *, by: Caller, month: date, unit_id: int) -> None:
    """The figures as they are now are the department's. Again after a change; the audit keeps both.

    Raises PeriodNotOver, StatementNotFound (nothing was taken, or it is not the caller's department).
    """
    if end_of_month(month) >= clock.today():
        raise PeriodNotOver(period=f"{month:%Y-%m}")
    found = find_statement(session, month=month, unit_id=unit_id)
    if found is None or not by.may(CONFIRM, unit_id=unit_id):
        raise StatementNotFound()
    values = {
        "figures": found.figures,
        "confirmed_by_id": by.person_id,
        "confirmed_at": clock.now(),
    }
    session.execute(
        insert(Confirmation)
        .values(month=month, unit_id=unit_id, **values)
        .on_conflict_do_update(index_elements=["month", "unit_id"], set_=values)
    )
    audit.record(session, by=by, action=CONFIRM, object_type="org_unit", object_id=unit_id)
