"""What WeChat says when it says no, one class per thing a caller may want to do about it.

No error carries a request, an answer or a text from the wire: those hold the token and the secret.
`permanent` tells whether asking again could ever help.
"""

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from app.clients.wechat.incoming import Incoming


class WeChatError(Exception):
    """Base of all. `errcode` is WeChat's number, `path` the call, `rid` WeChat's id for its support."""

    permanent: ClassVar[bool] = False

    def __init__(self, errcode: int | None = None, path: str = "", rid: str = "", detail: str = "") -> None:
        super().__init__(errcode, path, rid, detail)
        self.errcode, self.path, self.rid, self.detail = errcode, path, rid, detail

    def __str__(self) -> str:
        parts = (
            "" if self.errcode is None else f"errcode {self.errcode}",
            f"at {self.path}" if self.path else "",
            self.detail,
            f"rid {self.rid}" if self.rid else "",
        )
        return ", ".join(part for part in parts if part) or type(self).__name__


class WeChatRefused(WeChatError):
    """A definite no; the same request will be refused again."""

    permanent = True


class NotFollowing(WeChatRefused):
    """The person does not follow the account (or has blocked it)."""


class BadTemplate(WeChatRefused):
    """The template id is not of this account, or was banned."""


class BadField(WeChatRefused):
    """A template field breaks its type's rule; `detail` names the field."""


class NoCredit(WeChatRefused):
    """The person has not agreed to a subscription message, or the credit is used up."""


class OutOfWindow(WeChatRefused):
    """Too long since, or too many messages after, the person's last action in the chat."""


class BadPage(WeChatRefused):
    """WeChat does not accept the page or address the message leads to."""


class BadOpenid(WeChatRefused):
    """No such person at this account."""


class MediaGone(WeChatRefused):
    """The media id is unknown or older than three days."""


class MediaRefused(WeChatRefused):
    """The media is larger than allowed or not of an accepted type."""


class NoMenu(WeChatRefused):
    """The account has no menu."""


class CodeInvalid(WeChatRefused):
    """The sign-in code is unknown, expired or of another account: start the sign-in again."""


class CodeUsed(CodeInvalid):
    """The sign-in code was used before (a double load, or the back button)."""


class ForeignUrl(WeChatRefused):
    """A page was to be signed that is not ours."""


class WeChatUnavailable(WeChatError):
    """Nothing happened; it may work later."""


class QuotaExceeded(WeChatUnavailable):
    """The account's quota of the day or the minute is used up."""


class TokenRefused(WeChatUnavailable):
    """WeChat refuses our access token, and did so again after a new one was fetched."""


class ConfigWrong(WeChatUnavailable):
    """The account's set-up is wrong (secret, address list, permission): works once an administrator acts."""


class WeChatUnknown(WeChatError):
    """Sent, but no answer that could be read: it may have happened or not. Never repeat it blindly."""


class BadCallback(WeChatError):
    """A request to the callback that is not a well-formed, encrypted message from WeChat to this account.

    `reason` is one of: too_large, not_encrypted, signature, appid, account, malformed, stale.
    """

    permanent = True

    def __init__(self, reason: str) -> None:
        super().__init__(None, "callback", "", reason)
        self.args = (reason,)
        self.reason = reason


class StaleCallback(BadCallback):
    """Genuine, but its timestamp is too far from now: a replay, a late retry, or one clock is wrong.

    The message comes along, so that the door can choose between logging and refusing.
    """

    def __init__(self, incoming: "Incoming", seconds: int) -> None:
        super().__init__("stale")
        self.incoming, self.seconds = incoming, seconds
