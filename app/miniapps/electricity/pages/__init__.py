"""The pages of electricity: the phone of those who live there, the console."""

from app.miniapps.electricity.pages import rooms, top_ups  # noqa: F401 - their routes are on `phone`
from app.miniapps.electricity.pages.desk import desk
from app.miniapps.electricity.pages.home import phone

__all__ = ["desk", "phone"]
