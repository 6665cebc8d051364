"""收费项目: what is charged, on what ground, and into whose account."""

from datetime import date
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit.db import AnyRow, unit_of_work
from app.kit.errors import DomainError, Invalid
from app.kit.http import caller, permit
from app.kit.i18n import N_
from app.payments import service
from app.payments.models import CHANNEL_NAMES, RECEIPT_KINDS, Channel
from app.payments.pages.desk.parts import answer, fen_from
from app.payments.queries.desk import fees as queries
from app.payments.service import FeeTerms
from app.platform.directory import queries as directory

desk = Blueprint("payments_fees", __name__, url_prefix="/desk/payments/fees")
BASES = (N_("政府定价"), N_("政府指导价"), N_("市场调节价"), N_("服务性收费"), N_("代收费"))


@desk.get("")
@permit("payments.read")
def fees() -> str:
    with unit_of_work() as session:
        return render_template(
            "payments/desk/fees.html",
            items=queries.all_items(session),
            channel_names=CHANNEL_NAMES,
            may_manage=caller().may("payments.manage_fees"),
            chosen=request.args.get("item"),
        )


@desk.get("/new")
@permit("payments.manage_fees")
def new() -> str:
    return _form(None, {}, None)


@desk.post("/new")
@permit("payments.manage_fees")
def add() -> Any:
    code = request.form.get("code", "").strip()
    try:
        with unit_of_work() as session:
            service.add_fee_item(session, by=caller(), code=code, terms=_terms())
    except DomainError as error:
        return _form(None, request.form.to_dict(), error), error.status
    return redirect(url_for("payments_fees.fees", item=code), 303)


@desk.get("/<code>")
@permit("payments.read")
def fee(code: str) -> str:
    part = "_fee" if request.headers.get("HX-Request") else "fee"
    with unit_of_work() as session:
        return _panel(session, code, part)


def _panel(session: Session, code: str, part: str = "_fee") -> str:
    item = queries.find_item(session, code)
    campuses = queries.campus_names(session)
    return render_template(
        f"payments/desk/{part}.html",
        item=item,
        merchants=queries.merchants_of(session, item.id),
        campuses=campuses,
        channel_names=CHANNEL_NAMES,
        may_manage=caller().may("payments.manage_fees"),
    )


@desk.get("/<code>/edit")
@permit("payments.manage_fees")
def edit(code: str) -> str:
    with unit_of_work() as session:
        item = queries.find_item(session, code)
    return _form(item, _values_of(item), None)


@desk.post("/<code>/edit")
@permit("payments.manage_fees")
def save(code: str) -> Any:
    try:
        with unit_of_work() as session:
            service.save_fee_item(session, by=caller(), code=code, terms=_terms())
    except Invalid as error:
        with unit_of_work() as session:
            item = queries.find_item(session, code)
        return _form(item, request.form.to_dict(), error), error.status
    return redirect(url_for("payments_fees.fees", item=code), 303)


@desk.post("/<code>/merchants")
@permit("payments.manage_fees")
def save_merchant(code: str) -> Any:
    """A number for a channel, on all campuses or one; an empty one takes it away."""
    with unit_of_work() as session:
        service.save_merchant(
            session,
            by=caller(),
            code=code,
            channel=request.form.get("channel", ""),
            campus_id=request.form.get("campus_id", type=int),
            merchant_no=request.form.get("merchant_no", ""),
        )
    with unit_of_work() as session:
        return answer(lambda: _panel(session, code), url_for("payments_fees.fee", code=code))


def _form(item: AnyRow | None, values: dict[str, Any], problem: DomainError | None) -> str:
    modules = current_app.extensions["registry"].modules
    services = [(one.key, one.title) for one in modules if one.fulfiller is not None]
    kept = item.service_key if item is not None else None
    if kept and kept not in dict(services):
        services.append((kept, kept))
    with unit_of_work() as session:
        units = [(unit.id, unit.name) for unit in directory.units(session)]
    return render_template(
        "payments/desk/fee_form.html",
        item=item,
        values=values,
        chosen=request.form.getlist("channels") if problem else values.get("channels", []),
        takes_late=(request.form.get("takes_late") == "1") if problem else values.get("takes_late", True),
        services=services,
        bases=BASES,
        channel_names=CHANNEL_NAMES,
        receipt_kinds=RECEIPT_KINDS,
        units=units,
        problem=problem,
        errors=(problem.details if problem else None) or {},
    )


def _values_of(item: AnyRow) -> dict[str, Any]:
    """An item as its form shows it."""
    values = dict(item._mapping)
    alone = item.refund_alone_fen
    return values | {"refund_alone": f"{alone // 100}.{alone % 100:02d}"}


def _terms() -> FeeTerms:
    """What the form says. Raises Invalid for what can't be read as a date or a number."""
    form = request.form
    starts = _day("valid_from")
    if starts is None:
        raise Invalid(details={"valid_from": [N_("请填写这一项。")]})
    given = set(form.getlist("channels"))
    link = _or_none("link_url")
    return FeeTerms(
        title=form.get("title", "").strip(),
        title_en=_or_none("title_en"),
        service_key=_or_none("service_key"),
        link_url=link,
        filing_number=form.get("filing_number", "").strip(),
        price_basis=form.get("price_basis", "").strip(),
        price_text=form.get("price_text", "").strip(),
        contact=_or_none("contact"),
        valid_from=starts,
        valid_until=_day("valid_until"),
        channels=() if link else tuple(str(channel) for channel in Channel if channel in given),
        order_minutes=form.get("order_minutes", 0, type=int),
        takes_late=form.get("takes_late") == "1",
        refund_alone_fen=fen_from("refund_alone"),
        receipt_kind=kind if (kind := form.get("receipt_kind")) in RECEIPT_KINDS else None,
        unit_id=_unit_id(),
    )


def _unit_id() -> int | None:
    """A unit that there is, or none."""
    unit_id = request.form.get("unit_id", type=int)
    with unit_of_work() as session:
        return unit_id if unit_id in {unit.id for unit in directory.units(session)} else None


def _or_none(name: str) -> str | None:
    return request.form.get(name, "").strip() or None


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(text) if (text := request.form.get(name, "").strip()) else None
    except ValueError:
        raise Invalid(details={name: [N_("日期不对，请重新选择。")]}) from None
