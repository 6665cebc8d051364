"""What happened with freshmen. Ids only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ExchangeAsked:
    """A roommate would like to swap a channel."""

    exchange_id: int


@dataclass(frozen=True)
class ExchangeAccepted:
    """Both see the other's contact of one channel from now on."""

    exchange_id: int


@dataclass(frozen=True)
class CardWanted:
    """The card of an admission is to be drawn, with this school's name and hotline on it."""

    admission_id: int
    school: str
    hotline: str


@dataclass(frozen=True)
class JoinAsked:
    """Somebody would like to join a companion post."""

    thread_id: int


@dataclass(frozen=True)
class JoinAccepted:
    """The author said yes; the two may write."""

    thread_id: int


@dataclass(frozen=True)
class CompanionWrote:
    """A message of one companion to the other."""

    message_id: int


@dataclass(frozen=True)
class NoteDecided:
    """The desk has read the free text of a post, or hidden the post."""

    post_id: int


@dataclass(frozen=True)
class ReportSettled:
    """The desk has answered a report."""

    report_id: int
