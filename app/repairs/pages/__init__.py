"""The pages of repairs: the reporter's and the worker's phone, the dispatcher's console."""

from app.repairs.pages.desk import desk
from app.repairs.pages.phone import doors, phone

__all__ = ["desk", "doors", "phone"]
