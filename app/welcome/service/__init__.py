"""Use-cases of welcome."""

from app.welcome.service.admissions import Admitted, admit, open_season

__all__ = ["Admitted", "admit", "open_season"]
