"""One entry for every action a person may take, as doors name them."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.errors import Invalid, NotFound
from app.kit.i18n import N_
from app.repairs.errors import ActionUnavailable
from app.repairs.service import closing, dispatching, working
from app.repairs.service.actions import ACTIONS

UseCase = Callable[..., None]

_SERVICES: dict[str, tuple[UseCase, tuple[str, ...]]] = {
    "accept": (dispatching.accept_ticket, ("note",)),
    "reject": (dispatching.reject_ticket, ("reason", "note")),
    "dispatch": (dispatching.dispatch_ticket, ("worker_id", "note")),
    "reassign": (dispatching.reassign_ticket, ("worker_id", "reason", "note")),
    "take": (working.take_ticket, ()),
    "decline": (working.decline_ticket, ("reason", "note")),
    "arrive": (working.arrive_ticket, ("door_code",)),
    "hold": (working.hold_ticket, ("reason", "until", "note")),
    "resume": (working.resume_ticket, ()),
    "finish": (working.finish_ticket, ("note", "photos")),
    "confirm": (closing.confirm_ticket, ()),
    "rework": (closing.rework_ticket, ("note",)),
    "cancel": (closing.cancel_ticket, ("note",)),
}
_WITHOUT_VERSION: dict[str, tuple[UseCase, tuple[str, ...]]] = {
    "urge": (closing.urge_ticket, ()),
    "rate": (closing.rate_ticket, ("speed", "quality", "attitude", "tags")),
}
NEEDED = ("worker_id", "until", "speed", "quality", "attitude")


class FieldMissing(Invalid):
    code = "repairs.field_missing"
    msgid = N_("还差一项没有选，请补上。")


class ActionUnknown(NotFound):
    code = "repairs.action_unknown"
    msgid = N_("没有这个操作，请从报修单页面重新进入。")


def act_on(session: Session, *, by: Caller, ticket_id: str, action: str, data: Mapping[str, Any]) -> None:
    """Apply `action` with what was filled in. Raises whatever the use-case raises."""
    if action in _WITHOUT_VERSION:
        use_case, names = _WITHOUT_VERSION[action]
        given = _given(names, data)
        if action == "rate":
            given["comment"] = data["note"]
        use_case(session, by=by, ticket_id=ticket_id, **given)
        return
    if action not in _SERVICES:
        raise ActionUnavailable(action=ACTIONS[action].name) if action in ACTIONS else ActionUnknown()
    use_case, names = _SERVICES[action]
    given = _given(names, data) | {"version": data["version"]}
    use_case(session, by=by, ticket_id=ticket_id, **given)


def _given(names: tuple[str, ...], data: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: tuple(data[name]) if isinstance(data[name], list) else data[name] for name in names}
    missing = [name for name in names if name in NEEDED and given[name] is None]
    if missing:
        raise FieldMissing(details={name: [FieldMissing.msgid] for name in missing})
    return given
