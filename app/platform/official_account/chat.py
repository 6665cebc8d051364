"""The callback: what people write to the account and do with it, answered at once.

One short transaction: the answer is read, stored with the message, and given again to a repetition. All
else happens later. WeChat waits five seconds and tries three times.
"""

from typing import Any

from flask import Blueprint, Response, current_app, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import RequestEntityTooLarge

from app.clients.wechat.callback import (
    LARGEST_BODY,
    NOTHING,
    decode,
    encode_reply,
    seal,
    verify_echo,
)
from app.clients.wechat.errors import BadCallback
from app.clients.wechat.incoming import Incoming
from app.clients.wechat.replies import Nothing, Text, render
from app.clients.wechat.settings import WeChatSettings
from app.kit.db import unit_of_work
from app.kit.http import CALLBACK, permit
from app.kit.log import log
from app.platform.official_account import service
from app.platform.official_account.service import Receipt
from app.platform.official_account.service.receiving import STORED
from app.platform.official_account.service.words import SORRY

callback = Blueprint("wechat_callback", __name__)

JUNK = frozenset({"malformed", "not_encrypted", "too_large"})
"""Reasons that say: this was never a message of WeChat's. The others: somebody pretends, or repeats."""


@callback.get("/callbacks/wechat")
@permit(CALLBACK)
def verify() -> Response:
    """WeChat tries the address when it is entered: the echo proves that we know the token."""
    given = request.args
    signature, timestamp, nonce = (given.get(name, "") for name in ("signature", "timestamp", "nonce"))
    if not verify_echo(_settings().token, signature, timestamp, nonce):
        return _refuse("signature")
    return Response(given.get("echostr", "")[:200], mimetype="text/plain")


@callback.post("/callbacks/wechat")
@permit(CALLBACK)
def receive() -> Response:
    request.max_content_length = LARGEST_BODY
    settings = _settings()
    try:
        incoming = decode(settings, request.args, request.get_data(cache=False))
    except RequestEntityTooLarge:
        return _refuse("too_large")
    except BadCallback as error:
        return _refuse(error.reason)
    if incoming.is_event and incoming.kind not in STORED:
        return _plain(NOTHING)
    try:
        answer = _answer(settings, incoming)
    except (OperationalError, PoolExhausted) as error:
        log.error("callback_database_away", kind=incoming.kind, error=type(error).__name__)
        return _plain("", 503)
    return _plain(answer, mimetype="text/plain" if answer == NOTHING else "text/xml")


def _answer(settings: WeChatSettings, incoming: Incoming) -> str:
    try:
        return _store_and_answer(settings, incoming, reply=None)
    except service.AnswerFailed as error:
        log.error("chat_answer_failed", word=error.word, exc_info=error)
    return _store_and_answer(settings, incoming, reply=SORRY)


def _store_and_answer(settings: WeChatSettings, incoming: Incoming, *, reply: str | None) -> str:
    nonce, timestamp = request.args["nonce"], request.args["timestamp"]
    with unit_of_work() as session:
        if reply is None:
            reply = service.reply_to(
                session,
                appid=settings.appid,
                openid=incoming.openid,
                kind=incoming.kind,
                text=incoming.text or incoming.key,
                scene=incoming.scene,
                base_url=current_app.config["BASE_URL"],
            )
        said = Text(reply) if reply else Nothing()
        sealed = encode_reply(settings, incoming, said, nonce=nonce, timestamp=timestamp)
        receipt = service.receive(
            session,
            external_id=incoming.dedupe_key,
            payload=_facts(incoming),
            answer=sealed,
            first=Receipt(sealed, reply, nonce, timestamp),
        )
    return _again(settings, incoming, receipt, nonce, timestamp) if receipt.is_repeat else receipt.answer


def _again(settings: WeChatSettings, incoming: Incoming, first: Receipt, nonce: str, timestamp: str) -> str:
    """The same bytes; under a new nonce, which WeChat wants to see again, the same message sealed anew."""
    if not first.reply or (first.nonce, first.timestamp) == (nonce, timestamp):
        return first.answer
    plain = render(Text(first.reply), to=incoming.openid, sender=settings.account_id, at=int(first.timestamp))
    return seal(settings, plain, nonce=nonce, timestamp=timestamp)


def _facts(incoming: Incoming) -> dict[str, Any]:
    """What later work may need; not what the person wrote."""
    return {
        "kind": incoming.kind,
        "openid": incoming.openid,
        "at": incoming.at.isoformat(),
        "msg_id": incoming.msg_id,
        "key": incoming.key,
        "scene": incoming.scene,
        "status": incoming.status,
        "subscriptions": [vars(item) for item in incoming.subscriptions],
    }


def _refuse(reason: str) -> Response:
    log.warning("callback_refused", reason=reason)
    return _plain("", 400 if reason in JUNK else 403)


def _plain(text: str, status: int = 200, mimetype: str = "text/plain") -> Response:
    return Response(text, status, mimetype=mimetype)


def _settings() -> WeChatSettings:
    settings: WeChatSettings = current_app.extensions["clients"].wechat.settings
    return settings
