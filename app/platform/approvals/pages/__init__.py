"""The pages of approvals: the to-do centre on the phone and the console, and the definitions."""

from app.platform.approvals.pages.definitions import definitions
from app.platform.approvals.pages.deputies import deputies
from app.platform.approvals.pages.desk import desk
from app.platform.approvals.pages.phone import phone

__all__ = ["definitions", "deputies", "desk", "phone"]
