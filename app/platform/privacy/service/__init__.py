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
    "merge_exports",
    "note_files_gone",
    "reveal_phone",
    "start_export",
    "withdraw_agreement",
]
