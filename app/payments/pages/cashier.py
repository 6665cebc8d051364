"""The cashier: what is to be paid, how, and what became of it."""

from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import limits
from app.kit.caller import Caller
from app.kit.db import unit_of_work
from app.kit.errors import DomainError
from app.kit.http import SIGNED_IN, caller, permit, sentence
from app.kit.qr import svg_uri
from app.payments.channels import Started
from app.payments.errors import AgreementLimit, AgreementMissing, ChannelClosed, PayerUnknown
from app.payments.flows import cards, paying
from app.payments.models import CHANNEL_NAMES, Channel
from app.payments.queries import orders as queries
from app.payments.service import attempts, cancel_order
from app.payments.service.agreements import account_to_debit, find_agreement
from app.payments.service.proxies import make_proxy_link, order_of_link
from app.platform.identity import queries as identity

cashier = Blueprint("cashier", __name__, url_prefix="/m/pay")


@cashier.get("/<public_id>")
@permit(SIGNED_IN)
def order(public_id: str) -> Any:
    """What is to be paid. One that is paid or closed shows how it ended."""
    with unit_of_work() as session:
        view = queries.order_for(session, caller(), public_id)
        if view.state != "open":
            return redirect(url_for("cashier.result", public_id=public_id))
        return _page(session, view)


def _page(session: Session, view: queries.OrderView, problem: DomainError | None = None) -> str:
    agreement = find_agreement(session, caller().person_id)
    card = current_app.extensions["clients"].card
    return render_template(
        "payments/phone/cashier.html",
        view=view,
        o=view.order,
        channels=queries.channels_of(session, view.order),
        names=CHANNEL_NAMES,
        agreement=agreement,
        card=card.capabilities if card else None,
        problem=problem,
        told=sentence(problem) if problem else "",
        chosen=request.form.get("channel", ""),
    )


@cashier.post("/<public_id>/start")
@permit(SIGNED_IN)
def start(public_id: str) -> Any:
    """Pressing 支付. What goes wrong is told on the same page, and nothing is lost."""
    by = caller()
    limits.hit("pay", str(by.person_id), limit=30, seconds=600)
    with unit_of_work() as session:
        view = queries.order_for(session, by, public_id)
    try:
        channel = _channel()
        trade_type, account = _way(by, view, channel)
        started = _start(by, view, channel, trade_type, account)
    except DomainError as error:
        with unit_of_work() as session:
            view = queries.order_for(session, by, public_id)
            return _page(session, view, error), error.status
    return _go_on(started, channel, url_for("cashier.result", public_id=public_id), view)


def _channel() -> Channel:
    try:
        return Channel(request.form.get("channel", ""))
    except ValueError:
        raise ChannelClosed() from None


def _way(by: Caller, view: queries.OrderView, channel: Channel) -> tuple[str, str]:
    """The trade type, and the payer's name at the channel."""
    if channel == Channel.CARD:
        return _by_card(by, view.order.fen)
    openid = _openid(by)
    if channel == Channel.PLATFORM:
        return "PLATFORM", openid
    if request.form.get("trade") == "NATIVE":
        return "NATIVE", openid
    return _in_wechat(openid)


def _in_wechat(openid: str) -> tuple[str, str]:
    """WeChat's own sheet, on top of the page."""
    if not openid:
        raise PayerUnknown()
    return "JSAPI", openid


def _openid(by: Caller) -> str:
    with unit_of_work() as session:
        found = identity.openid_of(session, by.person_id)
    return found.openid if found else ""


def _by_card(by: Caller, fen: int) -> tuple[str, str]:
    """At once where an agreement covers it, else by the vendor's page for the PIN, where the school has that."""
    clients = current_app.extensions["clients"]
    if clients.card is None:
        raise ChannelClosed()
    offers = clients.card.capabilities
    if offers.has_agreements:
        try:
            with unit_of_work() as session:
                return "CARD", account_to_debit(session, by=by, fen=fen)
        except (AgreementMissing, AgreementLimit):
            if not offers.has_pin_page:
                raise
    if not offers.has_pin_page:
        raise ChannelClosed()
    return "PIN", cards.usable_account(by=by, clients=clients)


def _start(by: Caller, view: queries.OrderView, channel: Channel, trade_type: str, account: str) -> Started:
    return paying.start_payment(
        view.order.id,
        payer_id=by.person_id,
        payer_account=account,
        channel=channel,
        trade_type=trade_type,
        clients=current_app.extensions["clients"],
    )


def _go_on(started: Started, channel: Channel, then: str, view: queries.OrderView) -> Any:
    if started.kind in ("paid", "checking"):
        return redirect(then, 303)
    if started.kind == "qr":
        return redirect(url_for("cashier.code", public_id=view.order.public_id), 303)
    return render_template(
        "payments/phone/go.html", started=started, channel=channel, then=then, o=view.order
    )


@cashier.get("/<public_id>/code")
@permit(SIGNED_IN)
def code(public_id: str) -> Any:
    """The code to scan, until it is paid or the order ends. Without a code that still works, the cashier again."""
    with unit_of_work() as session:
        view = queries.order_for(session, caller(), public_id)
        url = attempts.find_code(session, order_id=view.order.id, payer_id=caller().person_id)
    if view.state != "open" or url is None:
        return redirect(url_for("cashier.order", public_id=public_id))
    return render_template("payments/phone/code.html", o=view.order, picture=svg_uri(url))


@cashier.get("/<public_id>/code/state")
@permit(SIGNED_IN)
def code_state(public_id: str) -> Response:
    """Nothing while the order is open (htmx); then the page goes on to the result."""
    with unit_of_work() as session:
        view = queries.order_for(session, caller(), public_id)
    answer = Response(status=204)
    if view.state != "open":
        answer.headers["HX-Redirect"] = url_for("cashier.result", public_id=public_id)
    return answer


@cashier.get("/<public_id>/result")
@permit(SIGNED_IN)
def result(public_id: str) -> Any:
    """Where the money is. Coming here asks the channel, and asks again every two seconds while it is open."""
    with unit_of_work() as session:
        view = queries.order_for(session, caller(), public_id)
        if view.order.status == "open":
            attempts.check_soon(session, view.order.id)
    return render_template(
        "payments/phone/result.html", view=view, o=view.order, turn=_turn(), **_live(public_id)
    )


@cashier.get("/<public_id>/state")
@permit(SIGNED_IN)
def state(public_id: str) -> Any:
    """The part of the result that changes (htmx)."""
    with unit_of_work() as session:
        view = queries.order_for(session, caller(), public_id)
    return render_template(
        "payments/phone/_state.html", view=view, o=view.order, turn=_turn(), **_live(public_id)
    )


def _turn() -> int:
    return min(request.args.get("turn", 0, type=int), 60)


def _live(public_id: str) -> dict[str, str]:
    return {
        "poll": url_for("cashier.state", public_id=public_id, turn=_turn() + 1),
        "again": url_for("cashier.order", public_id=public_id),
    }


@cashier.post("/<public_id>/cancel")
@permit(SIGNED_IN)
def cancel(public_id: str) -> Any:
    with unit_of_work() as session:
        view = queries.order_for(session, caller(), public_id)
        cancel_order(session, by=caller(), public_id=public_id)
    return redirect(view.order.return_path, 303)


@cashier.post("/<public_id>/proxy")
@permit(SIGNED_IN)
def ask_somebody(public_id: str) -> Any:
    """A link for somebody else to pay with, to be sent on or scanned."""
    with unit_of_work() as session:
        token = make_proxy_link(session, by=caller(), public_id=public_id)
        view = queries.order_for(session, caller(), public_id)
    url = current_app.config["BASE_URL"] + url_for("cashier.for_somebody", token=token)
    return render_template(
        "payments/phone/proxy.html", view=view, o=view.order, url=url, picture=svg_uri(url)
    )


@cashier.get("/for/<token>")
@permit(SIGNED_IN)
def for_somebody(token: str) -> Any:
    """Whoever holds the link sees what it is, masked, and may pay it."""
    limits.hit("proxy", str(caller().person_id), limit=60, seconds=600)
    with unit_of_work() as session:
        view = queries.order_of(session, order_of_link(session, token))
    return render_template("payments/phone/for.html", view=view, o=view.order, token=token, told="")


@cashier.post("/for/<token>/start")
@permit(SIGNED_IN)
def pay_for_somebody(token: str) -> Any:
    """By WeChat Pay, from the payer's own account: a refund goes back there."""
    by = caller()
    limits.hit("pay", str(by.person_id), limit=30, seconds=600)
    with unit_of_work() as session:
        view = queries.order_of(session, order_of_link(session, token))
    try:
        started = _start(by, view, Channel.WECHAT, *_in_wechat(_openid(by)))
    except DomainError as error:
        told = sentence(error)
        return render_template(
            "payments/phone/for.html", view=view, o=view.order, token=token, told=told
        ), error.status
    return _go_on(started, Channel.WECHAT, url_for("cashier.for_somebody", token=token), view)
