"""账目: balances now or at a moment, whether the books agree, and what moved on an account."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _

from app.kit import clock, export
from app.kit.db import unit_of_work
from app.kit.errors import Invalid
from app.kit.http import permit
from app.kit.i18n import N_
from app.payments.pages.desk.parts import in_yuan, to_the_end
from app.payments.pages.desk.timeline import account_name
from app.payments.queries import ledger as books
from app.payments.queries.desk import ledger as queries

desk = Blueprint("payments_ledger", __name__, url_prefix="/desk/payments/ledger")


def _moment() -> datetime | None:
    """The moment asked for, as the clock on the wall says it; None for now. Raises Invalid."""
    text = request.args.get("at", "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        raise Invalid(details={"at": [N_("时间不对，请重新选择。")]}) from None


@desk.get("")
@permit("payments.read")
def ledger() -> str:
    """Every account with its balance; the check is always of now."""
    moment = _moment()
    with unit_of_work() as session:
        found = books.violations(session)  # first of its session: it wants a snapshot
    with unit_of_work() as session:
        items = queries.item_names(session)
        return render_template(
            "payments/desk/ledger.html",
            balances=books.balances(session, at=moment),
            wrong=_wrong(found, items),
            at=request.args.get("at", ""),
            moment=moment,
            account_name=lambda code: account_name(code, items),
            kinds=queries.KIND_NAMES,
        )


def _wrong(found: dict[str, int], items: dict[str, str]) -> list[tuple[str, int]]:
    """What does not add up, in words, with how often."""
    return [(_wrong_text(title, items), count) for title, count in found.items()]


def _wrong_text(title: str, items: dict[str, str]) -> str:
    if title.startswith(queries.NEGATIVE):
        return _("余额为负：%(name)s", name=account_name(title.removeprefix(queries.NEGATIVE), items))
    return _(queries.WRONG.get(title, title))


@desk.get("/export.xlsx")
@permit("payments.read")
def export_balances() -> Response:
    moment = _moment()

    def rows() -> Iterator[tuple[books.Balance, dict[str, str]]]:
        with unit_of_work() as session:
            items = queries.item_names(session)
            yield from ((one, items) for one in books.balances(session, at=moment))

    return export.xlsx_response("科目余额", BALANCES, rows())


BALANCES = (
    export.Column("科目", lambda pair: account_name(pair[0].code, pair[1]), 40),
    export.Column("类别", lambda pair: queries.KIND_NAMES[pair[0].kind], 8),
    export.Column("余额（元）", lambda pair: in_yuan(pair[0].fen), 16),
    export.Column("科目代码", lambda pair: pair[0].code, 32),
)


@desk.get("/accounts/<path:code>")
@permit("payments.read")
def account(code: str) -> Any:
    """What moved on one account, the newest first."""
    with unit_of_work() as session:
        found = queries.find_account(session, code)
        items = queries.item_names(session)
        return render_template(
            "payments/desk/account.html",
            found=found,
            page=queries.entries(session, found.id, cursor=request.args.get("cursor")),
            balance=books.balance(session, code),
            own_is_debit=found.kind in books.OWN_SIDE_IS_DEBIT,
            account_name=lambda one: account_name(one, items),
            names=queries.ENTRY_NAMES,
        )


@desk.get("/export/<path:code>")
@permit("payments.read")
def export_account(code: str) -> Response:
    with unit_of_work() as session:
        found = queries.find_account(session, code)
        items = queries.item_names(session)
    columns = (
        export.Column("业务日期", lambda pair: pair[0].business_on, 12),
        export.Column("记账时间", lambda pair: pair[0].posted_at, 18),
        export.Column("摘要", lambda pair: queries.ENTRY_NAMES.get(pair[0].kind, pair[0].kind), 14),
        export.Column("借方（元）", lambda pair: in_yuan(pair[0].fen) if pair[0].is_debit else None, 14),
        export.Column("贷方（元）", lambda pair: None if pair[0].is_debit else in_yuan(pair[0].fen), 14),
        export.Column(
            "对方科目",
            lambda pair: account_name(pair[0].credit if pair[0].is_debit else pair[0].debit, items),
            40,
        ),
        export.Column("订单号", lambda pair: pair[0].order_number, 18),
        export.Column("凭证", lambda pair: f"{pair[0].kind}:{pair[0].reference}", 24),
    )
    rows = to_the_end(lambda session, **where: queries.entries(session, found.id, **where))
    return export.xlsx_response("科目明细", columns, rows)
