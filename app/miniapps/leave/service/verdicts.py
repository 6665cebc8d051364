"""What is shown at a gate, and what its guard is told."""

from dataclasses import dataclass
from datetime import datetime

from app.kit.i18n import N_

DIRECTIONS = ("out", "in")
WHY = {
    "out": N_("可以出校"),
    "again": N_("可以出校，已登记过外出"),
    "in": N_("可以进校，已销假"),
    "late": N_("可以进校，晚于应返时间，已销假"),
    "back": N_("可以出校，之后已返校销假"),
    "went_again": N_("可以进校，之后又出校"),
    "roaming": N_("可以进出"),
    "not_away": N_("可以进校，没有外出记录"),
    "early": N_("还没到请假开始时间"),
    "over": N_("请假时间已过"),
    "undecided": N_("请假还在审批"),
    "no_leave": N_("没有可用的离校请假"),
    "stale": N_("码已过期，请本人打开手机现场出示，或输入学号"),
    "not_a_pass": N_("这不是外出码，请扫学生手机上的外出码，或输入学号"),
    "unknown": N_("没有找到这个学号"),
    "door": N_("宿舍门只看返回"),
}
GOOD = ("out", "again", "in", "late", "back", "went_again", "roaming", "not_away")


@dataclass(frozen=True)
class Shown:
    """What a guard saw: `text` is scanned or typed. `at` None: now; else when, by a clock that was set right.

    `source`: gate, or dorm for the door of a dormitory.
    """

    text: str
    direction: str
    at: datetime | None = None
    found_by: str = "code"
    source: str = "gate"


@dataclass(frozen=True)
class Verdict:
    """What the guard is told. `name` is masked; `until`: when he must be back."""

    is_allowed: bool
    why: str
    name: str = ""
    until: str = ""
