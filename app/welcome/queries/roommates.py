"""Who shares the room, and what of them may be seen: by the room itself, never by its number."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import ARRAY, BigInteger, Table, any_, bindparam, or_, select
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.prepared import Prepared
from app.platform.directory import queries as directory
from app.welcome import regions
from app.welcome.errors import ClaimFirst, DormNotShownYet, RoommateNotFound
from app.welcome.models import (
    Admission,
    AdmissionStatus,
    Block,
    Channel,
    Contact,
    Exchange,
    ExchangeStatus,
    Season,
)
from app.welcome.queries.admissions import admission_of

GONE = (AdmissionStatus.DEFERRED, AdmissionStatus.WITHDRAWN)


@dataclass(frozen=True)
class Swap:
    """One channel between two roommates, as one of them sees it. `contact` is the other's, once both agreed."""

    channel: str
    exchange_id: str = ""
    state: str = ""  # "", asked, wants (the other asked), accepted
    contact: str = ""
    i_have: bool = False


@dataclass(frozen=True)
class Mate:
    """A roommate as they may be seen. `name` is "" until both have claimed."""

    public_id: str
    person_id: int
    nickname: str
    province: str
    province_en: str
    name: str
    state: str  # "": nothing under way; asked, wants, accepted: the furthest of the channels


@dataclass(frozen=True)
class Dorm:
    """One's own place. `count` are the others of the room, seen or not."""

    home: directory.Home
    count: int
    mates: list[Mate] = field(default_factory=list)
    blocked: list[Any] = field(default_factory=list)


def dorm_of(session: Session, admission: Admission, season: Season) -> Dorm | None:
    """Room, bed and roommates; None when no bed is assigned. Raises DormNotShownYet."""
    check_shown(season)
    home = home_in(session, admission.person_id, season)
    if home is None:
        return None
    blocks = blocks_of(session, admission.person_id)
    if admission.claimed_at is None:
        return Dorm(home, len(home.mate_ids))
    hidden = {row.person_id for row in blocks} | {row.blocked_id for row in blocks}
    seen = [person_id for person_id in home.mate_ids if person_id not in hidden]
    mine = [row for row in blocks if row.person_id == admission.person_id]
    return Dorm(home, len(home.mate_ids), _mates(session, admission, seen), mine)


def home_in(session: Session, person_id: int, season: Season) -> directory.Home | None:
    """Where a freshman will live from the first day of arrival on; later, where they live today."""
    return directory.home_of(session, person_id, on=max(clock.today(), season.arrives_on))


def check_shown(season: Season) -> None:
    if clock.today() < season.dorms_on:
        raise DormNotShownYet(day=season.dorms_on.isoformat())


def claimed_admission_of(session: Session, person_id: int) -> Admission:
    """A freshman's own, claimed, and still coming: only they meet others. Raises NoAdmission, ClaimFirst."""
    found = admission_of(session, person_id)
    if found.claimed_at is None or found.status in GONE:
        raise ClaimFirst()
    return found


def mate_for(session: Session, person_id: int, public_id: str) -> Mate:
    """A roommate of somebody who has claimed. Whoever lives elsewhere, is hidden or unknown: RoommateNotFound."""
    admission = claimed_admission_of(session, person_id)
    dorm = dorm_of(session, admission, season_of(session, admission))
    found = next((mate for mate in dorm.mates if mate.public_id == public_id), None) if dorm else None
    if found is None:
        raise RoommateNotFound()
    return found


def season_of(session: Session, admission: Admission) -> Season:
    return session.get_one(Season, admission.season_id)


def swaps_with(session: Session, person_id: int, mate: Mate) -> list[Swap]:
    """Every channel between the two; the other's contact only where both agreed and both still have one."""
    live = {
        row.channel: row
        for row in _EXCHANGES.rows(session, person_id=person_id)
        if mate.person_id in (row.asker_id, row.other_id)
    }
    rows = session.execute(
        select(Contact.person_id, Contact.channel).where(Contact.person_id.in_((person_id, mate.person_id)))
    )
    has = {(row.person_id, row.channel) for row in rows}
    return [_swap(session, person_id, mate, channel, live.get(channel), has) for channel in Channel]


def _swap(
    session: Session,
    person_id: int,
    mate: Mate,
    channel: str,
    exchange: Any,
    has: set[tuple[int, str]],
) -> Swap:
    i_have = (person_id, channel) in has
    if exchange is None:
        return Swap(channel, i_have=i_have)
    state = _state(exchange, person_id)
    is_mutual = state == "accepted" and i_have and (mate.person_id, channel) in has
    contact = _contact(session, mate.person_id, channel) if is_mutual else ""
    return Swap(channel, exchange.public_id, state, contact, i_have)


def _contact(session: Session, person_id: int, channel: str) -> str:
    found = session.scalar(
        select(Contact.value).where(Contact.person_id == person_id, Contact.channel == channel)
    )
    return found or ""


def own_contacts(session: Session, person_id: int) -> dict[str, str]:
    """What a person entered themselves, by channel."""
    rows = session.execute(select(Contact.channel, Contact.value).where(Contact.person_id == person_id))
    return {row.channel: row.value for row in rows}


def blocks_of(session: Session, person_id: int) -> list[Any]:
    """Rows that name the person on either side."""
    return _BLOCKS.rows(session, person_id=person_id)


def hidden_from(session: Session, person_id: int) -> set[int]:
    """Everybody whom the person blocked, or who blocked the person."""
    found = {each for row in blocks_of(session, person_id) for each in (row.person_id, row.blocked_id)}
    return found - {person_id}


def _mates(session: Session, admission: Admission, person_ids: list[int]) -> list[Mate]:
    if not person_ids:
        return []
    rows = {
        row.person_id: row
        for row in _ADMITTED.rows(session, season_id=admission.season_id, ids=person_ids)
        if row.status not in GONE
    }
    names = directory.people(session, [key for key, row in rows.items() if row.claimed_at])
    states = _states(session, admission.person_id)
    return [
        Mate(
            row.public_id,
            row.person_id,
            row.nickname or "",
            regions.province(row.region),
            regions.province_en(row.region),
            names[person_id].name if row.claimed_at and person_id in names else "",
            states.get(person_id, ""),
        )
        for person_id, row in ((each, rows[each]) for each in person_ids if each in rows)
    ]


def _states(session: Session, person_id: int) -> dict[int, str]:
    """By roommate: that somebody waits for an answer goes before what is settled."""
    rank = ("accepted", "asked", "wants")
    found: dict[int, str] = {}
    for row in _EXCHANGES.rows(session, person_id=person_id):
        other = row.other_id if row.asker_id == person_id else row.asker_id
        found[other] = max(found.get(other, "accepted"), _state(row, person_id), key=rank.index)
    return found


def _state(exchange: Any, person_id: int) -> str:
    if exchange.status == ExchangeStatus.ACCEPTED:
        return "accepted"
    return "asked" if exchange.asker_id == person_id else "wants"


def names_of(session: Session, person_ids: Iterable[int]) -> dict[int, str]:
    return {key: person.name for key, person in directory.people(session, person_ids).items()}


_admissions = cast("Table", Admission.__table__).c
_blocks = cast("Table", Block.__table__).c
_exchanges = cast("Table", Exchange.__table__).c
_ME = bindparam("person_id", type_=BigInteger)
_ADMITTED = Prepared(
    select(
        _admissions.person_id,
        _admissions.public_id,
        _admissions.nickname,
        _admissions.region,
        _admissions.claimed_at,
        _admissions.status,
    ).where(
        _admissions.season_id == bindparam("season_id"),
        _admissions.person_id == any_(cast("Any", bindparam("ids", type_=ARRAY(BigInteger)))),
    )
)
_BLOCKS = Prepared(
    select(_blocks.public_id, _blocks.person_id, _blocks.blocked_id, _blocks.created_at)
    .where(or_(_blocks.person_id == _ME, _blocks.blocked_id == _ME))
    .order_by(_blocks.id)
)
_EXCHANGES = Prepared(
    select(
        _exchanges.public_id,
        _exchanges.asker_id,
        _exchanges.other_id,
        _exchanges.channel,
        _exchanges.status,
    ).where(
        _exchanges.status != str(ExchangeStatus.ENDED),
        or_(_exchanges.asker_id == _ME, _exchanges.other_id == _ME),
    )
)
