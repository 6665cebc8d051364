"""The ways to pay, each with the same five functions: `start`, `query`, `close`, `refund`, `query_refund`."""

from app.payments.channels import card, platform, wechat
from app.payments.channels.found import Found, RefundFound, Started
from app.payments.models import Channel

CHANNELS = {Channel.WECHAT: wechat, Channel.CARD: card, Channel.PLATFORM: platform}

__all__ = ["CHANNELS", "Found", "RefundFound", "Started"]
