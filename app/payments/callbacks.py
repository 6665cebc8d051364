"""Doors for channels: proved, stored and applied in one transaction, then answered. Never acknowledged before.

A genuine notice that does not fit what we know is kept as a dispute, and nobody's account moves. It is answered 4xx
the first time, so that the channel tells it once more; when it fits no better then, 2xx: a person has it.
"""

import json
from typing import Any

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.clients.unipay.errors import BadNotice as BadPlatformNotice
from app.clients.wxpay.notices import LARGEST_BODY, BadNotice, PaymentNotice, RefundNotice
from app.clients.wxpay.trades import Trade
from app.kit.db import unit_of_work
from app.kit.errors import NotFound
from app.kit.http import CALLBACK, permit
from app.kit.log import log
from app.payments.models import Channel
from app.payments.service import Arrival, notices

SIGNED_BY = (
    "Wechatpay-Serial",
    "Wechatpay-Signature",
    "Wechatpay-Timestamp",
    "Wechatpay-Nonce",
)

callbacks = Blueprint("payments_callbacks", __name__, url_prefix="/callbacks")


@callbacks.post("/wxpay/<merchant_no>")
@permit(CALLBACK)
def wxpay(merchant_no: str) -> Response:
    """Payments and refunds of one merchant number."""
    merchant = _client("wxpay", merchant_no)
    request.max_content_length = LARGEST_BODY
    try:
        notice = merchant.read_notice(request.headers, request.get_data())
    except RequestEntityTooLarge:
        return _refuse("too_large", 413)
    except BadNotice as error:
        level = log.info if error.reason == "probe" else log.warning
        level("notice_refused", channel="wechat", reason=error.reason)
        return _refuse(error.reason, 401)
    if isinstance(notice, RefundNotice):
        return _wxpay_refund(notice, _letter(SIGNED_BY))
    return _wxpay_payment(notice, merchant, _letter(SIGNED_BY))


def _letter(headers: tuple[str, ...] = ()) -> dict[str, str]:
    """The notice word for word, with all that proves who wrote it."""
    return {"body": request.get_data(as_text=True), **{name: request.headers[name] for name in headers}}


def _wxpay_payment(notice: PaymentNotice, merchant: Any, letter: dict[str, str]) -> Response:
    trade = notice.trade
    about: dict[str, Any] = {
        "source": "wxpay",
        "external_id": f"{notice.event_type}:{trade.transaction_id}:{trade.state}",
        "evidence": {
            "number": trade.order_no,
            "transaction": trade.transaction_id,
            "fen": trade.fen,
            "currency": trade.currency,
            "state": trade.state,
            "merchant": trade.mchid,
            "appid": trade.appid,
            "letter": letter,
        },
    }
    problem = _problem(trade, merchant)
    with unit_of_work() as session:
        if problem or trade.paid_at is None:
            is_enough = notices.note_misfit(session, kind=problem, order_number=trade.order_no, **about)
        else:
            arrival = Arrival(
                trade.order_no,
                Channel.WECHAT,
                merchant.mchid,
                trade.transaction_id,
                trade.fen,
                trade.paid_at,
                "notify",
            )
            is_enough = notices.note_payment(session, arrival=arrival, **about)
    return Response(status=204) if is_enough else _refuse("dispute", 422)


def _problem(trade: Trade, merchant: Any) -> str:
    """What the notice says of others than this merchant, or of no payment at all."""
    if trade.mchid != merchant.mchid:
        return "wrong_merchant"
    if trade.appid != merchant.appid:
        return "wrong_appid"
    if trade.currency != "CNY":
        return "wrong_currency"
    return "" if trade.is_paid else "not_paid"


def _wxpay_refund(notice: RefundNotice, letter: dict[str, str]) -> Response:
    refund = notice.refund
    with unit_of_work() as session:
        notices.note_refund(
            session,
            source="wxpay",
            external_id=f"{notice.event_type}:{refund.refund_id}:{refund.status}",
            number=refund.refund_no,
            status=refund.status,
            channel_refund_id=refund.refund_id,
            succeeded_at=refund.succeeded_at,
            letter=letter,
        )
    return Response(status=204)


@callbacks.post("/unipay/<merchant_no>")
@permit(CALLBACK)
def unipay(merchant_no: str) -> Response:
    """Payments through the school's platform. It wants the word `success`, or it tells again."""
    platform = _client("unipay", merchant_no)
    letter = _letter()  # before the form is read
    try:
        notice = platform.read_notice(request.form)
    except BadPlatformNotice as error:
        log.warning("notice_refused", channel="platform", reason=error.reason)
        return _refuse(error.reason, 401)
    arrival = Arrival(
        notice.order_no,
        Channel.PLATFORM,
        merchant_no,
        notice.transaction_id,
        notice.fen,
        notice.paid_at,
        "notify",
    )
    with unit_of_work() as session:
        is_enough = notices.note_payment(
            session,
            source="unipay",
            external_id=f"{notice.transaction_id}:{notice.state}",
            arrival=arrival,
            evidence={
                "number": notice.order_no,
                "transaction": notice.transaction_id,
                "fen": notice.fen,
                "state": notice.state,
                "letter": letter,
            },
        )
    return Response("success", mimetype="text/plain") if is_enough else _refuse("dispute", 422)


def _client(kind: str, merchant_no: str) -> Any:
    found = getattr(current_app.extensions["clients"], kind).get(merchant_no)
    if found is None:
        raise NotFound()
    return found


def _refuse(reason: str, status: int) -> Response:
    """The status is what counts; the body is what WeChat's document asks for, and not the platform's `success`."""
    body = {"code": "FAIL", "message": reason}
    return current_app.response_class(json.dumps(body), status=status, mimetype="application/json")
