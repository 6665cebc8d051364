"""What the project asks of WeChat Pay, as typed calls. Raises VendorError (see errors) and nothing else."""

import functools
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, BinaryIO, TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from wechatpayv3 import WeChatPay, WeChatPayType

from app.clients.line import Line, Request
from app.clients.vendor import OutcomeUnknown
from app.clients.wxpay import bills, notices
from app.clients.wxpay.keys import FLAWS, Verifier, public_pem
from app.clients.wxpay.settings import WxPaySettings
from app.clients.wxpay.trades import RefundState, Trade, refund_of, trade_of
from app.clients.wxpay.wire import Wire, reader
from app.kit import clock

T = TypeVar("T")

LONGEST_DESCRIPTION, LONGEST_ATTACH, LONGEST_REASON = 127, 128, 80
_ORDER_NO = re.compile(r"[0-9A-Za-z]{6,32}")
_REFUND_NO = re.compile(r"[0-9A-Za-z]{1,64}")


class WxPay:
    """One merchant. Make one per process; threads share it; a fork makes its own connections.

    Order and refund numbers are letters and digits alone, though WeChat takes more: paths are signed, and
    other characters are signed in one form and sent in another.
    """

    def __init__(self, settings: WxPaySettings) -> None:
        self._settings = settings
        self._verifier = Verifier(settings.public_keys)
        self._cipher = AESGCM(settings.api_v3_key.encode())
        self._library = _library(settings)
        self._wire = self._library._core = Wire(settings)
        self._line = Line(f"wxpay:{settings.mchid}", settings.line_settings)

    @property
    def mchid(self) -> str:
        return self._settings.mchid

    @property
    def appid(self) -> str:
        return self._settings.appid

    # paying

    def prepay_jsapi(
        self,
        *,
        order_no: str,
        description: str,
        fen: int,
        openid: str,
        expires_at: datetime,
        notify_url: str,
        attach: str = "",
    ) -> str:
        """A prepay_id (two hours) for a page inside WeChat; the same order asked again gives a fresh one.

        Raises OrderPaid, OrderClosed, Refused (other parameters than at first, among others), Unavailable and
        OutcomeUnknown, after which the same call may be made again.
        """
        given = _order(order_no, description, fen, expires_at, notify_url, attach)
        kind = WeChatPayType.JSAPI
        return self._prepay(
            lambda: self._library.pay(**given, payer={"openid": openid}, pay_type=kind), "prepay_id"
        )

    def prepay_native(
        self,
        *,
        order_no: str,
        description: str,
        fen: int,
        expires_at: datetime,
        notify_url: str,
        attach: str = "",
    ) -> str:
        """A code_url (two hours) to draw as a QR code; each new one makes the one before it invalid."""
        given = _order(order_no, description, fen, expires_at, notify_url, attach)
        return self._prepay(lambda: self._library.pay(**given, pay_type=WeChatPayType.NATIVE), "code_url")

    def invocation(self, prepay_id: str) -> dict[str, str]:
        """What the page hands to WeixinJSBridge's getBrandWCPayRequest (wx.chooseWXPay: timeStamp is `timestamp`)."""
        timestamp, nonce = str(int(clock.now().timestamp())), secrets.token_hex(16)
        package = f"prepay_id={prepay_id}"
        return {
            "appId": self.appid,
            "timeStamp": timestamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": self._library.sign([self.appid, timestamp, nonce, package]),
        }

    def query(self, order_no: str) -> Trade:
        """How the order stands. Raises NoSuchOrder, Unavailable, BadReply.

        NoSuchOrder is an answer 404, which need not be signed: of an order that has a prepay_id it does not
        prove that nobody paid.
        """
        _check(_ORDER_NO, order_no)
        return self._ask("query", self._library.query(out_trade_no=order_no), trade_of)

    def close(self, order_no: str) -> None:
        """Let nobody pay any more; may be repeated. OrderPaid when somebody has: ask, and accept it."""
        _check(_ORDER_NO, order_no)
        self._tell("close", self._library.close(order_no), lambda _: None)

    # refunds

    def refund(
        self, *, refund_no: str, order_no: str, fen: int, total_fen: int, reason: str, notify_url: str
    ) -> RefundState:
        """Ask for a refund, or again for the same one: one number is refunded once, whatever happens.

        The answer says that it was accepted, not that the money has arrived. After OutcomeUnknown, Unavailable
        and NotEnough repeat it under the same number; a new number would be a second refund.
        """
        _check(_REFUND_NO, refund_no)
        _check(_ORDER_NO, order_no)
        request = self._library.refund(
            refund_no,
            {"refund": fen, "total": total_fen, "currency": "CNY"},
            out_trade_no=order_no,
            reason=reason[:LONGEST_REASON],
            notify_url=notify_url,
        )
        return self._tell("refund", request, refund_of)

    def query_refund(self, refund_no: str) -> RefundState:
        """How the refund stands. Raises NoSuchOrder, Unavailable, BadReply."""
        _check(_REFUND_NO, refund_no)
        return self._ask("query_refund", self._library.query_refund(refund_no), refund_of)

    def apply_abnormal_refund(
        self,
        *,
        refund_id: str,
        refund_no: str,
        bank_type: str = "",
        bank_account: str = "",
        real_name: str = "",
    ) -> RefundState:
        """Send an ABNORMAL refund elsewhere: to the bank card given (which WeChat gets encrypted), or, when
        none is, to the merchant's own account, whose finance office then pays the person by hand."""
        _check(_REFUND_NO, refund_id)
        _check(_REFUND_NO, refund_no)
        kind = "USER_BANK_CARD" if bank_account else "MERCHANT_BANK_CARD"
        request = self._library.abnormal_refund(
            refund_id, refund_no, kind, bank_type, bank_account, real_name
        )
        return self._tell("abnormal_refund", request, refund_of)

    # bills

    def trade_bill(self, day: date, *, kind: str, into: BinaryIO) -> None:
        """The trades of a day (`kind` ALL, SUCCESS or REFUND) as CSV bytes, unpacked and checked.

        What stands in `into` counts only when this returns. Raises NoStatement, StatementCreating,
        Unavailable and BadReply (cut short, wrong digest).
        """
        self._bill("trade_bill", self._library.trade_bill(day.isoformat(), kind), into)

    def fund_flow_bill(self, day: date, *, account: str, into: BinaryIO) -> None:
        """The movements of one account (BASIC, OPERATION or FEES); otherwise as `trade_bill`."""
        self._bill("fund_flow_bill", self._library.fundflow_bill(day.isoformat(), account), into)

    # notices

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> notices.Notice:
        """What WeChat tells us, proved and decrypted, from the headers and the body's very bytes. BadNotice."""
        return notices.read(self._verifier, self._cipher, headers, body)

    # the wire

    def _ask(self, call: str, request: Request, then: Callable[[dict[str, Any]], T]) -> T:
        return self._line.ask(call, request, reader(self._verifier, call, then, has_effect=False))

    def _tell(self, call: str, request: Request, then: Callable[[dict[str, Any]], T]) -> T:
        return self._line.write(call, request, reader(self._verifier, call, then, has_effect=True))

    def _prepay(self, write: Callable[[], Request], wanted: str) -> str:
        """An answer that is not provably WeChat's is asked for once more: it may be WeChat probing us."""
        read = functools.partial(_member, wanted)
        try:
            return self._tell("prepay", write(), read)
        except OutcomeUnknown as error:
            if error.code not in FLAWS:
                raise
        return self._tell("prepay", write(), read)

    def _bill(self, call: str, request: Request, into: BinaryIO) -> None:
        answer = self._ask(call, request, dict)
        bills.download(self._wire, self._settings.timeout, answer, call, into)


def _member(name: str, answer: Mapping[str, Any]) -> str:
    found = answer[name]
    if not isinstance(found, str) or not found:
        raise ValueError(name)
    return found


def _library(settings: WxPaySettings) -> Any:
    """wechatpayv3 as it comes; in this mode it asks nothing of the network at the start."""
    answer_key, pem = next(iter(settings.public_keys.items()))
    return WeChatPay(
        WeChatPayType.JSAPI,
        settings.mchid,
        None,  # the wire signs
        settings.serial_no,
        settings.appid,
        settings.api_v3_key,
        public_key=public_pem(pem),
        public_key_id=answer_key,
    )


def _order(
    order_no: str, description: str, fen: int, expires_at: datetime, notify_url: str, attach: str
) -> dict[str, Any]:
    _check(_ORDER_NO, order_no)
    if fen < 1:
        raise ValueError("an order costs at least one fen")
    return {
        "out_trade_no": order_no,
        "description": description[:LONGEST_DESCRIPTION],
        "amount": {"total": fen, "currency": "CNY"},
        "time_expire": clock.local(expires_at).isoformat(timespec="seconds"),
        "notify_url": notify_url,
        "attach": attach[:LONGEST_ATTACH],
    }


def _check(form: re.Pattern[str], number: str) -> None:
    if not form.fullmatch(number):
        raise ValueError("not a number WeChat Pay takes")
