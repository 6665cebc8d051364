"""The chains that ship with the product: of leave 辅导员 → 分管副书记、副院长 → 学工处, of staying over a vacation
辅导员 → 宿管 → 学工处. An office publishes its own over them.
"""

from typing import Any

DEFAULT, STAY = "leave.default", "leave.stay"

APPROVERS = ["counsellor", "college", "college_alone", "office"]
FIELDS: list[dict[str, Any]] = [
    {"name": "days", "title": "计算天数", "type": "number", "fixed": True, "required": True},
    {
        "name": "kind",
        "title": "类型",
        "type": "text",
        "fixed": True,
        "required": True,
        "visible_to": APPROVERS,
    },
    {"name": "starts_at", "title": "开始", "type": "datetime", "fixed": True},
    {"name": "ends_at", "title": "结束", "type": "datetime", "fixed": True},
    {"name": "misses_class", "title": "缺课", "type": "bool", "fixed": True},
    {"name": "leaves_campus", "title": "离校", "type": "bool", "fixed": True},
    {"name": "leaves_dorm", "title": "不回宿舍", "type": "bool", "fixed": True},
    {"name": "is_emergency", "title": "先走后补", "type": "bool", "fixed": True, "visible_to": APPROVERS},
    {"name": "lessons", "title": "缺课节数", "type": "integer", "fixed": True, "visible_to": APPROVERS},
    {"name": "exams", "title": "考试", "type": "text", "fixed": True, "visible_to": APPROVERS},
    {
        "name": "share_missed",
        "title": "本学期缺课比例（%）",
        "type": "number",
        "fixed": True,
        "visible_to": APPROVERS,
    },
    {"name": "destination", "title": "去向", "type": "text", "visible_to": APPROVERS},
    {
        "name": "reason",
        "title": "原因",
        "type": "text",
        "visible_to": APPROVERS,
    },
    {
        "name": "evidence",
        "title": "证明",
        "type": "files",
        "visible_to": APPROVERS,
    },
]

_LIMIT = {"hours": 8, "calendar": "work", "then": "remind"}


def _approve(key: str, title: str, *approvers: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": key,
        "type": "approve",
        "title": title,
        "method": "any",
        "approvers": list(approvers),
        "when_empty": "administrators",
        "return_to": ["starter", "previous"],
        "requires_human": True,
        "limit": _LIMIT,
    }


COUNSELLOR = _approve("counsellor", "辅导员", {"resolver": "directory.class_counsellor"})
COLLEGE = _approve(
    "college",
    "学院分管领导",
    {"resolver": "identity.role", "args": {"role": "leave.college_leader", "where": "unit"}},
)
OFFICE = _approve("office", "学工处", {"resolver": "identity.role", "args": {"role": "leave.office"}})
TELL_DORM = {
    "key": "dorm",
    "type": "cc",
    "title": "抄送宿管",
    "people": [{"resolver": "identity.role", "args": {"role": "leave.dorm_manager", "where": "building"}}],
}

DORM = {
    **_approve(
        "dorm_manager",
        "宿管",
        {"resolver": "identity.role", "args": {"role": "leave.dorm_manager", "where": "building"}},
    ),
    "when_empty": "pass",  # a house without a manager: the office decides
    "requires_human": False,
    "return_to": ["previous"],
}
STAY_APPROVERS = ["counsellor", "dorm_manager", "office"]
STAY_FIELDS: list[dict[str, Any]] = [
    {"name": "campaign", "title": "登记", "type": "text", "fixed": True, "required": True},
    {"name": "stay_from", "title": "留校从", "type": "date", "fixed": True, "required": True},
    {"name": "stay_until", "title": "留校到", "type": "date", "fixed": True, "required": True},
    {"name": "days", "title": "天数", "type": "integer", "fixed": True, "required": True},
    {
        "name": "why",
        "title": "原因",
        "type": "text",
        "fixed": True,
        "required": True,
        "visible_to": STAY_APPROVERS,
    },
    {"name": "note", "title": "说明", "type": "text", "fixed": True, "visible_to": STAY_APPROVERS},
    {"name": "room", "title": "宿舍", "type": "text", "fixed": True},
]

DEFINITIONS: dict[str, dict[str, Any]] = {
    DEFAULT: {
        "title": "学生请假",
        "link": "/m/leave/%(business_id)s",
        "tells_starter": False,
        "exception_when": "is_emergency or exams != '' or share_missed >= 33",
        "fields": FIELDS,
        "nodes": [
            COUNSELLOR,
            {
                "key": "longer",
                "type": "condition",
                "title": "天数",
                "branches": [
                    {"title": "超过 7 天", "when": "days > 7", "nodes": [COLLEGE, OFFICE]},
                    {
                        "title": "超过 3 天",
                        "when": "days > 3",
                        "nodes": [{**COLLEGE, "key": "college_alone"}],
                    },
                    {"title": "3 天以内", "nodes": []},
                ],
            },
            {
                "key": "dorm_told",
                "type": "condition",
                "title": "宿舍",
                "branches": [
                    {"title": "不回宿舍", "when": "leaves_dorm", "nodes": [TELL_DORM]},
                    {"title": "回宿舍", "nodes": []},
                ],
            },
        ],
    },
    STAY: {
        "title": "假期留校",
        "tells_starter": False,
        "exception_when": "room == ''",
        "fields": STAY_FIELDS,
        "nodes": [
            {**COUNSELLOR, "return_to": []},
            DORM,
            {**OFFICE, "return_to": ["previous"]},
        ],
    },
}
