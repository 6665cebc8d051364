"""李's leave, which waits for a counsellor elsewhere, and what his class is asked."""

from decimal import Decimal
from typing import Any

from app.kit import clock, db
from app.kit.caller import Caller, Grant
from app.miniapps.leave import service as leave
from app.miniapps.leave.definitions import DEFINITIONS
from app.miniapps.leave.models import CampaignKind, LeaveKind
from app.miniapps.leave.service import Asked, Plan, Rules, Wanted
from app.platform.approvals import service as approvals
from app.platform.approvals.models import Case
from app.platform.directory import service as directory
from tests.make import SINCE, CampusOfTests


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
        found = {
            "leave_id": request.public_id,
            "case_id": case.public_id,
            "place_id": ids.building_3,
            "deputy_id": deputy,
        }
    return found | share_campaign(ids) | share_batch(ids)


def share_campaign(ids: CampusOfTests) -> dict[str, Any]:
    """The class of 李 is to say where it goes."""
    everywhere = Caller(ids.zheng, grants=(Grant("leave.campaign"),))
    today = clock.today()
    with db.unit_of_work() as session:
        klass = directory.add_org_unit(session, by=None, code="LV2301", name="软件2301", kind="class")
        directory.add_affiliation(
            session, by=None, person_id=ids.li, kind="student", org_unit_id=klass, starts_on=SINCE
        )
        plan = Plan(
            CampaignKind.TRIP,
            "元旦去向登记",
            today,
            today + clock.timedelta(days=3),
            clock.now() + clock.timedelta(days=1),
            unit_ids=(klass,),
        )
        return {"campaign_id": leave.open_campaign(session, by=everywhere, plan=plan).public_id}


def share_batch(ids: CampusOfTests) -> dict[str, Any]:
    """李 is on a list of public leave."""
    by = Caller(ids.zheng, grants=(Grant("leave.public"),))
    starts_at = clock.now() + clock.timedelta(days=5)
    wanted = Wanted(
        ("2023010101",), "运动会", starts_at, starts_at + clock.timedelta(days=1), leaves_dorm=True
    )
    with db.unit_of_work() as session:
        digest = leave.check_batch(session, by=by, wanted=wanted).digest
        return {"batch_id": leave.make_batch(session, by=by, wanted=wanted, digest=digest).public_id}
