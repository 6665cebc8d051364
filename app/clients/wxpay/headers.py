"""The headers of WeChat's trade bill that are known: the present ones and the two old ones, for three types."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.clients.bill_lines import BadBill

_HEAD = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类"
_TIMES, _REFUND = "退款申请时间,退款成功时间", "微信退款单号,商户退款单号,退款金额"
_STATES, _TAIL = "退款类型,退款状态", "商品名称,商户数据包,手续费,费率"
_SUMMARY = {
    "总交易单数": "count",
    "应结订单总金额": "settled",
    "退款总金额": "refund",
    "充值券退款总金额": "coupon",
    "手续费总金额": "fee",
    "订单总金额": "total",
    "申请退款总金额": "asked",
}


@dataclass(frozen=True)
class Form:
    """`kind` is WeChat's bill_type. `names` are the columns in the order in which the reader takes them.

    A column that this form lacks is None there. `summary` says which sum stands under which heading.
    """

    kind: str
    columns: frozenset[str]
    names: tuple[str | None, ...]
    summary: Mapping[str, str]


def form_of(names: list[str]) -> Form:
    """The form with exactly these columns, in any order. Raises BadBill that names what is odd."""
    given = frozenset(names)
    found = next((form for form in FORMS if form.columns == given), None)
    if found is not None and len(names) == len(given):
        return found
    nearest = min(FORMS, key=lambda form: len(form.columns ^ given))
    odd = sorted(given - nearest.columns) or [name for name in names if names.count(name) > 1]
    if odd:
        raise BadBill("unknown_columns", 1, what="、".join(odd)[:200])
    raise BadBill("missing_columns", 1, what="、".join(sorted(nearest.columns - given))[:200])


def _forms() -> Iterator[Form]:
    head, both = f"{_HEAD},应结订单金额,代金券金额", "订单金额,申请退款金额,费率备注"
    back = f"{_REFUND},充值券退款金额,{_STATES},{_TAIL},{both}"
    amounts = ("应结订单金额", "退款金额", "充值券退款金额", "订单金额", "申请退款金额")
    yield _form("ALL", f"{head},{back}", amounts, _SUMMARY)
    yield _form("SUCCESS", f"{head},{_TAIL},订单金额,费率备注", amounts, _SUMMARY)
    yield _form("REFUND", f"{head},{_TIMES},{back}", amounts, _SUMMARY)
    for word in ("代金券或立减优惠", "企业红包"):
        yield from _old_forms(word)


def _old_forms(word: str) -> Iterator[Form]:
    head = f"{_HEAD},总金额,{word}金额"
    back = f"{_REFUND},{word}退款金额,{_STATES},{_TAIL}"
    amounts = ("总金额", "退款金额", f"{word}退款金额", "总金额", "退款金额")
    summary = {
        "总交易单数": "count",
        "总交易额": "settled",
        "总退款金额": "refund",
        f"总{word}退款金额": "coupon",
        "手续费总金额": "fee",
    }
    yield _form("ALL", f"{head},{back}", amounts, summary)
    yield _form("SUCCESS", f"{head},{_TAIL}", amounts, summary)
    yield _form("REFUND", f"{head},{_TIMES},{back}", amounts, summary)


def _form(kind: str, columns: str, amounts: tuple[str, ...], summary: Mapping[str, str]) -> Form:
    """The time of a refund in a REFUND bill is when it was asked for; 交易时间 is the payment's there."""
    at = "退款申请时间" if kind == "REFUND" else "交易时间"
    numbers = ("微信订单号", "商户订单号", "微信退款单号", "商户退款单号")
    wanted = (at, "商户号", "货币种类", "交易状态", *numbers, "退款状态", "商品名称", "手续费", *amounts)
    known = frozenset(columns.split(","))
    return Form(kind, known, tuple(name if name in known else None for name in wanted), summary)


FORMS = tuple(_forms())
