"""Welcome of the demo: a season that is on, freshmen with beds, buses from the station, some here already.

周小满 of the cast has not claimed yet: what she needs for it stands in the demo's greeting.
"""

import random
from datetime import timedelta

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller, Grant
from app.platform.directory import queries as directory
from app.platform.directory import service as places
from app.platform.identity import service as identity
from app.welcome import service
from app.welcome.models import Admission
from app.welcome.service import Admitted, arrivals, check_in, items, slots
from app.welcome.service.arrivals import Way
from app.welcome.service.check_in import Doing
from app.welcome.service.items import ItemTerms
from dev.seed.setup import ADMINISTRATOR, Say, person_id
from dev.seed.welcome_pages import prepare_pages

ZHOU = {
    "name": "周小满",
    "number": "26440100000001",
    "document": "440100200801010021",
    "letter": "TZ20260001",
}
FRESHMEN, HERE_ALREADY, CLERK, COUNSELLOR = 60, 12, "T0001", "T0004"
FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
GIVEN = ("一诺", "浩然", "子涵", "梓萱", "雨泽", "思齐", "嘉言", "若溪", "景行", "书瑶", "明远", "清越")
KINDS = {"必办": "must", "查询": "look_up", "选办": "optional"}
REGIONS = ("440100", "440300", "430100", "420100", "110100", "510100", "610100", "650100")
FREE_BEDS = """SELECT b.id FROM directory_beds b JOIN directory_rooms r ON r.id = b.room_id
JOIN directory_buildings h ON h.id = r.building_id AND h.is_dorm
WHERE NOT EXISTS (SELECT FROM directory_bed_occupancies o WHERE o.bed_id = b.id AND o.ends_on IS NULL)
ORDER BY h.code, r.number, b.code LIMIT :most"""
ITEMS = (
    ("dorm", "看宿舍和室友", "Look at dorm and roommates", "查询", "manual", "/m/welcome/dorm/"),
    ("arrival", "登记到站时间", "Say when you arrive", "必办", "arrival_planned", "/m/welcome/arrival/"),
    ("quiz", "安全知识测试", "Safety quiz", "必办", "quiz_passed", "/m/welcome/quiz/"),
    ("fraud", "看防骗提醒", "Read about fraud", "必办", "read:fraud", "/m/welcome/guides/fraud"),
    ("companions", "找同路的人", "Find companions", "选办", "manual", "/m/welcome/companions/"),
)


def prepare_welcome(say: Say) -> None:
    """After the campus. By the use-cases, but for the claims of those who have no phone in the demo."""
    with db.unit_of_work() as session:
        season_id = _open_season(session)
        admitted = [_admit(session, season_id, number) for number in range(FRESHMEN)]
        zhou = service.admit(session, by=None, season_id=season_id, admitted=_zhou(session))
        _give_beds(session, [zhou, *sorted(admitted, key=lambda one: _gender(session, one))])
        _grant(session)
        bookable = _stations(session, season_id)
        for position, (key, *words) in enumerate(ITEMS):
            _add_item(session, season_id, key, position, words)
    with db.unit_of_work() as session:
        _claim(session, admitted[:45])
        _book(session, admitted[:45], bookable)
        _register(session, admitted[:HERE_ALREADY])
        editor = person_id(session, ADMINISTRATOR)
        prepare_pages(session, season_id=season_id, editor=editor, claimed=admitted[HERE_ALREADY:45])
    say(f"{FRESHMEN + 1} freshmen, {len(bookable)} buses")


def _open_season(session: Session) -> int:
    today = clock.today()
    return service.open_season(
        session,
        by=None,
        code=str(today.year),
        name=f"{today.year} 年迎新",
        name_en=f"Welcome {today.year}",
        opens_on=today - timedelta(days=20),
        dorms_on=today - timedelta(days=10),
        arrives_on=today,
        arrival_ends_on=today + timedelta(days=5),
        closes_on=today + timedelta(days=90),
    )


def _admit(session: Session, season_id: int, number: int) -> str:
    dice = random.Random(number)  # noqa: S311 - the same freshmen everywhere
    colleges = directory.org_units_of_kind(session, "college")[:3]
    is_male = number % 3 == 0
    admitted = Admitted(
        profile="undergraduate",
        name=FAMILY[number % len(FAMILY)] + GIVEN[number % len(GIVEN)],
        number=f"2644{number + 100:010d}",
        document=f"sample-{number}",
        letter=f"TZ{number + 100:08d}",
        gender="male" if is_male else "female",
        college_id=dice.choice(colleges).id,
        major=dice.choice(("软件工程", "英语", "土木工程", "会计学")),
        level="本科",
        region=dice.choice(REGIONS),
    )
    return service.admit(session, by=None, season_id=season_id, admitted=admitted)


def _zhou(session: Session) -> Admitted:
    college = directory.org_units_of_kind(session, "college")[0]
    return Admitted(
        profile="undergraduate",
        gender="female",
        college_id=college.id,
        major="软件工程",
        level="本科",
        region="440100",
        **ZHOU,
    )


def _give_beds(session: Session, admissions: list[str]) -> None:
    beds = session.scalars(text(FREE_BEDS), {"most": len(admissions)}).all()
    for public_id, bed_id in zip(admissions, beds, strict=False):
        places.assign_bed(session, by=None, person_id=_person(session, public_id), bed_id=bed_id)


def _gender(session: Session, public_id: str) -> str:
    """So that a room is of one, but where the two meet."""
    return directory.person(session, _person(session, public_id)).gender or ""


def _person(session: Session, public_id: str) -> int:
    return int(session.query(Admission.person_id).filter_by(public_id=public_id).scalar())


def _grant(session: Session) -> None:
    college = directory.org_units_of_kind(session, "college")[0]
    for number, role in ((ADMINISTRATOR, "welcome.administrator"), (CLERK, "welcome.desk")):
        identity.grant_role(session, by=None, person_id=person_id(session, number), role=role)
    identity.grant_role(
        session,
        by=None,
        person_id=person_id(session, COUNSELLOR),
        role="welcome.counsellor",
        scope_kind="unit",
        scope_id=college.id,
    )


def _stations(session: Session, season_id: int) -> list[str]:
    """Two stations, buses on the hour of three days."""
    south = slots.add_station(
        session, by=None, name="火车南站", name_en="South Station", kind="rail", address="出站口 B"
    )
    airport = slots.add_station(
        session, by=None, name="机场", name_en="Airport", kind="air", address="到达层 6 号门"
    )
    made = []
    for day in range(1, 4):
        for hour in (9, 11, 14, 16):
            starts = clock.start_of_day(clock.today() + timedelta(days=day)) + timedelta(hours=hour)
            for station in (south, airport):
                made.append(
                    slots.add_slot(
                        session,
                        by=None,
                        season_id=season_id,
                        station_id=station,
                        starts_at=starts,
                        ends_at=starts + timedelta(hours=1),
                        capacity=45,
                    )
                )
    return made


def _add_item(session: Session, season_id: int, key: str, position: int, words: list[str]) -> None:
    title, title_en, kind, evidence, url = words
    terms = ItemTerms(
        title=title,
        title_en=title_en,
        kind=KINDS[kind],
        opens_on=clock.today() - timedelta(days=10),
        closes_on=clock.today() + timedelta(days=5),
        evidence=evidence,
        url=url,
        position=10 * position,
    )
    items.save_item(session, by=None, season_id=season_id, key=key, terms=terms)


def _claim(session: Session, admissions: list[str]) -> None:
    session.execute(
        update(Admission).where(Admission.public_id.in_(admissions)).values(claimed_at=clock.now())
    )


def _book(session: Session, admissions: list[str], bookable: list[str]) -> None:
    dice = random.Random(7)  # noqa: S311 - the same bookings everywhere
    for number, public_id in enumerate(admissions[HERE_ALREADY:]):
        way = Way(dice.choice(bookable), companions=number % 3, luggage=1 + number % 4)
        arrivals.plan_arrival(session, by=Caller(_person(session, public_id)), way=way)


def _register(session: Session, admissions: list[str]) -> None:
    clerk = Caller(person_id(session, CLERK), (Grant("welcome.check_in"),), surface="desk")
    for public_id in admissions:
        for step in ("papers", "register"):
            check_in.mark_step(session, by=clerk, doing=Doing(public_id, step))
