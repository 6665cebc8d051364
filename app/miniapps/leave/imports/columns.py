"""The sheets of lessons and exams, and how their cells are read. Pure."""

import re
import unicodedata
from datetime import datetime, time, timedelta

from app.kit import cells
from app.kit.cells import BadCell, Cell, plain
from app.kit.i18n import N_
from app.kit.id_numbers import person_number
from app.kit.workbook import Column, Sheet

LAST_WEEK = 60
DAYS = "一二三四五六日"
ENGLISH = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
CLOCK = re.compile(r"(\d{1,2})[:：](\d{2})(?::\d{2})?")
SPAN = re.compile(r"(\d{1,2})(?:[-–—~～至](\d{1,2}))?周?[(（]?([单双])?周?[)）]?")


def weekday(cell: Cell) -> int | None:
    """1 Monday … 7, of 1, 一, 周一, 星期一, 礼拜天, Mon."""
    value = plain(cell).upper()
    if not value:
        return None
    short = re.sub(r"^(周|星期|礼拜)", "", value).replace("天", "日")
    if len(short) == 1 and short in DAYS:
        return DAYS.index(short) + 1
    if short in {"1", "2", "3", "4", "5", "6", "7"}:
        return int(short)
    if short[:3] in ENGLISH and short.isalpha():
        return ENGLISH.index(short[:3]) + 1
    raise BadCell(N_("“%(value)s”不是星期几，请写 1 到 7 或 周一 到 周日"), value=plain(cell)[:20])


def time_of_day(cell: Cell) -> time | None:
    """08:00, or what a spreadsheet makes of it: a time, a moment, a part of a day."""
    if isinstance(cell, datetime):
        return cell.time().replace(second=0, microsecond=0)
    if isinstance(cell, time):
        return cell.replace(second=0, microsecond=0)
    if isinstance(cell, timedelta) and timedelta(0) <= cell < timedelta(days=1):
        return time(*divmod(int(cell.total_seconds()) // 60, 60))
    if isinstance(cell, float) and 0 < cell < 1:
        return time(*divmod(round(cell * 24 * 60) % (24 * 60), 60))
    value = plain(cell)
    if not value:
        return None
    found = CLOCK.fullmatch(value)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise BadCell(N_("“%(value)s”不是时间，请写成 08:00"), value=value[:20])
    return time(int(found[1]), int(found[2]))


def weeks(cell: Cell) -> tuple[int, ...] | None:
    """1-16,18 · 1-15单 · 2-16双周 · 3: the weeks of the term, in order."""
    value = "".join(unicodedata.normalize("NFKC", plain(cell)).split()).replace("第", "")
    if not value:
        return None
    found: set[int] = set()
    for part in re.split(r"[,，、;；]", value):
        match = SPAN.fullmatch(part)
        if match is None:
            raise _not_weeks(value)
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= LAST_WEEK:
            raise _not_weeks(value)
        every = [week for week in range(first, last + 1) if _fits(week, match[3])]
        if not every:
            raise _not_weeks(value)
        found.update(every)
    return tuple(sorted(found))


def _fits(week: int, parity: str | None) -> bool:
    return parity is None or (week % 2 == 1) == (parity == "单")


def _not_weeks(value: str) -> BadCell:
    return BadCell(N_("“%(value)s”看不懂，周次请写成 1-16,18 或 1-15单、2-16双"), value=value[:20])


def weeks_text(given: list[int] | tuple[int, ...]) -> str:
    """1-16,18 of a list of weeks: what `weeks` reads."""
    spans: list[list[int]] = []
    for week in sorted(given):
        if spans and week == spans[-1][1] + 1:
            spans[-1][1] = week
        else:
            spans.append([week, week])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


CLASS = Column(
    "class_name", ("班级", "班级名称", "班级代码", "班号", "行政班", "BH", "bh", "Class"), is_required=True
)
COURSE = Column("course", ("课程", "课程名称", "课程名", "KCMC", "kcmc", "Course"), is_required=True)
STARTS = Column(
    "starts", ("开始时间", "上课时间", "开始", "起始时间", "KSSJ", "kssj", "Start"), time_of_day, True
)
ENDS = Column("ends", ("结束时间", "下课时间", "结束", "终止时间", "JSSJ", "jssj", "End"), time_of_day, True)
LESSONS = Sheet(
    "lessons",
    ("课表", "课程表", "lessons"),
    (
        CLASS,
        COURSE,
        Column("weekday", ("星期", "周几", "星期几", "XQ", "xq", "Weekday"), weekday, True),
        STARTS,
        ENDS,
        Column("weeks", ("周次", "上课周次", "起止周", "ZC", "zc", "Weeks"), weeks, True),
        Column("teacher", ("教师工号", "任课教师工号", "工号", "JSGH", "Teacher"), person_number),
    ),
    ("class_name", "course", "weekday", "starts", "weeks"),
)
EXAMS = Sheet(
    "exams",
    ("考试安排", "考试", "exams"),
    (
        CLASS,
        COURSE,
        Column("day", ("日期", "考试日期", "KSRQ", "ksrq", "Date"), cells.day, True),
        STARTS,
        ENDS,
    ),
    ("class_name", "course", "day", "starts"),
)
EXAMPLE = {
    "class_name": "计算机2601",
    "course": "高等数学",
    "weekday": "周一",
    "starts": "08:00",
    "ends": "09:40",
    "weeks": "1-16,18",
    "teacher": "可以不填",
    "day": "2027-01-11",
}
