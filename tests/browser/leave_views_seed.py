"""A college of long names with campaigns, lists and a lobby screen. `python -m tests.browser.leave_views_seed`."""

import json
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.factory import create_app
from app.kit import clock, db
from app.kit.caller import Caller, Grant
from app.miniapps.leave import service as leave
from app.miniapps.leave.cli import add_common_policies
from app.miniapps.leave.definitions import DEFINITIONS
from app.miniapps.leave.models import CampaignKind, GateLog, LeaveKind, StayReason, Whereto
from app.miniapps.leave.service import Asked, Given, Plan, Wanted
from app.platform.approvals import service as approvals
from app.platform.directory import service as directory
from app.platform.identity import service as identity
from tests.make import SINCE, add_member

LONG = "阿依古丽·买买提艾力·阿卜杜热合曼"
NAMES = ("赵一凡", LONG, "钱多多", "欧阳若曦", "James Okoro-Richardson", "李清", "周正", "吴彤")
PIN = "271828"
PER_CLASS = 20


def main() -> dict[str, Any]:
    app = create_app()
    with db.unit_of_work() as session:
        approvals.publish_shipped(session, DEFINITIONS)
        add_common_policies(session, starts_on=clock.today() - timedelta(days=1))
        college, classes, dorm = _places(session)
        office = add_member(session, "秦学工", "LVT001", "staff", None)
        directory.appoint(
            session,
            by=None,
            person_id=office,
            org_unit_id=college,
            post="counsellor",
            starts_on=SINCE,
        )
        nobody = add_member(session, "冷清", "LVT002", "staff", college)
        identity.grant_role(session, by=None, person_id=office, role="leave.office", scope_kind="all")
        identity.grant_role(
            session, by=None, person_id=office, role="leave.teaching_office", scope_kind="all"
        )
        empty = directory.add_org_unit(session, by=None, code="LVEMPTY", name="空空学院", kind="college")
        identity.grant_role(
            session, by=None, person_id=nobody, role="leave.college_leader", scope_kind="unit", scope_id=empty
        )
        students = [_student(session, at, classes, dorm) for at in range(PER_CLASS * len(classes))]
    by = Caller(office, grants=tuple(Grant(f"leave.{key}") for key in ("campaign", "public", "dorm")))
    trip, stay = (_campaign(by, kind, college) for kind in CampaignKind)
    leaves = _leaves(by, students)
    _gates(office)
    with db.unit_of_work() as session:
        screen = leave.set_pin(session, by=by, building_id=dorm["id"], pin=PIN).public_id
        leave.give_guardian(session, by=Caller(students[1]), relation="mother", phone="10000000093")
        for at, person in enumerate(students[3:]):
            if at % 3:
                leave.answer(session, by=Caller(person), campaign_id=trip, given=_trip(at))
                leave.answer(session, by=Caller(person), campaign_id=stay, given=_stay(at))
        sessions = {
            "student": _signed_in(session, students[1], "phone"),
            "answered": _signed_in(session, students[4], "phone"),
            "office": _signed_in(session, office, "desk"),
            "nobody": _signed_in(session, nobody, "desk"),
        }
    suffix = app.config["COOKIE_SUFFIX"]
    return {
        "trip": trip,
        "stay": stay,
        "screen": screen,
        "pin": PIN,
        "class": classes[0],
        "college": college,
        "suffix": suffix,
        "sessions": sessions,
        **leaves,
    }


def _gates(office: int) -> None:
    """Two of ours; a third of the gates' own stands in their log. The list waits for an answer."""
    by = Caller(office, grants=(Grant("leave.office"),))
    with db.unit_of_work() as session:
        for name, code, is_door in (
            ("东门", "G1", False),
            ("南校区研究生公寓三号楼北侧的宿舍门", "D-03-北", True),
        ):
            gate = leave.add_gate(session, by=by, name=name)
            leave.change_gate(session, by=by, gate_id=gate.public_id, code=code, is_door=is_door)
        leave.refresh_list(session)
        leave.begin_log(session, series="1", after=0)
        session.get_one(GateLog, 1).unknown_codes = ["G9", "西门二号闸机"]


def _places(session: Session) -> tuple[int, list[int], dict[str, Any]]:
    college = directory.add_org_unit(
        session, by=None, code="LVXX", name="信息与通信工程及人工智能未来技术学院", kind="college"
    )
    classes = [
        directory.add_org_unit(
            session,
            by=None,
            code=f"LV260{at}",
            name=f"计算机科学与技术（卓越工程师实验班）260{at}",
            kind="class",
            parent_id=college,
        )
        for at in range(3)
    ]
    campus = directory.add_campus(session, by=None, code="LVC", name="西校区")
    building = directory.add_building(
        session, by=None, campus_id=campus, code="LVD", name="西区研究生公寓12号楼", kind="dorm"
    )
    return college, classes, {"id": building, "rooms": {}}


def _student(session: Session, at: int, classes: list[int], dorm: dict[str, Any]) -> int:
    number = f"LV2026{at:04}"
    person = add_member(session, NAMES[at % len(NAMES)], number, "student", classes[at // PER_CLASS])
    name = f"{1 + at // 12}{1 + at // 4 % 3:02}"
    if name not in dorm["rooms"]:
        dorm["rooms"][name] = directory.add_room(
            session, by=None, building_id=dorm["id"], floor=1 + at // 12, number=name
        )
    bed = directory.add_bed(session, by=None, room_id=dorm["rooms"][name], code=str(1 + at % 4))
    directory.assign_bed(session, by=None, person_id=person, bed_id=bed, starts_on=SINCE)
    return person


def _campaign(by: Caller, kind: CampaignKind, college: int) -> str:
    first = clock.today() + timedelta(days=3 if kind == CampaignKind.TRIP else 60)
    plan = Plan(
        kind,
        "元旦小长假期间离校去向与返校时间登记" if kind == CampaignKind.TRIP else "寒假留校登记",
        first,
        first + timedelta(days=5),
        clock.now() + timedelta(days=2),
        unit_ids=(college,),
        note="请如实填写，注意路上安全。",
    )
    with db.unit_of_work() as session:
        return leave.open_campaign(session, by=by, plan=plan).public_id


def _trip(at: int) -> Given:
    starts = clock.now() + timedelta(days=3)
    back = starts + timedelta(days=4)
    choices = (
        Given(Whereto.HOME, "克孜勒苏柯尔克孜自治州阿图什市", starts, back),
        Given(Whereto.STAY),
        Given(Whereto.AWAY, "广州", starts, back),
    )
    return choices[at % 3]


def _stay(at: int) -> Given:
    if at % 2:
        return Given(Whereto.STAY, stay_reason=StayReason.STUDY)
    starts = clock.now() + timedelta(days=60)
    return Given(Whereto.HOME, "", starts, starts + timedelta(days=4))


def _leaves(by: Caller, students: list[int]) -> dict[str, str]:
    """One of a list, one that is out, one late, one that waits; a list that was taken back."""
    now = clock.now()
    made: dict[str, str] = {}
    for at, person in enumerate(students[10:40]):
        asked = Asked(
            (LeaveKind.CASUAL, LeaveKind.SICK, LeaveKind.INTERNSHIP)[at % 3],
            now + timedelta(hours=at - 5 if at % 2 else 30),
            now + timedelta(hours=72 + at),
            "家里有事，要回去几天",
            "广州",
            leaves_dorm=True,
            leaves_campus=True,
            is_emergency=True,
            has_consent=True,
        )
        with db.unit_of_work() as session:
            found = leave.submit(session, by=Caller(person), person_id=person, asked=asked)
            made["leave"] = found.public_id
            if at % 4:
                leave.decide(session, public_id=found.public_id, status="approved")
            if at % 4 > 1:
                leave.mark_out(session, by=None, request_id=found.id, source="dorm")
    for key, numbers in (("batch", range(40, 60)), ("revoked", range(3, 6))):
        wanted = Wanted(
            [f"LV2026{at:04}" for at in numbers],
            "第二十届全国大学生智能汽车竞赛总决赛志愿服务",
            now + timedelta(days=8),
            now + timedelta(days=10),
            misses_class=True,
            leaves_dorm=True,
        )
        with db.unit_of_work() as session:
            digest = leave.check_batch(session, by=by, wanted=wanted).digest
            made[key] = leave.make_batch(session, by=by, wanted=wanted, digest=digest).public_id
    with db.unit_of_work() as session:
        leave.revoke_batch(session, by=by, batch_id=made["revoked"], reason="赛事推迟到明年春天举行")
    return made


def _signed_in(session: Session, person: int, surface: str) -> dict[str, str]:
    new = identity.open_session(session, person_id=person, surface=surface, is_proved=True)
    return {"name": f"wl_{surface[0] if surface == 'desk' else 'm'}", "token": new.token}


if __name__ == "__main__":
    print(json.dumps(main()))  # noqa: T201 - the answer of this process
