"""Every try at a claim is counted before it is looked at.

Limits that hold: five unsuccessful tries an hour for one claim, whether it is there or not, and five for one person.
A network is only slowed: in a hall hundreds share an address. From one with many failures a try counts only when its
form was open for ten seconds. PostgreSQL is the truth; locks make parallel tries count one after the other.

Lock order: the person's, then the claim's.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.welcome.models import ClaimTry
from app.welcome.service import alarms

WINDOW = timedelta(hours=1)
PER_CLAIM = 5
PER_PERSON = 5
BUSY_NETWORK = 40
PAUSE = timedelta(seconds=10)
PERSON_LOCK, CLAIM_LOCK = 7311, 7312


class Gate(Enum):
    """Why a try is not looked at."""

    LIMIT = "limit"
    TOO_FAST = "too_fast"


@dataclass(frozen=True)
class Attempt:
    """Where a try comes from. `opened_at` is when the form was opened, as its signed field says."""

    kind: str
    number_index: str
    network: str
    opened_at: datetime


def reserve_try(session: Session, *, by: Caller, attempt: Attempt) -> int | Gate:
    """Count a try; the id, or why it may not be looked at. Must be committed before anything is looked at.

    What is refused counts for alarms, and not against the limits: who keeps trying locks no claim for ever.
    """
    _lock(session, PERSON_LOCK, str(by.person_id))
    _lock(session, CLAIM_LOCK, attempt.number_index)
    since = clock.now() - WINDOW
    of_claim = _counted(session, ClaimTry.number_index == attempt.number_index, since, PER_CLAIM)
    of_person = _counted(session, ClaimTry.person_id == by.person_id, since, PER_PERSON)
    gate: Gate | None = None
    if of_claim >= PER_CLAIM or of_person >= PER_PERSON:
        gate = Gate.LIMIT
    elif clock.now() - attempt.opened_at < PAUSE and _is_busy(session, attempt.network, since):
        gate = Gate.TOO_FAST
    try_id = session.scalars(
        insert(ClaimTry)
        .values(
            kind=attempt.kind,
            number_index=attempt.number_index,
            person_id=by.person_id,
            network=attempt.network,
            tried_at=clock.now(),
            succeeded=False,
            is_refused=gate is not None,
        )
        .returning(ClaimTry.id)
    ).one()
    if gate is None:
        return try_id
    alarms.watch(session, person_id=by.person_id, network=attempt.network)
    return gate


def note_success(session: Session, *, number_index: str, person_id: int) -> None:
    """The person's earlier slips at this claim were slips."""
    session.execute(
        update(ClaimTry)
        .where(ClaimTry.number_index == number_index, ClaimTry.person_id == person_id)
        .values(succeeded=True)
    )


def _counted(session: Session, condition: ColumnElement[bool], since: datetime, most: int) -> int:
    few = (
        select(ClaimTry.id)
        .where(condition, ClaimTry.tried_at > since, ~ClaimTry.succeeded, ~ClaimTry.is_refused)
        .limit(most)
    )
    return session.scalar(select(func.count()).select_from(few.subquery())) or 0


def _is_busy(session: Session, network: str, since: datetime) -> bool:
    return _counted(session, ClaimTry.network == network, since, BUSY_NETWORK) >= BUSY_NETWORK


def _lock(session: Session, kind: int, key: str) -> None:
    session.execute(select(func.pg_advisory_xact_lock(kind, func.hashtext(key))))
