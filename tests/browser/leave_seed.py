"""A class with a counsellor, a college leader and a gate for the browser. `python -m tests.browser.leave_seed`.

`code PASS`: what the QR code of a leave says now. `away`: 陈 has gone, and is to be back in an hour.
"""

import json
import sys

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.factory import create_app
from app.kit import clock, db
from app.kit.caller import Caller, Grant
from app.miniapps.leave import passes
from app.miniapps.leave.cli import add_common_policies
from app.miniapps.leave.definitions import DEFINITIONS
from app.miniapps.leave.models import LeaveKind, LeaveRequest
from app.miniapps.leave.service import Asked, add_gate, decide, mark_out, submit
from app.platform.approvals import service as approvals
from app.platform.directory import queries as lookup
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from app.platform.identity.queries import openid_of
from tests.chaos.seed import link
from tests.make import SINCE, add_member

LI, CHEN, SUN, ZHENG, ZHAO = "2023010101", "2023010102", "T0004", "T0002", "T0001"


def main() -> dict[str, str]:
    app = create_app()
    with db.unit_of_work() as session:
        college = directory.add_org_unit(session, by=None, code="LEAVE", name="信息学院", kind="college")
        klass = directory.add_org_unit(
            session, by=None, code="LEAVE2301", name="计算机2301班", kind="class", parent_id=college
        )
        for number in (LI, CHEN):
            directory.add_affiliation(
                session,
                by=None,
                person_id=_person(session, number),
                kind="student",
                org_unit_id=klass,
                starts_on=SINCE,
            )
        known = lookup.find_person_by_number(session, SUN)  # the story of finance has him, too
        sun = known.id if known else add_member(session, "孙立", SUN, "staff", college)
        directory.appoint(
            session, by=None, person_id=sun, org_unit_id=klass, post="counsellor", starts_on=SINCE
        )
        zheng = _person(session, ZHENG)
        for person, role in ((sun, "leave.counsellor"), (zheng, "leave.college_leader")):
            identity.grant_role(
                session, by=None, person_id=person, role=role, scope_kind="unit", scope_id=college
            )
        identity.grant_role(
            session, by=None, person_id=_person(session, ZHAO), role="leave.guard", scope_kind="all"
        )
        gate = add_gate(session, by=Caller(zheng, grants=(Grant("leave.office"),)), name="东门").public_id
        approvals.publish_shipped(session, DEFINITIONS)
        add_common_policies(session, starts_on=clock.today() - clock.timedelta(days=1))
        for number, person in ((SUN, sun), (ZHENG, zheng)):
            link(session, app.config["WECHAT_APPID"], number, person)
    return {"counsellor": SUN, "leader": ZHENG, "gate": gate, "now": clock.local(clock.now()).isoformat()}


def code(public_id: str) -> dict[str, str]:
    create_app()
    with db.unit_of_work() as session:
        leave = session.scalars(select(LeaveRequest).where(LeaveRequest.public_id == public_id)).one()
        return {"text": passes.text_at(leave.pass_id, clock.now())}


def away() -> dict[str, str]:
    app = create_app()
    now = clock.now()
    with db.unit_of_work() as session:
        chen = _person(session, CHEN)
        if openid_of(session, chen) is None:  # the story of binding has bound him, if it ran before
            link(session, app.config["WECHAT_APPID"], CHEN, chen)
        asked = Asked(
            LeaveKind.CASUAL,
            now,
            now + clock.timedelta(hours=1),
            "去医院复查",
            leaves_campus=True,
            leaves_dorm=True,
        )
        leave = submit(session, by=Caller(chen), person_id=chen, asked=asked)
        decide(session, public_id=leave.public_id, status="approved")
        mark_out(session, by=None, request_id=leave.id, source="gate")
        return {"leave": leave.public_id}


def _person(session: Session, number: str) -> int:
    found = lookup.find_person_by_number(session, number)
    assert found is not None
    return found.id


if __name__ == "__main__":
    step, *words = sys.argv[1:] or ["main"]
    print(json.dumps({"main": main, "code": code, "away": away}[step](*words)))  # noqa: T201 - the answer of this process
