"""校园卡小额免密协议: signed once, within limits, revoked with one tap."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, money
from app.kit.caller import Caller
from app.kit.i18n import N_
from app.kit.module import Agreement as Consent
from app.payments.errors import AgreementLimit, AgreementMissing
from app.payments.models import Attempt, AttemptStatus, CardAgreement, Channel
from app.platform.audit import service as audit
from app.platform.privacy.errors import AgreementNotFound

TEXT_VERSION = "2026-11"
CARD = "card"
TITLE = N_("校园卡小额免密")
TEXT = N_("您自己确认的订单，单笔 200 元、每天 500 元以内从校园卡扣款时不输密码。撤回后马上停止。")
ORDER_LIMIT_FEN, DAY_LIMIT_FEN = 20_000, 50_000


@dataclass(frozen=True)
class Agreement:
    """`account_no` is the card system's name for the account."""

    id: int
    account_no: str
    order_limit_fen: int
    day_limit_fen: int
    signed_at: datetime


def sign_agreement(session: Session, *, by: Caller, account_no: str) -> None:
    """Agree to debits without PIN up to 200 yuan an order and 500 yuan a day. Signing again changes nothing."""
    signed = session.execute(
        insert(CardAgreement)
        .values(
            person_id=by.person_id,
            account_no=account_no,
            order_limit_fen=ORDER_LIMIT_FEN,
            day_limit_fen=DAY_LIMIT_FEN,
            text_version=TEXT_VERSION,
            signed_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(CardAgreement.id)
    ).scalar()
    if signed is not None:
        audit.record(
            session,
            by=by,
            action="payments.sign_card_agreement",
            object_type="person",
            object_id=by.person_id,
        )


def revoke_agreement(session: Session, *, by: Caller) -> None:
    """Ends it at once; a debit that is under way is not undone."""
    session.execute(
        update(CardAgreement)
        .where(CardAgreement.person_id == by.person_id, CardAgreement.revoked_at.is_(None))
        .values(revoked_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    audit.record(
        session, by=by, action="payments.revoke_card_agreement", object_type="person", object_id=by.person_id
    )


def find_agreement(session: Session, person_id: int) -> Agreement | None:
    row = session.execute(_LIVE.where(CardAgreement.person_id == person_id)).first()
    return None if row is None else Agreement(*row)


_LIVE = select(
    CardAgreement.id,
    CardAgreement.account_no,
    CardAgreement.order_limit_fen,
    CardAgreement.day_limit_fen,
    CardAgreement.signed_at,
).where(CardAgreement.revoked_at.is_(None))


def agreements_of(session: Session, *, person_id: int) -> list[Consent]:
    """As the pages of personal information list them: newest first, revoked ones too."""
    rows = session.execute(
        select(CardAgreement.signed_at, CardAgreement.revoked_at)
        .where(CardAgreement.person_id == person_id)
        .order_by(CardAgreement.id.desc())
        .limit(20)
    )
    return [Consent(CARD, TITLE, TEXT, row.signed_at, row.revoked_at) for row in rows]


def withdraw(session: Session, *, by: Caller, key: str) -> None:
    """Raises AgreementNotFound."""
    if key != CARD or find_agreement(session, by.person_id) is None:
        raise AgreementNotFound()
    revoke_agreement(session, by=by)


def account_to_debit(session: Session, *, by: Caller, fen: int) -> str:
    """The card account, if the agreement covers this sum today. Locks the agreement until the attempt is written."""
    row = session.execute(_LIVE.where(CardAgreement.person_id == by.person_id).with_for_update()).first()
    if row is None:
        raise AgreementMissing()
    if fen > row.order_limit_fen or fen + _spent_today(session, by.person_id) > row.day_limit_fen:
        raise AgreementLimit(order=money.yuan(row.order_limit_fen), day=money.yuan(row.day_limit_fen))
    return str(row.account_no)


def _spent_today(session: Session, person_id: int) -> int:
    """What was debited without PIN or may yet turn out to have been."""
    return int(
        session.scalar(
            select(func.coalesce(func.sum(Attempt.fen), 0)).where(
                Attempt.payer_id == person_id,
                Attempt.channel == Channel.CARD,
                Attempt.trade_type != "PIN",
                Attempt.status.in_((AttemptStatus.PAID, AttemptStatus.UNKNOWN)),
                Attempt.created_at >= clock.start_of_day(clock.today()),
            )
        )
        or 0
    )
