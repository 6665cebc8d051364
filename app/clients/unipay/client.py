"""What the project asks of the platform, as typed calls. Raises VendorError (see errors) and nothing else."""

import base64
import json
import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TypeVar
from urllib.parse import quote, urlencode

import requests

from app.clients.line import Line, Request
from app.clients.orders import check_order
from app.clients.statement import Statement, read_statement
from app.clients.unipay.errors import KINDS, BadNotice, refusal, unreadable
from app.clients.unipay.settings import UniPaySettings
from app.clients.unipay.signing import is_signed, sign
from app.clients.unipay.trades import Notice, RefundState, Trade, notice_of, refund_of, trade_of
from app.clients.vendor import AuthProblem
from app.kit import clock
from app.kit.log import log

T = TypeVar("T")

LONGEST_NUMBER, LONGEST_SUBJECT, LONGEST_REASON = 32, 64, 80
MOST_FEN = 10_000_000
FRESH_SECONDS = 300
NOTICE_FIELDS = (
    "merchant_no",
    "order_no",
    "transaction_id",
    "state",
    "total_fen",
    "paid_at",
    "timestamp",
    "nonce",
    "sign",
)


class UniPay:
    """One merchant. Make one per process; threads share it; a fork makes its own connection."""

    def __init__(self, settings: UniPaySettings) -> None:
        self._settings = settings
        self._url = settings.url.rstrip("/")
        self._line = Line(f"unipay:{settings.merchant_no}", settings.line)

    @property
    def merchant_no(self) -> str:
        return self._settings.merchant_no

    def cashier_url(
        self,
        *,
        order_no: str,
        description: str,
        fen: int,
        payer_ref: str,
        expires_at: datetime,
        notify_url: str,
        return_url: str,
    ) -> str:
        """Where the payer goes to pay, until `expires_at`; nothing is sent by us. Raises Refused.

        The platform learns of the order when the payer opens it. Another address of the same order is as good.
        """
        check_order(order_no, LONGEST_NUMBER, fen, 1, MOST_FEN)
        fields = self._signed(
            order_no=order_no,
            subject=description[:LONGEST_SUBJECT],
            total_fen=str(fen),
            payer=payer_ref,
            expires_at=clock.local(expires_at).isoformat(timespec="seconds"),
            notify_url=notify_url,
            return_url=return_url,
        )
        return f"{self._url}/cashier?{urlencode(fields, quote_via=quote)}"

    def query(self, order_no: str) -> Trade:
        """How the order stands. Raises NoSuchOrder (nobody has opened the cashier), Unavailable, BadReply."""
        return self._ask("query", lambda answer: trade_of(answer, order_no), order_no=order_no)

    def close(self, order_no: str) -> None:
        """Let nobody pay any more, opened or not; may be repeated. OrderPaid when somebody has."""
        self._tell("close", lambda _: None, order_no=order_no)

    def refund(self, *, refund_no: str, order_no: str, fen: int, total_fen: int, reason: str) -> RefundState:
        """Ask for a refund, or again for the same one: one number is refunded once, whatever happens.

        After OutcomeUnknown, Unavailable and NotEnough repeat it under the same number.
        """
        check_order(refund_no, LONGEST_NUMBER, fen, 1, total_fen)
        return self._tell(
            "refund",
            lambda answer: refund_of(answer, refund_no),
            refund_no=refund_no,
            order_no=order_no,
            refund_fen=str(fen),
            total_fen=str(total_fen),
            reason=reason[:LONGEST_REASON],
        )

    def query_refund(self, refund_no: str) -> RefundState:
        """How the refund stands. Raises NoSuchOrder, Unavailable, BadReply."""
        return self._ask("query_refund", lambda answer: refund_of(answer, refund_no), refund_no=refund_no)

    def day_file(self, day: date) -> Statement:
        """The platform's books of a day, whole. Raises StatementMissing, Unavailable or BadReply."""
        content = self.statement_file(day)
        return read_statement(content, merchant=self.merchant_no, day=day, call="day_file")

    def statement_file(self, day: date) -> bytes:
        """The same, as it came: whoever archives it reads it."""
        return self._ask(
            "day_file",
            lambda answer: base64.b64decode(answer["file"], validate=True),
            day=f"{day:%Y%m%d}",
        )

    def read_notice(self, form: Mapping[str, str]) -> Notice:
        """What the platform tells us, proved. Raises BadNotice and nothing else.

        Whether it agrees with our order and whether it came before is for the application to say.
        """
        fields = dict(form.items())
        if any(not fields.get(name) for name in NOTICE_FIELDS):
            raise BadNotice("missing")
        if fields["merchant_no"] != self.merchant_no:
            raise BadNotice("merchant")
        if not is_signed(self._settings.key, fields):
            raise BadNotice("signature")
        try:
            age = clock.now().timestamp() - int(fields["timestamp"])
            notice = notice_of(fields)
        except (ValueError, OverflowError):
            raise BadNotice("malformed") from None
        if abs(age) > FRESH_SECONDS:
            raise BadNotice("stale")
        if notice.state != "SUCCESS":
            raise BadNotice("not_paid")
        return notice

    # the wire

    def _ask(self, call: str, then: Callable[[dict[str, str]], T], **fields: str) -> T:
        request, nonce = self._request(call, fields)
        return self._line.ask(call, request, self._reader(call, nonce, then, writes=False))

    def _tell(self, call: str, then: Callable[[dict[str, str]], T], **fields: str) -> T:
        request, nonce = self._request(call, fields)
        return self._line.write(call, request, self._reader(call, nonce, then, writes=True))

    def _request(self, call: str, fields: Mapping[str, str]) -> tuple[Request, str]:
        body = self._signed(**fields)
        return Request("POST", f"{self._url}/gateway/{call}", body), body["nonce"]

    def _signed(self, **fields: str) -> dict[str, str]:
        whole = {
            **fields,
            "merchant_no": self.merchant_no,
            "timestamp": str(int(clock.now().timestamp())),
            "nonce": secrets.token_hex(16),
        }
        return {**whole, "sign": sign(self._settings.key, whole)}

    def _reader(
        self, call: str, nonce: str, then: Callable[[dict[str, str]], T], *, writes: bool
    ) -> Callable[[requests.Response], T]:
        """Reads one answer. Only what is signed and about this request is believed.

        "You are nobody to me" alone may come unsigned: the platform does not know with which key to say it.
        """

        def read(response: requests.Response) -> T:
            answer = _texts(json.loads(response.content))
            code, said = answer["code"], answer.get("message", "")
            if KINDS.get(code) is AuthProblem:
                raise refusal(code, said, call, writes=writes)
            if flaw := self._flaw(answer, nonce):
                log.warning("unipay.answer_not_proved", call=call, reason=flaw)
                raise unreadable(flaw, call, writes=writes)
            if code != "SUCCESS":
                raise refusal(code, said, call, writes=writes)
            return then(answer)

        return read

    def _flaw(self, answer: Mapping[str, str], nonce: str) -> str:
        if not is_signed(self._settings.key, answer):
            return "signature"
        if (answer.get("merchant_no"), answer.get("nonce")) != (self.merchant_no, nonce):
            return "another_answer"
        return ""


def _texts(answer: object) -> dict[str, str]:
    """Raises TypeError for anything but an object of texts."""
    if not isinstance(answer, dict) or not all(isinstance(value, str) for value in answer.values()):
        raise TypeError("not an object of texts")
    return answer
