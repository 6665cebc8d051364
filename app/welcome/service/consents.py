"""What freshmen allow: each purpose in the words shown, and a record of when it was given and taken back."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.kit.i18n import N_
from app.platform.audit import service as audit
from app.welcome.models import Consent


@dataclass(frozen=True)
class Purpose:
    """`text` is what the person reads; another text is another `version`."""

    key: str
    title: str
    text: str
    version: str = "1"

    @property
    def text_hash(self) -> str:
        return hashlib.sha256(f"{self.key}\0{self.version}\0{self.text}".encode()).hexdigest()


PURPOSES = {
    purpose.key: purpose
    for purpose in (
        Purpose(
            "contact_wechat",
            N_("和室友交换微信号"),
            N_(
                "您填的微信号加密保存，只给您同意交换、对方也同意交换的那一位室友看。"
                "随时可以撤回，撤回后对方立刻看不到；迎新结束后自动删除。"
            ),
        ),
        Purpose(
            "contact_phone",
            N_("和室友交换手机号"),
            N_(
                "您填的手机号加密保存，只给您同意交换、对方也同意交换的那一位室友看。"
                "随时可以撤回，撤回后对方立刻看不到；迎新结束后自动删除。"
            ),
        ),
        Purpose(
            "class_name",
            N_("让同班同学看到我的名字"),
            N_(
                "打开后，已认领的同班新生能看到您的姓名，看不到电话、宿舍和生源地。"
                "随时可以关闭，关闭后立刻看不到。"
            ),
        ),
        Purpose(
            "companion",
            N_("发布同城结伴信息"),
            N_(
                "出发城市、日期、交通方式和人数会给同校区、同方向的新生看，不显示姓名和电话。"
                "到达第二天自动下线，再过 7 天删除；随时可以关闭。"
            ),
        ),
    )
}


def give(session: Session, *, by: Caller, purpose: str) -> None:
    """Record that the person allows it, in the present words. Again: nothing changes."""
    known = PURPOSES[purpose]
    session.execute(
        update(Consent)
        .where(
            Consent.person_id == by.person_id,
            Consent.purpose == purpose,
            Consent.withdrawn_at.is_(None),
            Consent.text_hash != known.text_hash,
        )
        .values(withdrawn_at=clock.now())
    )
    added = session.scalar(
        insert(Consent)
        .values(
            person_id=by.person_id,
            purpose=purpose,
            version=known.version,
            text_hash=known.text_hash,
            given_at=clock.now(),
        )
        .on_conflict_do_nothing(
            index_elements=["person_id", "purpose"], index_where=Consent.withdrawn_at.is_(None)
        )
        .returning(Consent.id)
    )
    if added is not None:
        _note(session, by, "consent_given", purpose)


def withdraw(session: Session, *, by: Caller, purpose: str) -> None:
    """From now on no more. What rested on it is the caller's business."""
    ended = db.rows_changed(
        session,
        update(Consent)
        .where(Consent.person_id == by.person_id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now()),
    )
    if ended:
        _note(session, by, "consent_withdrawn", purpose)


def _note(session: Session, by: Caller, action: str, purpose: str) -> None:
    audit.record(
        session,
        by=by,
        action=f"welcome.{action}",
        object_type="person",
        object_id=by.person_id,
        fields=[purpose],
    )
