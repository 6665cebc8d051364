"""Random definitions: every kind of node, nested, with every policy that may be published."""

from random import Random
from typing import Any

from app.platform.approvals.definition import Faults, parse

FIELDS = [
    {"name": "days", "title": "天数", "type": "integer"},
    {"name": "away", "title": "离校", "type": "bool"},
    {"name": "kind", "title": "类别", "type": "text"},
]
CONDITIONS = (
    "days > 3",
    "away",
    "days * 2 + 1 >= 7 and not away",
    "kind in ('a', 'b')",
    "days > kind",
    "kind == 'a'",
)
PEOPLE = [f"P{number}" for number in range(1, 11)]


def random_body(random: Random) -> dict[str, Any]:
    """A body that can be published; odd ones that can't are drawn again."""
    while True:
        maker = _Maker(random)
        body = {"title": "随机", "fields": FIELDS, "nodes": maker.nodes(0)}
        try:
            parse(body)
        except Faults:
            continue
        return body


class _Maker:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.keys: list[str] = []

    def nodes(self, depth: int) -> list[dict[str, Any]]:
        return [self.node(depth) for _ in range(self.random.randint(1, 3 if depth else 4))]

    def node(self, depth: int) -> dict[str, Any]:
        kinds = (
            ["approve"] * 6
            + ["cc", "timer", "service"]
            + (["parallel", "condition"] * 2 if depth < 3 else [])
        )
        return getattr(self, self.random.choice(kinds))(depth)

    def key(self) -> str:
        self.keys.append(f"n{len(self.keys) + 1}")
        return self.keys[-1]

    def approve(self, _depth: int) -> dict[str, Any]:
        pick = self.random.choice
        earlier = [key for key in self.keys if self.random.random() < 0.4]
        node = {
            "key": self.key(),
            "type": "approve",
            "title": "批",
            "approvers": [self.asked() for _ in range(self.random.randint(1, 4))],
            "method": pick(("any", "all", "sequence", "vote")),
            "share": pick((34, 50, 67, 100)),
            "veto": pick(("one", "collect")),
            "when_empty": pick(("pass", "reject", "administrators", "administrators")),
            "when_self": pick(("ask", "skip", "head")),
            "when_repeated": pick(("ask", "ask", "skip", "skip_consecutive")),
            "on_reject": pick(("end", "return")),
            "return_to": pick((["starter"], ["previous"], ["starter", "any"], earlier or ["starter"])),
            "resume": pick(("through", "direct")),
            "requires_human": self.random.random() < 0.2,
        }
        if self.random.random() < 0.4:
            then = pick(("remind", "approve", "reject", "escalate"))
            node["limit"] = {"hours": 8, "calendar": pick(("work", "clock")), "then": then}
            if then == "escalate":
                node["limit"]["escalate_to"] = [self.asked()]
        return node

    def asked(self) -> dict[str, Any]:
        """Mostly one person; sometimes the starter, or somebody who does not exist."""
        roll = self.random.random()
        if roll < 0.06:
            return {"resolver": "approvals.starter", "weight": 1}
        number = "nobody" if roll < 0.12 else self.random.choice(PEOPLE)
        return {
            "resolver": "approvals.person",
            "args": {"numbers": [number]},
            "weight": self.random.randint(1, 3),
        }

    def cc(self, _depth: int) -> dict[str, Any]:
        people = [self.asked() for _ in range(self.random.randint(1, 3))]
        return {"key": self.key(), "type": "cc", "title": "抄送", "people": people}

    def timer(self, _depth: int) -> dict[str, Any]:
        return {"key": self.key(), "type": "timer", "hours": 2, "calendar": "clock"}

    def service(self, _depth: int) -> dict[str, Any]:
        return {"key": self.key(), "type": "service", "title": "写入", "service": "tests.write"}

    def parallel(self, depth: int) -> dict[str, Any]:
        key = self.key()
        branches = [self.branch(depth) for _ in range(self.random.randint(2, 3))]
        return {"key": key, "type": "parallel", "branches": branches}

    def condition(self, depth: int) -> dict[str, Any]:
        key = self.key()
        branches = [
            {**self.branch(depth), "when": self.random.choice(CONDITIONS)}
            for _ in range(self.random.randint(1, 2))
        ]
        return {"key": key, "type": "condition", "branches": [*branches, self.branch(depth)]}

    def branch(self, depth: int) -> dict[str, Any]:
        return {"title": "支", "nodes": self.nodes(depth + 1) if self.random.random() < 0.85 else []}
