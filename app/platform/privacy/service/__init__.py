"""Use-cases of privacy."""

from app.platform.privacy.service.exports import (
    ask_export,
    discard_old_exports,
    erase_exports,
    finish_export,
    forget_exports,
    merge_exports,
    note_files_gone,
    start_export,
)
from app.platform.privacy.service.lists import (
    LIST_TAKEN,
    forget_lists,
    lists_of,
    merge_lists,
    note_list,
    note_list_of_day,
)
from app.platform.privacy.service.people import (
    REVEALED,
    REVEALS_PER_DAY,
    end_authorization,
    erase_person,
    export_person,
    reveal_phone,
    withdraw_agreement,
)

__all__ = [
    "LIST_TAKEN",
    "REVEALED",
    "REVEALS_PER_DAY",
    "ask_export",
    "discard_old_exports",
    "end_authorization",
    "erase_exports",
    "erase_person",
    "export_person",
    "finish_export",
    "forget_exports",
    "forget_lists",
    "lists_of",
    "merge_exports",
    "merge_lists",
    "note_files_gone",
    "note_list",
    "note_list_of_day",
    "reveal_phone",
    "start_export",
    "withdraw_agreement",
]
