"""Use-cases of electricity."""

from app.miniapps.electricity.service.bindings import (
    bind_own_room,
    decide_request,
    end_binding,
    request_binding,
    set_wishes,
)
from app.miniapps.electricity.service.cases import answer_case, open_case, take_case
from app.miniapps.electricity.service.ending import (
    end_stays,
    erase_person,
    export_person,
    merge_person,
    retain,
)
from app.miniapps.electricity.service.readings import MeterValue, note_readings
from app.miniapps.electricity.service.setup import (
    FoundRoom,
    SystemRules,
    note_rooms,
    save_system,
    serve_building,
)
from app.miniapps.electricity.service.shares import settle_share, share_top_up
from app.miniapps.electricity.service.top_ups import Shown, Started, start_top_up

__all__ = [
    "FoundRoom",
    "MeterValue",
    "Shown",
    "Started",
    "SystemRules",
    "answer_case",
    "bind_own_room",
    "decide_request",
    "end_binding",
    "end_stays",
    "erase_person",
    "export_person",
    "merge_person",
    "note_readings",
    "note_rooms",
    "open_case",
    "request_binding",
    "retain",
    "save_system",
    "serve_building",
    "set_wishes",
    "settle_share",
    "share_top_up",
    "start_top_up",
    "take_case",
]
