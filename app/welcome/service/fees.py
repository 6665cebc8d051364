"""Use-cases of service fees and the green channel."""

import re
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db, ids, outbox
from app.kit.caller import Caller
from app.kit.hidden import check_seen
from app.kit.i18n import N_
from app.payments import service as payments
from app.platform.audit import service as audit
from app.welcome.errors import (
    AlreadyAsked,
    DeferralDecided,
    DeferralIncomplete,
    FeeInvalid,
    FeeNotFound,
    FeeNotPayable,
)
from app.welcome.events import DeferralAsked, DeferralSettled
from app.welcome.models import Deferral, DeferralStatus, DueStatus, Fee, FeeDue
from app.welcome.queries import admissions
from app.welcome.queries import fees as queries

LONGEST, LONGEST_TITLE = 500, 40
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
RESERVED = ("new",)  # an address of the desk
MOST_FEN = 2_000_000
NO_DAY = date(1970, 1, 1)  # what a form says that names none


@dataclass(frozen=True)
class FeeTerms:
    """Collected by `fee_item` and `fen`, or linked by `link_url`."""

    title: str
    closes_on: date
    title_en: str | None = None
    fee_item: str | None = None
    fen: int | None = None
    link_url: str | None = None
    may_defer: bool = True
    position: int = 100
    is_active: bool = True


def save_fee(session: Session, *, by: Caller | None, season_id: int, key: str, terms: FeeTerms) -> int:
    """Add a fee, or change the one with this key. Raises FeeInvalid."""
    wrong = _faults(key, terms)
    if wrong:
        raise FeeInvalid(details=wrong)
    values = asdict(terms)
    fee_id = session.execute(
        insert(Fee)
        .values(season_id=season_id, key=key, profiles=[], levels=[], college_ids=[], **values)
        .on_conflict_do_update(constraint="uq_welcome_fees_season_id_key", set_=values)
        .returning(Fee.id)
    ).scalar_one()
    audit.record(session, by=by, action="welcome.fee_saved", object_type="welcome_fee", object_id=fee_id)
    return fee_id


def _faults(key: str, terms: FeeTerms) -> dict[str, list[str]]:
    check_seen(title=terms.title, title_en=terms.title_en or "")
    wrong: dict[str, list[str]] = {}
    if not KEY.fullmatch(key) or key in RESERVED:
        wrong["key"] = [N_("编码用小写字母、数字和下划线，最多 40 位。")]
    if not 0 < len(terms.title.strip()) <= LONGEST_TITLE:
        wrong["title"] = [N_("请填写这一项，最多 40 个字。")]
    if terms.closes_on == NO_DAY:
        wrong["closes_on"] = [N_("请选截止日期。")]
    is_linked = terms.link_url is not None
    if is_linked == (terms.fee_item is not None) or (terms.fen is None) != is_linked:
        wrong["link_url"] = [N_("填收费项目和金额，或只填链接。")]
    if terms.link_url is not None and not terms.link_url.startswith("https://"):
        wrong["link_url"] = [N_("链接要以 https:// 开头。")]
    if terms.fen is not None and not 0 < terms.fen <= MOST_FEN:
        wrong["yuan"] = [N_("金额请填 0.01 到 20000 元，最多两位小数。")]
    return wrong


def pay_fee(session: Session, *, by: Caller, key: str) -> str:
    """The cashier's address for one's own fee. Raises FeeNotFound, FeeNotPayable."""
    admission = admissions.admission_of(session, by.person_id)
    line = next((one for one in queries.fees_of(session, admission) if one.fee.key == key), None)
    if line is None:
        raise FeeNotFound()
    fee = line.fee
    if not line.is_due or fee.fee_item is None or fee.fen is None:
        raise FeeNotPayable()
    charge = payments.request_charge(
        session,
        by=by,
        fee_item=fee.fee_item,
        subject=_due(session, fee, by.person_id),
        fen=fee.fen,
        title=fee.title,
        return_path="/m/welcome/fees/",
        facts=[("费用", fee.title)],
    )
    return charge.url


def _due(session: Session, fee: Fee, person_id: int) -> str:
    session.execute(
        insert(FeeDue)
        .values(
            public_id=ids.public_id("wfe"),
            fee_id=fee.id,
            person_id=person_id,
            fen=fee.fen,
            status=DueStatus.UNPAID,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing()
    )
    return session.scalars(
        select(FeeDue.public_id).where(FeeDue.fee_id == fee.id, FeeDue.person_id == person_id)
    ).one()


def note_paid(session: Session, *, public_id: str, order_id: int) -> None:
    """May come twice."""
    session.execute(
        update(FeeDue)
        .where(FeeDue.public_id == public_id)
        .values(status=DueStatus.PAID, order_id=order_id, paid_at=clock.now())
    )


def note_refunded(session: Session, *, order_id: int) -> None:
    """The order that paid it was refunded: it is not paid any more."""
    session.execute(
        update(FeeDue)
        .where(FeeDue.order_id == order_id, FeeDue.status == DueStatus.PAID)
        .values(status=DueStatus.REFUNDED, paid_at=None)
    )


# --- Green channel


def ask_deferral(session: Session, *, by: Caller, statement: str, loan_code: str) -> None:
    """Ask to pay later: why, or the code of a loan's receipt. Raises DeferralIncomplete, AlreadyAsked."""
    admission = admissions.admission_of(session, by.person_id)
    if not (statement.strip() or loan_code.strip()):
        raise DeferralIncomplete(details={"statement": [DeferralIncomplete.EITHER]})
    made = session.execute(
        insert(Deferral)
        .values(
            public_id=ids.public_id("dfr"),
            admission_id=admission.id,
            person_id=by.person_id,
            statement=statement.strip()[:LONGEST] or None,
            loan_code=loan_code.strip()[:60] or None,
            status=DeferralStatus.ASKED,
            asked_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(Deferral.id)
    ).scalar()
    if made is None:
        raise AlreadyAsked()
    outbox.emit(session, DeferralAsked(made))


def withdraw_deferral(session: Session, *, by: Caller) -> None:
    """As long as it is not decided. Raises DeferralDecided."""
    admission = admissions.admission_of(session, by.person_id)
    if not db.rows_changed(
        session,
        update(Deferral)
        .where(Deferral.admission_id == admission.id, Deferral.status == DeferralStatus.ASKED)
        .values(status=DeferralStatus.WITHDRAWN, statement=None, loan_code=None),
    ):
        raise DeferralDecided()


def decide_deferral(session: Session, *, by: Caller, deferral: Deferral, grants: bool, reason: str) -> None:
    """Once. A refusal says why. Raises DeferralIncomplete, DeferralDecided."""
    if not grants and not reason.strip():
        raise DeferralIncomplete(details={"reason": [DeferralIncomplete.WHY]})
    if not db.rows_changed(
        session,
        update(Deferral)
        .where(Deferral.id == deferral.id, Deferral.status == DeferralStatus.ASKED)
        .values(
            status=DeferralStatus.GRANTED if grants else DeferralStatus.REFUSED,
            reason=reason.strip()[:LONGEST] or None,
            decided_at=clock.now(),
            decided_by_id=by.person_id,
        ),
    ):
        raise DeferralDecided()
    action = "welcome.deferral_granted" if grants else "welcome.deferral_refused"
    audit.record(session, by=by, action=action, object_type="welcome_deferral", object_id=deferral.id)
    outbox.emit(session, DeferralSettled(deferral.id))


# --- Privacy


def export_fees(session: Session, *, person_id: int) -> dict[str, object]:
    asked = session.scalars(select(Deferral).where(Deferral.person_id == person_id))
    dues = session.execute(
        select(Fee.title, FeeDue.status)
        .join(Fee, Fee.id == FeeDue.fee_id)
        .where(FeeDue.person_id == person_id)
    )
    return {
        "deferrals": [
            {
                "statement": one.statement,
                "loan_code": one.loan_code,
                "status": one.status,
                "asked_at": one.asked_at.isoformat(),
            }
            for one in asked
        ],
        "fees": [{"title": row.title, "status": row.status} for row in dues],
    }


def erase_fees(session: Session, *, by: Caller | None, person_id: int) -> None:
    """What was asked goes; what was paid is finance's to keep, in payments."""
    session.execute(delete(Deferral).where(Deferral.person_id == person_id))
    session.execute(delete(FeeDue).where(FeeDue.person_id == person_id, FeeDue.order_id.is_(None)))


def merge_fees(session: Session, *, from_id: int, into_id: int) -> None:
    """Deferrals follow; of one fee that both have, the paid one stays."""
    session.execute(
        update(Deferral)
        .where(Deferral.person_id == from_id)
        .values(person_id=into_id)
        .execution_options(synchronize_session=False)
    )
    paid = select(FeeDue.fee_id).where(FeeDue.person_id == from_id, FeeDue.order_id.is_not(None))
    session.execute(
        delete(FeeDue)
        .where(FeeDue.person_id == into_id, FeeDue.order_id.is_(None), FeeDue.fee_id.in_(paid))
        .execution_options(synchronize_session=False)
    )
    theirs = select(FeeDue.fee_id).where(FeeDue.person_id == into_id)
    session.execute(
        update(FeeDue)
        .where(FeeDue.person_id == from_id, FeeDue.fee_id.not_in(theirs))
        .values(person_id=into_id)
        .execution_options(synchronize_session=False)
    )
