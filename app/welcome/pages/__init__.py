"""The pages of welcome: the freshman's phone, the console."""

from app.welcome.pages.home import phone

__all__ = ["phone"]
