"""凭证: made from the ledger, exported as files, handed to the finance system."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, send_file, url_for
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import unit_of_work
from app.kit.errors import DomainError, Invalid
from app.kit.http import caller, permit
from app.kit.i18n import N_
from app.payments.models import VOUCHER_LABELS
from app.payments.pages.desk.parts import answer, colleague
from app.payments.pages.desk.timeline import channel_name
from app.payments.queries.desk import vouchers as queries
from app.payments.queries.desk.ledger import ENTRY_NAMES
from app.payments.service import vouchers as service

desk = Blueprint("payments_vouchers", __name__, url_prefix="/desk/payments/vouchers")
TONES = {"draft": "wait", "exported": "go", "sending": "go", "accepted": "done", "refused": "bad"}


@desk.get("")
@permit("payments.read")
def vouchers() -> str:
    """Of a day or a month, or all; the form makes, exports and pushes those of the period."""
    return _list()


def _list(problem: DomainError | None = None) -> str:
    view = request.args.get("view", "all")
    view = view if view in queries.VIEWS else "all"
    period = request.values.get("period", "").strip()[:10]
    yesterday = clock.today() - timedelta(days=1)
    with unit_of_work() as session:
        page = queries.vouchers(session, period=period, view=view, cursor=request.args.get("cursor"))
        return render_template(
            "payments/desk/vouchers.html",
            page=page,
            units=queries.unit_names(session, page.items),
            counts=queries.counts(session, period),
            views=queries.VIEWS,
            view=view,
            period=period,
            suggested=period or yesterday.isoformat(),
            formats=queries.formats(session),
            files=queries.exports(session, period) if period else [],
            can_push=current_app.extensions["clients"].finance is not None,
            may_make=caller().may("payments.vouchers"),
            labels=VOUCHER_LABELS,
            tones=TONES,
            kinds=ENTRY_NAMES,
            channel_name=channel_name,
            problem=problem,
            chosen=request.args.get("voucher"),
        )


@desk.post("/make")
@permit("payments.vouchers")
def make() -> Any:
    """`do` says what: make, export in a format, or push."""
    try:
        period = service.Period.of(request.form.get("period", ""))
        do = request.form.get("do", "make")
        if do == "export":
            return _export(period)
        with unit_of_work() as session:
            work = service.send_period if do == "push" else service.make_vouchers
            work(session, by=caller(), period=period)
    except DomainError as error:
        return _list(error), error.status
    return redirect(url_for("payments_vouchers.vouchers", period=period.text), 303)


def _export(period: service.Period) -> Any:
    with unit_of_work() as session:
        made = service.export_period(
            session, by=caller(), period=period, format_key=request.form.get("format", "")
        )
    return _download(made.name, made.content)


@desk.get("/files/<int:export_id>")
@permit("payments.read")
def file(export_id: int) -> Any:
    """A file as it went out."""
    with unit_of_work() as session:
        found = queries.export_content(session, export_id)
    return _download(found.file_name, found.content)


def _download(name: str, content: bytes) -> Any:
    return send_file(
        BytesIO(content), mimetype="application/octet-stream", as_attachment=True, download_name=name
    )


@desk.get("/rules")
@permit("payments.read")
def rules() -> str:
    """Which accounts each movement goes to. They are loaded by `flask payments load-vouchers`."""
    with unit_of_work() as session:
        return render_template(
            "payments/desk/voucher_rules.html", rules=queries.rules(session), channel_name=channel_name
        )


@desk.get("/<number>")
@permit("payments.read")
def voucher(number: str) -> str:
    """The panel beside the list, or a page of its own."""
    part = "_voucher" if request.headers.get("HX-Request") else "voucher"
    with unit_of_work() as session:
        return _panel(session, number, part)


def _panel(session: Session, number: str, part: str = "_voucher") -> str:
    found = queries.voucher_file(session, number)
    return render_template(
        f"payments/desk/{part}.html",
        v=found.voucher,
        lines=found.lines,
        unit_name=found.unit_name,
        maker=colleague(found.people, found.voucher.made_by_id),
        labels=VOUCHER_LABELS,
        tones=TONES,
        kinds=ENTRY_NAMES,
        channel_name=channel_name,
        may_send=caller().may("payments.vouchers") and found.voucher.status == "refused",
        today=clock.today(),
    )


@desk.post("/<number>/again")
@permit("payments.vouchers")
def again(number: str) -> Any:
    """A refused voucher once more, with the date that was given."""
    try:
        voucher_on = date.fromisoformat(request.form.get("voucher_on", ""))
    except ValueError:
        raise Invalid(details={"voucher_on": [N_("日期不对，请重新选择。")]}) from None
    with unit_of_work() as session:
        service.send_again(session, by=caller(), number=number, voucher_on=voucher_on)
    with unit_of_work() as session:
        target = url_for("payments_vouchers.voucher", number=number)
        return answer(lambda: _panel(session, number), target)
