"""Conditions of a definition: a small language that can only compare what the form holds.

Names of declared fields, literals, comparisons, `in`, `and or not`, `+ - *` and brackets. Everything else does not
parse: no calls, no attributes, no indexes, no powers. Python's parser reads it, nothing of Python runs it.
"""

import ast
import operator
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

MOST_CHARACTERS = 500
MOST_PARTS = 100
DEEPEST = 20
LARGEST = 10**12
BOUND = 10**24  # of what comes out
LONGEST_TEXT = 1000

_ARITHMETIC: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}
_COMPARISONS: dict[type[ast.AST], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
}
_LITERALS = (bool, int, float, str)
_ALLOWED = (
    ast.Expression,
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.UnaryOp,
    ast.Not,
    ast.USub,
    ast.BinOp,
    ast.Compare,
    ast.Name,
    ast.Load,
    ast.Constant,
    ast.Tuple,
    ast.List,
    *_ARITHMETIC,
    *_COMPARISONS,
)


class ExpressionRefused(ValueError):
    """The condition is not in the language. Says what is wrong, in Chinese."""


class CannotCompare(ValueError):
    """The form holds values that this condition can't compare, such as a text with a number."""


def check(text: str, fields: Collection[str]) -> None:
    """Raises ExpressionRefused unless `text` is in the language and speaks of declared fields only."""
    unknown = {node.id for node in ast.walk(_parse(text)) if isinstance(node, ast.Name)} - set(fields)
    if unknown:
        raise ExpressionRefused(f"条件里的“{'、'.join(sorted(unknown))}”不是表单的字段")


def evaluate(text: str, form: Mapping[str, Any]) -> bool:
    """Whether it holds. A field that was not filled in is None: it equals nothing and is less than nothing.

    Raises ExpressionRefused, or CannotCompare.
    """
    try:
        return bool(_value(_parse(text).body, form))
    except (TypeError, KeyError) as error:
        raise CannotCompare(str(error)) from error


@lru_cache(maxsize=1024)
def _parse(text: str) -> ast.Expression:
    if len(text) > MOST_CHARACTERS:
        raise ExpressionRefused(f"条件太长了，最多 {MOST_CHARACTERS} 个字")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ExpressionRefused("条件读不懂，请照例子写，例如 days > 3") from None
    _check_shape(tree)
    return tree


def _check_shape(tree: ast.Expression) -> None:
    waiting: list[tuple[ast.AST, int]] = [(tree, 0)]
    parts = 0
    while waiting:
        node, depth = waiting.pop()
        parts += 1
        if parts > MOST_PARTS or depth > DEEPEST:
            raise ExpressionRefused("条件太复杂了，请拆成几个分支")
        if not isinstance(node, _ALLOWED):
            raise ExpressionRefused(f"条件里不能用 {type(node).__name__}，只能比较表单的字段")
        if isinstance(node, ast.Constant):
            _check_literal(node.value)
        waiting += [(child, depth + 1) for child in ast.iter_child_nodes(node)]


def _check_literal(value: Any) -> None:
    if not isinstance(value, _LITERALS) or isinstance(value, bytes):
        raise ExpressionRefused("条件里只能写数字、文字和 True、False")
    if isinstance(value, int | float) and not abs(value) <= LARGEST:
        raise ExpressionRefused("条件里的数字太大了")


def _value(node: ast.AST, form: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant():
            return Decimal(str(node.value)) if isinstance(node.value, float) else node.value
        case ast.Name():
            return _field(form[node.id])
        case ast.Tuple() | ast.List():
            return [_value(part, form) for part in node.elts]
        case ast.BoolOp(op=ast.And()):
            return all(_value(part, form) for part in node.values)
        case ast.BoolOp():
            return any(_value(part, form) for part in node.values)
        case ast.UnaryOp(op=ast.Not()):
            return not _value(node.operand, form)
        case ast.UnaryOp():
            return -_number(_value(node.operand, form))
        case ast.BinOp():
            left, right = _number(_value(node.left, form)), _number(_value(node.right, form))
            return _number(_ARITHMETIC[type(node.op)](left, right))
        case ast.Compare():
            return _compare(node, form)
    raise ExpressionRefused("条件读不懂")


def _compare(node: ast.Compare, form: Mapping[str, Any]) -> bool:
    left = _value(node.left, form)
    for op, part in zip(node.ops, node.comparators, strict=True):
        right = _value(part, form)
        if (left is None or right is None) and not isinstance(op, ast.Eq | ast.NotEq | ast.In | ast.NotIn):
            return False
        if not _COMPARISONS[type(op)](left, right):
            return False
        left = right
    return True


def _field(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(str(value))
    return value[:LONGEST_TEXT] if isinstance(value, str) else value


def _number(value: Any) -> Any:
    """Numbers only: `+` on texts or lists could grow without bound."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError("只有数字能加减乘")
    if not -BOUND < value < BOUND:
        raise TypeError("数字太大")
    return value
