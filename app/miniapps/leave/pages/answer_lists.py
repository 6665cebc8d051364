"""Answers of a campaign as a list on the page and as a file."""

from collections.abc import Iterator
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from app.kit import clock, export
from app.kit.http import caller
from app.kit.paging import MAX_LIMIT
from app.miniapps.leave import service
from app.miniapps.leave.labels import STAY_REASONS, STAY_STATES, WHERETO_LABELS
from app.miniapps.leave.models import Campaign, StayReason, StayState, Whereto
from app.miniapps.leave.queries import campaigns as queries
from app.miniapps.leave.queries.units import college_of, with_parents
from app.platform.approvals.queries.progress import own_tasks
from app.platform.directory import queries as directory
from app.platform.privacy import service as privacy


def shown_answers(session: Session, campaign: Campaign, units: frozenset[int] | None) -> dict[str, Any]:
    """One page, as it is filtered, with what the caller may do to whom."""
    page = queries.answers(session, campaign, units, **_filter(), cursor=request.args.get("cursor"))
    return {
        "page": page,
        "turns": _turns(session, page.items),
        "revocable": _revocable(campaign, page.items),
        **_filter(),
        **_around(session, page.items),
    }


def _turns(session: Session, rows: list[Any]) -> set[str]:
    """Those that the caller decides upon now."""
    waiting = [row for row in rows if row.state == StayState.WAITING]
    mine = own_tasks(session, caller().person_id, {row.case_id for row in waiting} - {None})
    return {row.public_id for row in waiting if row.case_id is None or row.case_id in mine}


def _revocable(campaign: Campaign, rows: list[Any]) -> set[str]:
    """Granted ones that the caller may take back."""
    if not service.may_revoke(caller(), campaign):
        return set()
    granted = [row for row in rows if row.state == StayState.CONFIRMED]
    return {row.public_id for row in granted if clock.today() <= (row.stay_until or campaign.ends_on)}


def answers_xlsx(session: Session, campaign: Campaign, units: frozenset[int] | None) -> Response:
    """All of them, as they are filtered; whoever stands in it learns of it."""
    named: set[int] = set()
    rows = export.noting(_rows(session, campaign, units), named, lambda row: row[0].person_id)
    response = export.xlsx_response("去向登记", ANSWERS, rows)
    privacy.note_list(session, by=caller(), reason="leave.campaign", person_ids=named)
    return response


def _rows(session: Session, campaign: Campaign, units: frozenset[int] | None) -> Iterator[Any]:
    cursor = None
    while True:
        page = queries.answers(session, campaign, units, **_filter(), cursor=cursor, limit=MAX_LIMIT)
        around = _around(session, page.items)
        yield from ((row, around) for row in page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


def _filter() -> dict[str, Any]:
    whereto, state = request.args.get("whereto", ""), request.args.get("state", "")
    return {
        "whereto": whereto if whereto in set(Whereto) else "",
        "state": state if state in set(StayState) else "",
    }


def _around(session: Session, rows: list[Any]) -> dict[str, Any]:
    units = with_parents(session, {row.unit_id for row in rows})
    return {
        "people": directory.people(session, {row.person_id for row in rows}),
        "units": units,
        "college_of": lambda unit_id: college_of(unit_id, units),
        "rooms": directory.places(session, {row.room_id for row in rows if row.room_id is not None}),
    }


def _college(line: Any) -> str:
    college = line[1]["college_of"](line[0].unit_id)
    return college.name if college else ""


def _person(line: Any, name: str) -> str:
    found = line[1]["people"].get(line[0].person_id)
    return (getattr(found, name) or "") if found else ""


def _room(line: Any) -> str:
    return line[1]["rooms"][line[0].room_id].text if line[0].room_id in line[1]["rooms"] else ""


ANSWERS = (
    export.Column("学号", lambda line: _person(line, "number")),
    export.Column("姓名", lambda line: _person(line, "name")),
    export.Column("学院", _college, 20),
    export.Column("班级", lambda line: line[1]["units"][line[0].unit_id].name, 20),
    export.Column("去向", lambda line: WHERETO_LABELS[Whereto(line[0].whereto)]),
    export.Column("城市", lambda line: line[0].city),
    export.Column("离校", lambda line: line[0].leaves_at, 18),
    export.Column("返校", lambda line: line[0].returns_at, 18),
    export.Column(
        "留校原因", lambda line: STAY_REASONS[StayReason(line[0].stay_reason)] if line[0].stay_reason else ""
    ),
    export.Column("留校从", lambda line: line[0].stay_from, 12),
    export.Column("留校到", lambda line: line[0].stay_until, 12),
    export.Column("留校说明", lambda line: line[0].stay_note, 24),
    export.Column("宿舍", _room, 24),
    export.Column("状态", lambda line: STAY_STATES[StayState(line[0].state)]),
    export.Column("填写时间", lambda line: line[0].changed_at, 18),
)
