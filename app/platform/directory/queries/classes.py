"""Who studies where, as a statement that other statements stand on: of a class or of the whole school."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.kit import clock
from app.platform.directory.models import Affiliation, AffiliationKind, OrgUnit
from app.platform.directory.queries.people import holds_on

STUDYING = (AffiliationKind.STUDENT, AffiliationKind.FRESHMAN)


def students_within(unit_ids: Collection[int] | None) -> Select[Any]:
    """(person_id, unit_id) of who studies today in these units or below; None: anywhere. Each once."""
    latest = (
        select(Affiliation.person_id, Affiliation.org_unit_id.label("unit_id"))
        .where(
            Affiliation.kind.in_(STUDYING),
            Affiliation.org_unit_id.is_not(None),
            holds_on(Affiliation, clock.today()),
        )
        .ext(distinct_on(Affiliation.person_id))
        .order_by(Affiliation.person_id, Affiliation.starts_on.desc(), Affiliation.id.desc())
        .subquery()
    )
    stmt = select(latest.c.person_id, latest.c.unit_id)
    if unit_ids is None:
        return stmt
    down = select(OrgUnit.id).where(OrgUnit.id.in_(unit_ids)).cte("down", recursive=True)
    down = down.union(select(OrgUnit.id).join(down, OrgUnit.parent_id == down.c.id))
    return stmt.where(latest.c.unit_id.in_(select(down.c.id)))
