"""Splitting a top-up among roommates: a note between friends, no money moves by it."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, db
from app.kit.caller import Caller
from app.miniapps.electricity.errors import ShareImpossible, TopUpNotFound
from app.miniapps.electricity.models import Binding, BindingStatus, Share, TopUp, TopUpStatus


def share_top_up(session: Session, *, by: Caller, top_up_id: str) -> int:
    """Split one's own applied top-up evenly with all who are bound to the room now; what does not divide stays
    with the payer. Returns how many others have a part. Once per top-up."""
    row = session.execute(
        select(TopUp.id, TopUp.room_id, TopUp.fen, TopUp.status).where(
            TopUp.public_id == top_up_id, TopUp.person_id == by.person_id
        )
    ).first()
    if row is None:
        raise TopUpNotFound()
    others = _others(session, row.room_id, by.person_id)
    part = row.fen // (len(others) + 1)
    if row.status != TopUpStatus.APPLIED or not others or not part or _is_shared(session, row.id):
        raise ShareImpossible()
    session.execute(
        insert(Share)
        .values(
            [
                {"top_up_id": row.id, "person_id": person_id, "fen": part, "created_at": clock.now()}
                for person_id in others
            ]
        )
        .on_conflict_do_nothing()
    )
    return len(others)


def settle_share(session: Session, *, by: Caller, share_id: int) -> None:
    """The payer has got a roommate's part."""
    mine = select(TopUp.id).where(TopUp.person_id == by.person_id)
    changed = db.rows_changed(
        session,
        update(Share)
        .where(Share.id == share_id, Share.top_up_id.in_(mine), Share.settled_at.is_(None))
        .values(settled_at=clock.now())
        .execution_options(synchronize_session=False),
    )
    if not changed:
        raise TopUpNotFound()


def _others(session: Session, room_id: int, person_id: int) -> Sequence[int]:
    return session.scalars(
        select(Binding.person_id).where(
            Binding.room_id == room_id,
            Binding.status == BindingStatus.LIVE,
            Binding.person_id != person_id,
        )
    ).all()


def _is_shared(session: Session, top_up_id: int) -> bool:
    return session.scalar(select(Share.id).where(Share.top_up_id == top_up_id).limit(1)) is not None
