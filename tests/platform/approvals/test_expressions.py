"""Conditions compare fields and can do nothing else: a corpus of hostile ones is refused, and none runs."""

import pytest

from app.platform.approvals.definition import Faults, parse
from app.platform.approvals.definition.expressions import (
    CannotCompare,
    ExpressionRefused,
    check,
    evaluate,
)
from tests.platform.approvals.definitions import approve, body

FIELDS = ("days", "kind", "away", "people")
WALKS = (
    "().__class__",
    "().__class__.__base__.__subclasses__()",
    "''.__class__.__mro__[1].__subclasses__()",
    "days.__class__",
    "kind.format",
    "kind.__init__.__globals__",
    "(1).real",
    "days.bit_length",
    "people.append",
    "kind.join",
    "[].__len__",
    "{}.__class__",
    "''.__doc__",
    "days.numerator.numerator",
    "getattr",
    "kind[0].x",
)
CALLS = (
    "__import__('os')",
    "__import__('os').system('id')",
    "open('/etc/passwd')",
    "eval('1')",
    "exec('1')",
    "compile('1','','eval')",
    "print(1)",
    "len(kind)",
    "int(days)",
    "str(days)",
    "max(days, 1)",
    "globals()",
    "locals()",
    "vars()",
    "dir()",
    "type(days)",
    "getattr(days, 'real')",
    "setattr(days, 'real', 1)",
    "input()",
    "breakpoint()",
    "exit()",
    "quit()",
    "help()",
    "memoryview(b'x')",
    "(lambda: 1)()",
    "kind.upper()",
    "kind.format(days)",
    "'{0.__class__}'.format(days)",
    "range(10**9)",
    "sum(people)",
)
POWERS = (
    "9**9**9",
    "days ** 2",
    "2 ** days",
    "10 ** 10 ** 10",
    "1 << 99999",
    "days << 3",
    "days >> 1",
    "days % 2",
    "days / 2",
    "days // 2",
    "days @ 2",
    "days | 1",
    "days & 1",
    "days ^ 1",
    "~days",
    "+days",
    "99999999999999999999 > days",
    "1e400 > days",
    "-1e999 < days",
    "1j",
)
SHAPES = (
    "[x for x in people]",
    "{x for x in people}",
    "{x: 1 for x in people}",
    "(x for x in people)",
    "people[0]",
    "kind[0]",
    "kind[::2]",
    "{1: 2}",
    "{1, 2}",
    "f'{days}'",
    "f'{().__class__}'",
    "days if away else 1",
    "lambda: 1",
    "(days := 3)",
    "*people",
    "await days",
    "yield days",
    "b'bytes' in kind",
    "...",
    "None",
    "days is None",
    "days is not 3",
    "days = 3",
    "import os",
    "days; days",
    "days\nkind",
    "del days",
    "assert days",
    "while True: pass",
    "def f(): pass",
    "class A: pass",
    "`days`",
    "days > ",
    "> 3",
    "",
    "   ",
    "((((",
    "days > 3 # comment\nimport os",
    "\x00days",
)
DEEP = (
    "(" * 200 + "days" + ")" * 200 + " > 1" + " and days" * 200,
    "not " * 100 + "away",
    "-" * 200 + "days > 1",
    "days + " * 200 + "1 > 2",
    "[" * 60 + "1" + "]" * 60 + " == days",
    "x" * 501,
    "days > 3 or " * 60 + "away",
    "(" * 5000,
)
UNKNOWN = ("salary > 3", "os", "__builtins__", "self", "session", "form", "True_", "天数 > 3", "Days > 1")
HOSTILE = (*WALKS, *CALLS, *POWERS, *SHAPES, *DEEP, *UNKNOWN)


def test_the_corpus_is_large_enough():
    assert len(set(HOSTILE)) >= 100


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_condition_is_refused_at_publish_and_does_not_run(text):
    with pytest.raises(ExpressionRefused):
        check(text, FIELDS)
    branches = [{"title": "一", "when": text, "nodes": []}, {"title": "二", "nodes": []}]
    fields = [{"name": name, "title": name, "type": "number"} for name in FIELDS]
    with pytest.raises(Faults):
        parse(
            body(
                approve("a", "P1"),
                {"key": "c", "type": "condition", "branches": branches},
                fields=fields,
            )
        )
    with pytest.raises((ExpressionRefused, CannotCompare)):
        evaluate(text, {"days": 5, "kind": "a", "away": True, "people": [1]})


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("days > 3", True),
        ("days >= 5 and not away", False),
        ("3 < days <= 5", True),
        ("days + 2 * 3 == 11", True),
        ("-days < 0", True),
        ("kind in ('病假', '事假')", True),
        ("kind not in ['公假']", True),
        ("1 in people", True),
        ("nothing > 3", False),
        ("nothing == 3", False),
        ("half * 2 == 1", True),
        ("away", True),
        ("False", False),
    ],
)
def test_what_it_can_say(text, holds):
    form = {"days": 5, "kind": "病假", "away": True, "people": [1], "nothing": None, "half": 0.5}
    check(text, form)
    assert evaluate(text, form) is holds


@pytest.mark.parametrize(
    "text", ["days > kind", "kind + kind == 'aa'", "kind * 3 == 'aaa'", "3 in days", "days - kind > 1"]
)
def test_what_can_not_be_compared_says_so(text):
    with pytest.raises(CannotCompare):
        evaluate(text, {"days": 5, "kind": "a"})


def test_a_product_of_large_numbers_stops_at_a_bound():
    text = " * ".join(["999999999999"] * 8) + " > days"
    with pytest.raises(CannotCompare):
        evaluate(text, {"days": 5})
