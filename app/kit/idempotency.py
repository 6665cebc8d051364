"""The same request twice has one effect and gets the same answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from sqlalchemy import Identity, Table, UniqueConstraint, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kit import clock
from app.kit.db import Base
from app.kit.errors import Conflict, Invalid
from app.kit.i18n import N_
from app.kit.prepared import Prepared

MAX_KEY = 100


class StillWorking(Conflict):
    code = "kit.still_working"
    msgid = N_("同一份内容正在提交中，请稍等几秒再看结果，不用重复提交。")


class KeyReused(Invalid):
    code = "kit.key_reused"
    msgid = N_("这个页面已经提交过别的内容。请刷新页面后再提交。")


class KeyMissing(Invalid):
    code = "kit.key_missing"
    msgid = N_("缺少 Idempotency-Key。请刷新页面后再提交。")


@dataclass(frozen=True)
class Answer:
    """What the first request was told: status, body, and headers such as Location."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)
    is_replay: bool = False


class IdempotencyKey(Base):
    """An answered request, kept for two days."""

    __tablename__ = "idempotency_keys"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    owner: Mapped[str]
    key: Mapped[str]
    fingerprint: Mapped[str]
    status: Mapped[int] = mapped_column(default=0)
    body: Mapped[str] = mapped_column(default="")
    headers: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[clock.datetime] = mapped_column(index=True)

    __table_args__ = (UniqueConstraint("owner", "key"),)


_table = cast("Table", IdempotencyKey.__table__)
_WAIT_SHORTLY = Prepared(text("SET LOCAL lock_timeout = '2s'"))
_WAIT = Prepared(text("SET LOCAL lock_timeout = '10s'"))
_RESERVE = Prepared(insert(_table).on_conflict_do_nothing().returning(_table.c.id))
_ANSWER = Prepared(
    update(_table)
    .where(_table.c.id == bindparam("row_id"))
    .values({name: bindparam(name) for name in ("status", "body", "headers")})
)


def once(session: Session, *, owner: str, key: str, fingerprint: str, work: Callable[[], Answer]) -> Answer:
    """Do `work` unless this owner's key was answered before; then give that answer.

    The answer is stored in the caller's transaction: both happen or neither. A concurrent twin waits up
    to 2 s for the first, then raises StillWorking. Another request under the same key raises KeyReused.
    """
    if not key or len(key) > MAX_KEY:
        raise KeyMissing()
    row_id = _reserve(session, owner, key, fingerprint)
    if row_id is None:
        return _replay(session, owner, key, fingerprint)
    answer = work()
    _ANSWER.rows(session, row_id=row_id, status=answer.status, body=answer.body, headers=answer.headers)
    return answer


def _reserve(session: Session, owner: str, key: str, fingerprint: str) -> int | None:
    _WAIT_SHORTLY.rows(session)
    fresh = {"owner": owner, "key": key, "fingerprint": fingerprint, "created_at": clock.now()}
    try:
        row = _RESERVE.first(session, status=0, body="", headers={}, **fresh)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == "55P03":
            raise StillWorking() from None
        raise
    _WAIT.rows(session)
    return row.id if row else None


def _replay(session: Session, owner: str, key: str, fingerprint: str) -> Answer:
    row = session.execute(
        select(
            IdempotencyKey.fingerprint, IdempotencyKey.status, IdempotencyKey.body, IdempotencyKey.headers
        ).where(IdempotencyKey.owner == owner, IdempotencyKey.key == key)
    ).one()
    if row.fingerprint != fingerprint:
        raise KeyReused()
    return Answer(row.status, row.body, row.headers, is_replay=True)
