"""李's leave, which waits for a counsellor elsewhere."""

from decimal import Decimal
from typing import Any

from app.kit import clock, db
from app.kit.caller import Caller
from app.miniapps.leave import service as leave
from app.miniapps.leave.definitions import DEFINITIONS
from app.miniapps.leave.models import LeaveKind
from app.miniapps.leave.service import Asked, Rules
from app.platform.approvals import service as approvals
from app.platform.approvals.models import Case
from tests.make import CampusOfTests


def share(ids: CampusOfTests) -> dict[str, Any]:
    """A request and its case; the dorm as the place of a roll call."""
    starts_at = clock.now() + clock.timedelta(days=1)
    asked = Asked(
        LeaveKind.CASUAL, starts_at, starts_at + clock.timedelta(days=1), "回家有事", leaves_dorm=True
    )
    with db.unit_of_work() as session:
        approvals.publish_shipped(session, DEFINITIONS)
        leave.add_policy(
            session, by=None, rules=Rules("一般", Decimal(0), Decimal(30)), starts_on=clock.today()
        )
    with db.unit_of_work() as session:
        request = leave.submit(session, by=Caller(ids.li), person_id=ids.li, asked=asked)
        case = session.get_one(Case, request.case_id)
        deputy = approvals.set_deputy(
            session,
            by=Caller(ids.li),
            deputy_id=ids.zhao,
            starts_at=clock.now(),
            ends_at=starts_at,
            reason="出差",
        )
        return {
            "leave_id": request.public_id,
            "case_id": case.public_id,
            "place_id": ids.building_3,
            "deputy_id": deputy,
        }
