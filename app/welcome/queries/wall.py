"""报到率, live: by college, major, province and hour, from one grouped statement."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, literal_column, select, text
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.platform.directory import queries as directory
from app.welcome.models import Admission
from app.welcome.queries.admissions import within

READ = "welcome.read"
AWAITED = ("admitted", "excused", "registered")
# Written out: what is grouped by and what is selected must be the same text.
PROVINCE, HOUR = '"left"(region, 2)', "date_trunc('hour', registered_at)"
# fmt: off
PROVINCES = {
    "11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古", "21": "辽宁", "22": "吉林",
    "23": "黑龙江", "31": "上海", "32": "江苏", "33": "浙江", "34": "安徽", "35": "福建", "36": "江西",
    "37": "山东", "41": "河南", "42": "湖北", "43": "湖南", "44": "广东", "45": "广西", "46": "海南",
    "50": "重庆", "51": "四川", "52": "贵州", "53": "云南", "54": "西藏", "61": "陕西", "62": "甘肃",
    "63": "青海", "64": "宁夏", "65": "新疆", "71": "台湾", "81": "香港", "82": "澳门",
}
# fmt: on


@dataclass(frozen=True)
class Share:
    """How many came of those awaited. `rate` in percent, 0 when nobody is awaited."""

    name: str
    awaited: int
    registered: int

    @property
    def rate(self) -> float:
        return round(100 * self.registered / self.awaited, 1) if self.awaited else 0.0


@dataclass(frozen=True)
class Wall:
    total: Share
    excused: int
    colleges: list[Share]
    majors: list[Share]
    provinces: list[Share]
    hours: list[tuple[datetime, int]]


def wall(session: Session, *, by: Caller, season_id: int) -> Wall:
    """All of it in one pass over one index (grouping sets); who sees one college sees its numbers alone."""
    rows: Any = session.execute(
        select(
            literal_column(f"GROUPING(college_id, major, {PROVINCE}, {HOUR})").label("kind"),
            Admission.college_id,
            Admission.major,
            literal_column(PROVINCE).label("province"),
            literal_column(HOUR).label("hour"),
            func.count().label("awaited"),
            func.count(case((Admission.status == "registered", 1))).label("registered"),
            func.count(case((Admission.status == "excused", 1))).label("excused"),
        )
        .where(
            Admission.season_id == season_id,
            Admission.status.in_(AWAITED),
            within(by.scope(READ)),
        )
        .group_by(text(f"GROUPING SETS ((), (college_id), (major), ({PROVINCE}), ({HOUR}))"))
    ).all()
    return _wall(session, rows)


def _wall(session: Session, rows: Any) -> Wall:
    of = {kind: [row for row in rows if row.kind == kind] for kind in (15, 7, 11, 13, 14)}
    total = of[15][0]
    colleges = directory.org_units(session, [row.college_id for row in of[7]])
    return Wall(
        total=Share("", total.awaited, total.registered),
        excused=total.excused,
        colleges=_shares((colleges[row.college_id].name, row) for row in of[7]),
        majors=_shares((row.major, row) for row in of[11]),
        provinces=_shares((PROVINCES.get(row.province or "", "其他"), row) for row in of[13]),
        hours=_today(of[14]),
    )


def _shares(pairs: Any) -> list[Share]:
    """Groups of one name together, the largest first."""
    sums: dict[str, list[int]] = {}
    for name, row in pairs:
        sums.setdefault(name, [0, 0])
        sums[name][0] += row.awaited
        sums[name][1] += row.registered
    made = [Share(name, awaited, registered) for name, (awaited, registered) in sums.items()]
    return sorted(made, key=lambda share: (-share.awaited, share.name))


def _today(rows: Any) -> list[tuple[datetime, int]]:
    """Hours of today from the first arrival to now, none left out."""
    start = clock.start_of_day(clock.today())
    counts = {row.hour: row.registered for row in rows if row.hour is not None and row.hour >= start}
    if not counts:
        return []
    first = int((min(counts) - start).total_seconds() // 3600)
    last = int((max(*counts, clock.now()) - start).total_seconds() // 3600)
    hours = [start + timedelta(hours=at) for at in range(first, last + 1)]
    return [(hour, counts.get(hour, 0)) for hour in hours]
