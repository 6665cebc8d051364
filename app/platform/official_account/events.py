"""What happened in the chat with the account, mostly said of people instead of openids."""

from dataclasses import dataclass


@dataclass(frozen=True)
class WeChatEventStored:
    """An event of WeChat waits in external_events to be sorted out."""

    external_event_id: int


@dataclass(frozen=True)
class Followed:
    """Somebody follows the account from now on. May be heard more than once for one follow."""

    person_id: int


@dataclass(frozen=True)
class Unfollowed:
    """Somebody no longer follows the account."""

    person_id: int


@dataclass(frozen=True)
class SceneScanned:
    """Somebody scanned the QR made for this thing. It ties them to nothing that is secret: a hint only."""

    kind: str
    reference: str
    person_id: int


@dataclass(frozen=True)
class TemplateSendFinished:
    """What became of an accepted template message. `status` is success or failed:<why>; `at` is ISO."""

    msgid: str
    status: str
    at: str


@dataclass(frozen=True)
class SubscriptionChanged:
    """One template in an event about subscription messages.

    `change` is popup, change or sent; `answer` accept, reject… or, for sent, WeChat's error code ("0": fine).
    """

    openid: str
    template_id: str
    change: str
    answer: str
    msgid: str
    at: str


@dataclass(frozen=True)
class AuthorizationRevoked:
    """Somebody took back what they had allowed: what we hold of it must go. `scopes` has WeChat's numbers."""

    person_id: int
    scopes: str
    is_account_closed: bool
