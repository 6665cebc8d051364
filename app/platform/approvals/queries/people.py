"""Finding the people a node asks, through the resolvers that packages bring."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.module import ApproverResolver, Asking, Registry
from app.kit.prepared import Prepared
from app.platform.approvals.definition import Asked
from app.platform.approvals.engine.people import Found, People
from app.platform.directory import queries as directory
from app.platform.identity.queries import is_present, people_with

ADMINISTER = "approvals.administer"
MOST_PEOPLE = 500

_resolvers: dict[str, ApproverResolver] = {}


def load_registry(registry: Registry) -> None:
    """Done when the application is made: which resolvers there are."""
    _resolvers.clear()
    for module in registry.modules:
        _resolvers.update(module.approver_resolvers)


def resolver_titles() -> dict[str, str]:
    """What each resolver finds, in words."""
    return {key: resolver.title for key, resolver in _resolvers.items()}


def people_of(
    session: Session, *, starter_id: int, form: Mapping[str, Any], picks: Mapping[str, Any]
) -> People:
    """How the engine finds people for one case."""

    def find(asked: Sequence[Asked]) -> Found:
        weights: dict[int, int] = {}
        for one in asked:
            resolver = _resolvers.get(one.resolver)
            asking = Asking(starter_id, form, one.args, picks)
            for person_id in resolver.find(session, asking) if resolver else ():
                weights.setdefault(person_id, one.weight)
        return _present(session, weights)

    def only(person_ids: Sequence[int]) -> Found:
        return _present(session, dict.fromkeys(person_ids, 1))

    def by_number(number: str) -> Found:
        person = directory.find_person_by_number(session, number)
        return only([person.id]) if person else []

    def head_of(person_id: int) -> Found:
        unit_id = directory.college_of(session, person_id)
        heads = directory.holders_of(session, unit_id, "head") if unit_id else []
        return only([head.id for head in heads if head.id != person_id])

    def administrators() -> Found:
        return only([person for person in people_with(session, ADMINISTER) if person != starter_id])

    return People(find, by_number, head_of, administrators)


_wanted = select(func.unnest(bindparam("people", type_=ARRAY(BigInteger))).label("person_id")).subquery()
_PRESENT = Prepared(select(_wanted.c.person_id).where(is_present(_wanted.c.person_id, bindparam("day"))))


def present(session: Session, person_ids: Sequence[int]) -> set[int]:
    """Those of them who are at the school today."""
    if not person_ids:
        return set()
    rows = _PRESENT.rows(session, people=list(person_ids), day=clock.today())
    return {row.person_id for row in rows}


def _present(session: Session, weights: Mapping[int, int]) -> Found:
    here = present(session, list(weights)[:MOST_PEOPLE])
    return [(person_id, weight) for person_id, weight in weights.items() if person_id in here]
