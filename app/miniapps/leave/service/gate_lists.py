"""The list for the school's own gates: made anew when a pass has changed, and given until they say they have it.

What they hold is asked, never assumed: a list of theirs that we do not know by version, count and digest is replaced
as a whole. Lock order: the link first, then its lists and entries.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock, ids
from app.miniapps.leave.models import GateEntry, GateLink, GateList, GateLog
from app.miniapps.leave.queries.gate_lists import (
    Allowed,
    allowed,
    digest_of,
    live_entries,
    waits_since,
)
from app.platform.identity import queries as identity
from app.platform.notifications import service as notifications

A_NIGHT = 10_000  # versions that are forgotten at once
LOOKS = clock.timedelta(hours=1)
"""After which the list is made anew though no pass changed: leave draws near."""
WAITS = (clock.timedelta(minutes=1), clock.timedelta(minutes=30))
"""The shortest and the longest wait after the gates held another list than they were given."""
_links = cast("Table", GateLink.__table__)


@dataclass(frozen=True)
class Change:
    """What the gates are given: the whole list (`base` None), or what differs from the version they hold."""

    version: int
    base: int | None
    digest: str
    entries: list[dict[str, Any]]
    gone: list[str]

    @property
    def key(self) -> str:
        """The same contents have the same key, another list of the same version has not."""
        return f"{self.version}-{'whole' if self.base is None else self.base}-{self.digest[:16]}"

    @property
    def body(self) -> dict[str, Any]:
        names = ("version", "base", "entries", "gone")
        return {name: getattr(self, name) for name in names}


def note_pass_changed(session: Session) -> None:
    """The list is made anew soon. Nothing where there are no such gates; waits for whoever is making it."""
    session.execute(update(_links).values(is_stale=True))


def refresh_list(session: Session, *, is_whole: bool = False) -> int:
    """A new version of the list if anything of it differs, or if it is to be given as a whole; the newest version."""
    link = _locked(session)
    now = clock.now()
    is_fresh = link.refreshed_at is not None and link.refreshed_at > now - LOOKS
    if is_fresh and not link.is_stale and not is_whole:
        return link.version
    link.is_stale, link.refreshed_at = False, now
    has_changed = _write(session, allowed(session), link.version + 1)
    if has_changed or is_whole or link.version == 0:
        _new_version(session, link, link.version + 1)
        if is_whole:
            link.whole_version = link.version
    return link.version


def next_change(session: Session, *, version: int, count: int, digest: str) -> Change | None:
    """What the gates are to be given, by what they say they hold; None: they have it all. What they took is noted."""
    link = _locked(session)
    link.heard_at = clock.now()
    known = session.get(GateList, version)
    if known is not None and (known.count, known.digest) == (count, digest):
        _note_taken(session, version)
        if version == link.version:
            link.refused, link.next_try_at = 0, None
            return None
        if version >= link.whole_version:
            return _change(session, link.version, base=version)
    elif version >= link.version:
        _go_above(session, link, version + 1)
    return _change(session, link.version, base=None)


def note_refused(session: Session) -> datetime:
    """They were given the list and hold another one: until when they are left alone, longer each time."""
    link = _locked(session)
    shortest, longest = WAITS
    link.next_try_at = clock.now() + min(shortest * 2 ** min(link.refused, 10), longest)
    link.refused += 1
    return link.next_try_at


def is_left_alone(session: Session) -> bool:
    next_try_at = session.scalar(select(GateLink.next_try_at))
    return next_try_at is not None and next_try_at > clock.now()


def tell_silent(session: Session, *, after: clock.timedelta) -> bool:
    """The office hears once a day when they took no list, did not answer or did not let their log be read for so long."""
    since = silent_since(session, after=after)
    if since is None:
        return False
    for person_id in identity.people_with(session, "leave.office"):
        notifications.tell(
            session,
            kind="leave.gates_silent",
            person_id=person_id,
            params={"since": f"{clock.local(since):%m-%d %H:%M}"},
            key=f"leave:gates_silent:{clock.today()}",
        )
    return True


def silent_since(session: Session, *, after: clock.timedelta) -> datetime | None:
    """None while all is well."""
    heard_at = session.scalar(select(GateLink.heard_at))
    reached_at = session.scalar(select(GateLog.reached_at))
    times = [
        one for one in (waits_since(session), heard_at, reached_at) if one and one <= clock.now() - after
    ]
    return min(times, default=None)


def forget_lists(session: Session, *, before: datetime) -> None:
    """Versions that were taken long ago; the newest stays."""
    newest = select(GateLink.version).scalar_subquery()
    old = select(GateList.version).where(GateList.taken_at < before, GateList.version < newest).limit(A_NIGHT)
    session.execute(delete(GateList).where(GateList.version.in_(old)))


def _locked(session: Session) -> GateLink:
    first = {"id": 1, "version": 0, "whole_version": 0, "is_stale": True}
    session.execute(insert(_links).values(**first).on_conflict_do_nothing())
    return session.get_one(GateLink, 1, with_for_update=True, populate_existing=True)


def _write(session: Session, wanted: dict[int, Allowed], version: int) -> bool:
    """The entries as they should be; whether anything of them has changed."""
    known = {one.request_id: one for one in session.scalars(select(GateEntry))}
    has_changed = False
    for request_id, one in wanted.items():
        entry = known.get(request_id)
        if entry is None:
            session.add(
                GateEntry(
                    request_id=request_id,
                    public_id=ids.public_id("lvn"),
                    version=version,
                    is_gone=False,
                    **vars(one),
                )
            )
        elif entry.is_gone or any(getattr(entry, name) != value for name, value in vars(one).items()):
            for name, value in vars(one).items():
                setattr(entry, name, value)
            entry.is_gone, entry.version = False, version
        else:
            continue
        has_changed = True
    for request_id in known.keys() - wanted.keys():
        if not known[request_id].is_gone:
            known[request_id].is_gone, known[request_id].version = True, version
            has_changed = True
    session.flush()
    return has_changed


def _new_version(session: Session, link: GateLink, version: int) -> None:
    entries = live_entries(session)
    session.add(GateList(version=version, count=len(entries), digest=digest_of(entries), made_at=clock.now()))
    link.version = version
    session.flush()


def _go_above(session: Session, link: GateLink, version: int) -> None:
    """What the gates hold is none of ours: the list that waits gets a number above theirs, or is given anew."""
    waiting = session.get(GateList, link.version)
    if waiting is None or waiting.taken_at is not None:
        _new_version(session, link, version)
        return
    waiting.version = link.version = version
    session.flush()


def _note_taken(session: Session, version: int) -> None:
    """What went before it is taken with it; who is gone from it is forgotten."""
    session.execute(
        update(GateList)
        .where(GateList.version <= version, GateList.taken_at.is_(None))
        .values(taken_at=clock.now())
    )
    session.execute(delete(GateEntry).where(GateEntry.is_gone, GateEntry.version <= version))


def _change(session: Session, version: int, *, base: int | None) -> Change:
    stmt = select(GateEntry).order_by(GateEntry.public_id)
    if base is not None:
        stmt = stmt.where(GateEntry.version > base)
    rows = list(session.scalars(stmt))
    return Change(
        version=version,
        base=base,
        digest=session.get_one(GateList, version).digest,
        entries=[_told(row) for row in rows if not row.is_gone],
        gone=[row.public_id for row in rows if row.is_gone] if base is not None else [],
    )


def _told(entry: GateEntry) -> dict[str, Any]:
    return {
        "id": entry.public_id,
        "number": entry.number,
        "from": clock.local(entry.starts_at).isoformat(),
        "until": clock.local(entry.until).isoformat() if entry.until else None,
        "direction": entry.direction,
    }
