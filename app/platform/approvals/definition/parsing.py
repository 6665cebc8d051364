"""From JSON to a definition. Collects every fault, so that the author mends them in one go."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from app.platform.approvals.definition import expressions
from app.platform.approvals.definition.tree import (
    STARTER,
    Approve,
    Asked,
    Branch,
    Condition,
    Copy,
    Definition,
    FormField,
    Limit,
    Node,
    Parallel,
    Service,
    Timer,
)

MOST_NODES = 100
DEEPEST = 8
MOST_HOURS = 24 * 366
FIELD_TYPES = (
    "text",
    "number",
    "integer",
    "bool",
    "date",
    "datetime",
    "choice",
    "person",
    "people",
    "unit",
    "files",
)
METHODS = ("any", "all", "sequence", "vote")
VETOES = ("one", "collect")
WHEN_EMPTY = ("pass", "reject", "administrators", "person")
WHEN_SELF = ("ask", "skip", "head")
WHEN_REPEATED = ("ask", "skip", "skip_consecutive")
ON_REJECT = ("end", "return")
RESUMES = ("through", "direct")
THENS = ("remind", "approve", "reject", "escalate")
CALENDARS = ("work", "clock")
LINK = re.compile(r"/(?!/)[^%\s\\]*(%\(business_id\)s)?[^%\s\\]*")
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Faults(ValueError):
    """What is wrong with a body: (where, what) in Chinese."""

    def __init__(self, found: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{where}: {what}" for where, what in found))
        self.found = found


def parse(body: Any) -> Definition:
    """Raises Faults. What it accepts can be walked; whether people are found is for the linter to try."""
    reader = _Reader()
    definition = reader.definition(body)
    if not reader.faults:
        reader.check_whole(definition)
    if reader.faults:
        raise Faults(reader.faults)
    return definition


class _Reader:
    """Reads part by part; a part that is wrong is noted and read as its default."""

    def __init__(self) -> None:
        self.faults: list[tuple[str, str]] = []
        self.keys: set[str] = set()

    def fault(self, where: str, what: str) -> None:
        self.faults.append((where, what))

    # parts of any kind

    def object(self, value: Any, where: str, allowed: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self.fault(where, "应当是一个对象 {…}")
            return {}
        for name in set(value) - set(allowed.split()):
            self.fault(where, f"不认识“{str(name)[:40]}”")
        return value

    def items(self, value: Any, where: str, most: int, read: Callable[[Any, str], Any]) -> tuple[Any, ...]:
        if not isinstance(value, list):
            self.fault(where, "应当是一个列表 […]")
            return ()
        if len(value) > most:
            self.fault(where, f"最多 {most} 项")
            return ()
        return tuple(read(one, f"{where}[{at + 1}]") for at, one in enumerate(value))

    def text(self, part: Mapping[str, Any], name: str, where: str, *, default: str | None = None) -> str:
        value = part.get(name, default)
        if not isinstance(value, str) or len(value) > 200 or (default is None and not value.strip()):
            self.fault(where, f"“{name}”要填文字，最多 200 字")
            return ""
        return value

    def choice(
        self, part: Mapping[str, Any], name: str, allowed: tuple[str, ...], where: str, default: str
    ) -> str:
        value = part.get(name, default)
        if value not in allowed:
            self.fault(where, f"“{name}”只能是 {'、'.join(allowed)}")
            return default
        return str(value)

    def flag(self, part: Mapping[str, Any], name: str, where: str, *, default: bool = False) -> bool:
        value = part.get(name, default)
        if not isinstance(value, bool):
            self.fault(where, f"“{name}”只能是 true 或 false")
        return value is True

    def hours(self, part: Mapping[str, Any], where: str) -> float:
        value = part.get("hours")
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MOST_HOURS:
            self.fault(where, "“hours”要填小时数，大于 0")
            return 1.0
        return float(value)

    def number(self, part: Mapping[str, Any], name: str, where: str, default: int) -> int:
        value = part.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
            self.fault(where, f"“{name}”要填 1 到 100 的整数")
            return default
        return value

    def words(
        self, part: Mapping[str, Any], name: str, where: str, default: tuple[str, ...] = ()
    ) -> tuple[str, ...]:
        value = part.get(name, list(default))
        if not isinstance(value, list) or len(value) > 50 or not all(isinstance(one, str) for one in value):
            self.fault(where, f"“{name}”应当是文字的列表")
            return default
        return tuple(value)

    # the definition

    def definition(self, body: Any) -> Definition:
        part = self.object(body, "流程", "title fields nodes link tells_starter exception_when")
        return Definition(
            title=self.text(part, "title", "流程"),
            fields=self.items(part.get("fields", []), "字段", 60, self.field),
            nodes=self.nodes(part.get("nodes"), "环节", 0),
            link=self.text(part, "link", "流程", default=""),
            tells_starter=self.flag(part, "tells_starter", "流程", default=True),
            exception_when=self.text(part, "exception_when", "流程", default=""),
        )

    def field(self, value: Any, where: str) -> FormField:
        part = self.object(value, where, "name title type required fixed choices visible_to editable_by")
        kind = self.choice(part, "type", FIELD_TYPES, where, "text")
        found = FormField(
            name=self.key(part, "name", where),
            title=self.text(part, "title", where),
            type=kind,
            is_required=self.flag(part, "required", where),
            is_fixed=self.flag(part, "fixed", where),
            choices=self.words(part, "choices", where),
            visible_to=self.words(part, "visible_to", where),
            editable_by=self.words(part, "editable_by", where),
        )
        if kind == "choice" and not found.choices:
            self.fault(where, "选择题要写出选项 choices")
        return found

    def key(self, part: Mapping[str, Any], name: str, where: str) -> str:
        value = part.get(name)
        if not isinstance(value, str) or not KEY.fullmatch(value) or value == STARTER:
            self.fault(where, f"“{name}”要用小写字母、数字和下划线，字母开头，不能叫 {STARTER}")
            return ""
        return value

    def nodes(self, value: Any, where: str, depth: int) -> tuple[Node, ...]:
        if depth > DEEPEST:
            self.fault(where, f"嵌套太深，最多 {DEEPEST} 层")
            return ()
        found = self.items(value, where, MOST_NODES, lambda one, at: self.node(one, at, depth))
        return tuple(node for node in found if node is not None)

    def node(self, value: Any, where: str, depth: int) -> Node | None:
        kind = value.get("type") if isinstance(value, dict) else None
        readers: dict[Any, Callable[[Any, str, int], Node]] = {
            "approve": self.approve,
            "cc": self.copy,
            "condition": self.condition,
            "parallel": self.parallel,
            "timer": self.timer,
            "service": self.service,
        }
        if not isinstance(kind, str) or kind not in readers:
            self.fault(where, f"“type”只能是 {'、'.join(readers)}")
            return None
        key = self.key(value, "key", where)
        if key in self.keys:
            self.fault(where, f"环节“{key}”重复了")
        self.keys.add(key)
        return readers[kind](value, f"环节 {key}", depth)

    def approve(self, value: Any, where: str, _depth: int) -> Approve:
        part = self.object(
            value,
            where,
            "key type title approvers method share veto when_empty person when_self when_repeated"
            " on_reject return_to resume limit requires_human",
        )
        limit = part.get("limit")
        return Approve(
            key=str(part.get("key", "")),
            title=self.text(part, "title", where),
            approvers=self.items(part.get("approvers"), f"{where} approvers", 20, self.asked),
            method=self.choice(part, "method", METHODS, where, "any"),
            share=self.number(part, "share", where, 50),
            veto=self.choice(part, "veto", VETOES, where, "one"),
            when_empty=self.choice(part, "when_empty", WHEN_EMPTY, where, "administrators"),
            person=self.text(part, "person", where, default=""),
            when_self=self.choice(part, "when_self", WHEN_SELF, where, "skip"),
            when_repeated=self.choice(part, "when_repeated", WHEN_REPEATED, where, "ask"),
            on_reject=self.choice(part, "on_reject", ON_REJECT, where, "end"),
            return_to=self.words(part, "return_to", where, (STARTER,)),
            resume=self.choice(part, "resume", RESUMES, where, "through"),
            limit=None if limit is None else self.limit(limit, f"{where} limit"),
            requires_human=self.flag(part, "requires_human", where),
        )

    def asked(self, value: Any, where: str) -> Asked:
        part = self.object(value, where, "resolver args weight")
        args = part.get("args", {})
        if not isinstance(args, dict) or len(str(args)) > 2000:
            self.fault(where, "“args”应当是一个不长的对象 {…}")
            args = {}
        return Asked(self.text(part, "resolver", where), args, self.number(part, "weight", where, 1))

    def limit(self, value: Any, where: str) -> Limit:
        part = self.object(value, where, "hours calendar then escalate_to")
        return Limit(
            hours=self.hours(part, where),
            calendar=self.choice(part, "calendar", CALENDARS, where, "work"),
            then=self.choice(part, "then", THENS, where, "remind"),
            escalate_to=self.items(part.get("escalate_to", []), f"{where} escalate_to", 20, self.asked),
        )

    def copy(self, value: Any, where: str, _depth: int) -> Copy:
        part = self.object(value, where, "key type title people")
        people = self.items(part.get("people"), f"{where} people", 20, self.asked)
        return Copy(str(part.get("key", "")), self.text(part, "title", where), people)

    def condition(self, value: Any, where: str, depth: int) -> Condition:
        part = self.object(value, where, "key type title branches")
        branches = self.branches(part, where, depth, "title when nodes")
        return Condition(str(part.get("key", "")), self.text(part, "title", where, default=""), branches)

    def parallel(self, value: Any, where: str, depth: int) -> Parallel:
        part = self.object(value, where, "key type title branches")
        branches = self.branches(part, where, depth, "title nodes")
        return Parallel(str(part.get("key", "")), self.text(part, "title", where, default=""), branches)

    def branches(self, part: Mapping[str, Any], where: str, depth: int, allowed: str) -> tuple[Branch, ...]:
        def read(value: Any, at: str) -> Branch:
            one = self.object(value, at, allowed)
            when = one.get("when")
            if when is not None and not isinstance(when, str):
                self.fault(at, '“when”要写成文字，例如 "days > 3"')
                when = None
            return Branch(
                self.text(one, "title", at, default=""), self.nodes(one.get("nodes"), at, depth + 1), when
            )

        found = self.items(part.get("branches"), f"{where} 分支", 10, read)
        if len(found) < 2:
            self.fault(where, "至少要有两个分支")
        return found

    def timer(self, value: Any, where: str, _depth: int) -> Timer:
        part = self.object(value, where, "key type title hours calendar")
        return Timer(
            str(part.get("key", "")),
            self.text(part, "title", where, default=""),
            self.hours(part, where),
            self.choice(part, "calendar", CALENDARS, where, "work"),
        )

    def service(self, value: Any, where: str, _depth: int) -> Service:
        part = self.object(value, where, "key type title service")
        key, title = str(part.get("key", "")), self.text(part, "title", where)
        return Service(key, title, self.text(part, "service", where))

    # what only the whole can show

    def check_whole(self, definition: Definition) -> None:
        if len(definition.by_key) > MOST_NODES:
            self.fault("流程", f"最多 {MOST_NODES} 个环节")
        if not any(isinstance(node, Approve) for node in definition.by_key.values()):
            self.fault("流程", "至少要有一个审批环节")
        if len(definition.names) != len(definition.fields):
            self.fault("字段", "有两个字段同名")
        self.check_fields(definition)
        for node in definition.by_key.values():
            if isinstance(node, Approve):
                self.check_approve(definition, node)
            elif isinstance(node, Condition):
                self.check_condition(definition, node)

    def check_fields(self, definition: Definition) -> None:
        if definition.link and not LINK.fullmatch(definition.link):
            self.fault("流程", "“link”要是站内地址，以 / 开头，只能用 %(business_id)s 代入")
        if definition.exception_when:
            self.check_words(definition, definition.exception_when, "例外 exception_when")
        for one in definition.fields:
            for key in (*one.visible_to, *one.editable_by):
                if not isinstance(definition.by_key.get(key), Approve):
                    self.fault(f"字段 {one.name}", f"“{key}”不是审批环节")

    def check_approve(self, definition: Definition, node: Approve) -> None:
        where = f"环节 {node.key}"
        if not node.approvers:
            self.fault(where, "没有写审批人 approvers")
        if node.when_empty == "person" and not node.person:
            self.fault(where, "when_empty 是 person，要写 person（工号）")
        if node.limit and node.limit.then == "escalate" and not node.limit.escalate_to:
            self.fault(where, "超时上报给谁？请写 escalate_to")
        if node.requires_human and (
            node.when_empty == "pass" or (node.limit and node.limit.then == "approve")
        ):
            self.fault(where, "这个环节必须由人审批，不能自动通过")
        if node.on_reject == "return" and (not node.return_to or node.return_to[0] == "any"):
            self.fault(where, "驳回退回到哪里？请写 return_to")
        for target in node.return_to:
            self.check_return(definition, node, target)

    def check_return(self, definition: Definition, node: Approve, target: str) -> None:
        where = f"环节 {node.key}"
        if target in (STARTER, "previous", "any"):
            if node.resume == "direct" and definition.forks_of(node.key):
                self.fault(where, "在并行分支里退回后不能直接回到本环节（resume: direct）")
            return
        if not isinstance(definition.by_key.get(target), Approve):
            self.fault(where, f"退回的“{target}”不是审批环节")
        elif not definition.is_reachable_by_return(target, node.key):
            self.fault(where, f"不能退回到另一个并行分支里的“{target}”")
        elif node.resume == "direct" and definition.forks_of(node.key) != definition.forks_of(target):
            self.fault(where, "退回到并行之外后不能直接回到本环节（resume: direct）")

    def check_condition(self, definition: Definition, node: Condition) -> None:
        where = f"环节 {node.key}"
        *firsts, last = node.branches
        if last.when is not None:
            self.fault(where, "最后一个分支是“其他情况”，不写 when")
        for branch in firsts:
            if branch.when is None:
                self.fault(where, "除最后一个分支外，都要写 when")
                continue
            self.check_words(definition, branch.when, where)

    def check_words(self, definition: Definition, words: str, where: str) -> None:
        try:
            expressions.check(words, definition.names)
        except expressions.ExpressionRefused as error:
            self.fault(where, str(error))
