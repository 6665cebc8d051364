"""A class with a counsellor and a college leader for the browser. `python -m tests.browser.leave_seed`."""

import json

from sqlalchemy.orm import Session

from app.factory import create_app
from app.kit import clock, db
from app.miniapps.leave.cli import add_common_policies
from app.miniapps.leave.definitions import DEFINITIONS
from app.platform.approvals import service as approvals
from app.platform.directory import queries as lookup
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from tests.chaos.seed import link
from tests.make import SINCE, add_member

LI, SUN, ZHENG = "2023010101", "T0004", "T0002"


def main() -> dict[str, str]:
    app = create_app()
    with db.unit_of_work() as session:
        college = directory.add_org_unit(session, by=None, code="LEAVE", name="信息学院", kind="college")
        klass = directory.add_org_unit(
            session, by=None, code="LEAVE2301", name="计算机2301班", kind="class", parent_id=college
        )
        directory.add_affiliation(
            session,
            by=None,
            person_id=_person(session, LI),
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
        approvals.publish_shipped(session, DEFINITIONS)
        add_common_policies(session, starts_on=clock.today() - clock.timedelta(days=1))
        for number, person in ((SUN, sun), (ZHENG, zheng)):
            link(session, app.config["WECHAT_APPID"], number, person)
    return {"counsellor": SUN, "leader": ZHENG}


def _person(session: Session, number: str) -> int:
    found = lookup.find_person_by_number(session, number)
    assert found is not None
    return found.id


if __name__ == "__main__":
    print(json.dumps(main()))  # noqa: T201 - the answer of this process
