"""The invented cast, the same everywhere. `python -m sandbox.cast` writes samples/cast.json."""

import base64
import hashlib
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Person:
    """One invented person with a WeChat account and, usually, a campus account."""

    number: str
    name: str
    role: str
    color: str
    hint: str
    follows: bool = True
    cas: bool = True
    kind: str = "student"

    @property
    def openid(self) -> str:
        digest = hashlib.sha256(f"weilife-sandbox:{self.number}".encode()).digest()
        return "o" + base64.urlsafe_b64encode(digest).decode()[:27]

    @property
    def cas_password(self) -> str:
        return f"Sandbox-{self.number[-4:]}" if self.cas else ""

    @property
    def initial(self) -> str:
        return self.name[0]

    def public(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "name": self.name,
            "role": self.role,
            "kind": self.kind,
            "openid": self.openid,
            "follows": self.follows,
            "cas": self.cas,
            "cas_password": self.cas_password,
            "color": self.color,
        }


CAST = (
    Person("2023010101", "李一鸣", "学生", "#2f6fed", "宿舍的灯坏了，第一次报修"),
    Person("T0001", "赵敏华", "调度员", "#0f766e", "派单、催办、看工单台", kind="staff"),
    Person("W0001", "王建国", "维修师傅", "#b45309", "外聘单位，没有校园账号", cas=False, kind="contractor"),
    Person("W0002", "刘强", "维修师傅", "#7c4a03", "外聘单位，没有校园账号", cas=False, kind="contractor"),
    Person("T0006", "何志远", "维修班长", "#4d7c0f", "带一个班组，能改派", kind="staff"),
    Person("T0003", "吴秀兰", "宿管", "#9d174d", "替学生报修、陪同开门", kind="staff"),
    Person("T0004", "孙立", "辅导员", "#6d28d9", "审批请假、看在校情况", kind="staff"),
    Person("T0005", "钱慧", "财务", "#0369a1", "对账、日结", kind="staff"),
    Person("T0002", "郑国栋", "管理员", "#334155", "人员、权限、设置", kind="staff"),
    Person("2023010102", "陈晓雨", "学生", "#db2777", "和李一鸣同楼"),
    Person("2023010103", "阿依古丽·买买提", "学生", "#c2410c", "名字很长的同学"),
    Person("2024020201", "欧阳若曦", "学生", "#0891b2", "没有关注公众号", follows=False),
    Person("2024990001", "James Okoro", "留学生", "#4338ca", "reads English"),
    Person("N20260001", "周小满", "新生", "#15803d", "还没有学号", cas=False, kind="freshman"),
    Person(
        "V0001",
        "一位访客",
        "访客",
        "#71717a",
        "没有关注，也没有校园账号",
        follows=False,
        cas=False,
        kind="visitor",
    ),
)
BY_NUMBER = {person.number: person for person in CAST}
BY_OPENID = {person.openid: person for person in CAST}


def as_json() -> str:
    return json.dumps([person.public() for person in CAST], ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "samples/cast.json")
    target.write_text(as_json(), encoding="utf-8")
