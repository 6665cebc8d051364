"""The pages of approvals: the to-do centre on the phone."""

from app.platform.approvals.pages.phone import phone

__all__ = ["phone"]
