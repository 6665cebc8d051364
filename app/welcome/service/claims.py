"""Claiming an admission: one answer to whatever fails, the same work for claims that are there and that are not."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.orm import Session

from app.kit import clock, crypto, outbox
from app.kit.caller import Caller
from app.kit.db import AnyRow
from app.kit.errors import DomainError
from app.platform.audit import service as audit
from app.platform.identity import queries as identity_queries
from app.platform.identity import service as identity
from app.platform.notifications import service as notifications
from app.welcome.errors import AlreadySomebody, NeedsWeChat
from app.welcome.events import AdmissionClaimed, ClaimCodeAsked
from app.welcome.models import Admission, ClaimCode, Dispute, Season
from app.welcome.service import alarms, guardians, proofs, tries

CODE = "welcome.claim_code"
CODE_LIVES = timedelta(minutes=10)
CODE_TRIES = 5
RESERVED = timedelta(days=7)
"""After a granted dispute only whoever disputed may claim."""
NOTHING = "0" * 32  # compared with where there is nothing, so that comparing takes as long
WAYS = ("letter", "phone")


@dataclass(frozen=True)
class Given:
    """What the person typed. `way` is `letter` (its number) or `phone` (a code sent to the phone on file)."""

    profile: str
    name: str
    number: str
    last_six: str
    way: str = "letter"
    letter: str = ""
    code: str = ""

    @property
    def number_index(self) -> str:
        return proofs.number_index(self.profile, self.number)

    @property
    def claim_index(self) -> str:
        return proofs.claim_index(
            profile=self.profile, name=self.name, number=self.number, last_six=self.last_six
        )


@dataclass(frozen=True)
class Found:
    """A claim that was proved."""

    admission_id: int
    person_id: int
    is_claimed: bool
    reserved_for: int | None


def check_may_claim(session: Session, by: Caller) -> None:
    """Whether this WeChat may claim at all; says nothing about any claim. Raises NeedsWeChat, AlreadySomebody."""
    link = identity_queries.link_of_session(session, by.session_id)
    if link is None:
        raise NeedsWeChat()
    if link.is_bound:
        raise AlreadySomebody()


def ask_code(session: Session, *, by: Caller, given: Given, network: str) -> None:
    """Note the wish for a code. Whether there is such a claim is looked at later, by a worker."""
    moment = clock.now()
    code_id = session.scalars(
        insert(ClaimCode)
        .values(
            person_id=by.person_id,
            claim_index=given.claim_index,
            tries=0,
            asked_at=moment,
            expires_at=moment + CODE_LIVES,
        )
        .returning(ClaimCode.id)
    ).one()
    outbox.emit(session, ClaimCodeAsked(code_id))
    alarms.watch(session, person_id=by.person_id, network=network)


def send_code(session: Session, code_id: int) -> None:
    """Make the code and have it sent, once, if the claim is there."""
    row = session.scalar(select(ClaimCode).where(ClaimCode.id == code_id).with_for_update())
    if row is None or row.code_hash is not None or row.expires_at <= clock.now():
        return
    found = _admission(session, row.claim_index)
    if found is None:
        return
    code = f"{secrets.randbelow(10**6):06d}"
    row.code_hash = _code_hash(row.id, code)
    notifications.text(
        session,
        kind=CODE,
        person_id=found.person_id,
        params={"code": code, "minutes": CODE_LIVES.seconds // 60},
    )


def claim(session: Session, *, by: Caller, given: Given, network: str) -> int | None:
    """Let the caller's WeChat stand for the freshman; the admission's id, or None: then nothing has changed.

    The try is reserved and committed already. The link of a claim that was made before moves only by a code to the
    phone on file; the WeChat that had it is told. All sessions of this WeChat end.
    """
    found = _as_it_stands(session, _prove(session, by, given), given)
    if found is None or not _may_bind(found, by, given) or not _bind(session, by, found):
        alarms.watch(session, person_id=by.person_id, network=network)
        return None
    moment = clock.now()
    session.execute(
        update(Admission)
        .where(Admission.id == found.admission_id)
        .values(claimed_at=moment, updated_at=moment)
    )
    tries.note_success(session, number_index=given.number_index, person_id=found.person_id)
    audit.record(
        session,
        by=by,
        action="welcome.claimed",
        object_type="admission",
        object_id=found.admission_id,
        fields=[given.way],
    )
    outbox.emit(
        session,
        AdmissionClaimed(found.admission_id, found.person_id, moment.isoformat(), found.is_claimed),
    )
    return found.admission_id


def claim_as_guardian(
    session: Session, *, by: Caller, given: Given, relation: str, network: str
) -> str | None:
    """As `claim`, from a parent's phone: asks the freshman to let it look on. Returns the public id (grd_…)."""
    found = _prove(session, by, given)
    if found is None or found.person_id == by.person_id:
        alarms.watch(session, person_id=by.person_id, network=network)
        return None
    tries.note_success(session, number_index=given.number_index, person_id=by.person_id)
    return guardians.ask(session, by=by, admission_id=found.admission_id, relation=relation)


def _prove(session: Session, by: Caller, given: Given) -> Found | None:
    """The same statements and hashes whatever is there and whichever way is taken."""
    claim_index = given.claim_index
    letter = proofs.letter_index(given.letter)
    code = _use_code(session, by, claim_index)
    code_hash = _code_hash(code.id if code else 0, given.code)
    row = _admission(session, claim_index)
    kept_letter = (row.letter_index if row else None) or NOTHING
    kept_code = (code.code_hash if code else None) or NOTHING
    by_letter = hmac.compare_digest(kept_letter, letter) and given.way == "letter"
    by_code = hmac.compare_digest(kept_code, code_hash) and given.way == "phone"
    if row is None or not (by_letter or by_code):
        return None
    if by_code and code is not None:
        session.execute(update(ClaimCode).where(ClaimCode.id == code.id).values(used_at=clock.now()))
    return _found(row)


def _use_code(session: Session, by: Caller, claim_index: str) -> AnyRow | None:
    """Count a try at the person's last code for this claim, and read it."""
    newest = (
        select(func.max(ClaimCode.id))
        .where(ClaimCode.person_id == by.person_id, ClaimCode.claim_index == claim_index)
        .scalar_subquery()
    )
    return session.execute(
        update(ClaimCode)
        .where(
            ClaimCode.id == newest,
            ClaimCode.tries < CODE_TRIES,
            ClaimCode.used_at.is_(None),
            ClaimCode.expires_at > clock.now(),
        )
        .values(tries=ClaimCode.tries + 1)
        .returning(ClaimCode.id, ClaimCode.code_hash)
    ).one_or_none()


def _admission(session: Session, claim_index: str) -> AnyRow | None:
    today = clock.today()
    reserved_for = (
        select(Dispute.person_id)
        .where(
            Dispute.admission_id == Admission.id,
            Dispute.status == "granted",
            Dispute.decided_at > clock.now() - RESERVED,
        )
        .order_by(Dispute.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    is_open = exists().where(
        Season.id == Admission.season_id, Season.opens_on <= today, Season.closes_on >= today
    )
    return session.execute(
        select(
            Admission.id,
            Admission.person_id,
            Admission.letter_index,
            Admission.claimed_at,
            reserved_for.label("reserved_for"),
        )
        .where(
            Admission.claim_index == claim_index,
            Admission.status.not_in(["deferred", "withdrawn"]),
            is_open,
        )
        .order_by(Admission.id.desc())
        .limit(1)
    ).one_or_none()


def _as_it_stands(session: Session, proved: Found | None, given: Given) -> Found | None:
    """The admission again, now that nobody else moves it: a dispute may have been granted meanwhile.

    Where nothing was proved the same is asked, about nobody.
    """
    admission_id = proved.admission_id if proved else 0
    session.execute(select(Admission.id).where(Admission.id == admission_id).with_for_update())
    row = _admission(session, given.claim_index)
    return _found(row) if proved and row is not None and row.id == admission_id else None


def _found(row: AnyRow) -> Found:
    return Found(row.id, row.person_id, row.claimed_at is not None, row.reserved_for)


def _may_bind(found: Found, by: Caller, given: Given) -> bool:
    if found.reserved_for is not None and found.reserved_for != by.person_id:
        return False
    return not found.is_claimed or given.way == "phone"


def _bind(session: Session, by: Caller, found: Found) -> bool:
    try:
        with session.begin_nested():
            identity.bind(session, by=by, person_id=found.person_id, may_replace=found.is_claimed)
    except DomainError:
        return False
    return True


def _code_hash(code_id: int, code: str) -> str:
    return crypto.blind_index(f"{code_id}\0{''.join(code.split())}", CODE)
