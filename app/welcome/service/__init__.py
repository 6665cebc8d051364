"""Use-cases of welcome."""

from app.welcome.service.admissions import Admitted, admit, open_season
from app.welcome.service.cards import card_code, revoke_card

__all__ = ["Admitted", "admit", "card_code", "open_season", "revoke_card"]
