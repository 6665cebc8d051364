"""Use-cases of the official account: answer words, take events in, make scenes."""

from app.platform.official_account.service.menu import account_menu
from app.platform.official_account.service.receiving import SOURCE, Receipt, receive, sort_out
from app.platform.official_account.service.scenes import (
    forget_old_scenes,
    new_scene,
    note_scene_url,
    scene_about,
)
from app.platform.official_account.service.words import AnswerFailed, configure, reply_to

__all__ = [
    "SOURCE",
    "AnswerFailed",
    "Receipt",
    "account_menu",
    "configure",
    "forget_old_scenes",
    "new_scene",
    "note_scene_url",
    "receive",
    "reply_to",
    "scene_about",
    "sort_out",
]
