"""The pages of leave: the student's phone, and those who look after students."""

from app.miniapps.leave.pages.following import following
from app.miniapps.leave.pages.gates import gates
from app.miniapps.leave.pages.parents import parents
from app.miniapps.leave.pages.phone import phone

__all__ = ["following", "gates", "parents", "phone"]
