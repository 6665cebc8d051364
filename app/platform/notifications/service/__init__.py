"""Use-cases of notifications: tell people, let them read, wish and be phoned."""

from app.platform.notifications.service.catalogue import configure
from app.platform.notifications.service.moving import erase_person, forget_old, merge_person
from app.platform.notifications.service.outcomes import note_subscription_change, note_template_outcome
from app.platform.notifications.service.reading import (
    mark_all_read,
    mark_read,
    mark_read_about,
    note_call,
    phone_to_call,
    set_wishes,
)
from app.platform.notifications.service.telling import already_sent, mark_all_sent, tell
from app.platform.notifications.service.text_phones import cancel_texts, take_back_phone
from app.platform.notifications.service.texts import text, text_other

__all__ = [
    "already_sent",
    "cancel_texts",
    "configure",
    "erase_person",
    "forget_old",
    "mark_all_read",
    "mark_all_sent",
    "mark_read",
    "mark_read_about",
    "merge_person",
    "note_call",
    "note_subscription_change",
    "note_template_outcome",
    "phone_to_call",
    "set_wishes",
    "take_back_phone",
    "tell",
    "text",
    "text_other",
]
