"""Text messages (短信): one protocol, one package per gateway.

A gateway sends approved templates only. Which of ours is which of theirs, and in which order its parameters stand, is
said in the settings: `"templates": {"welcome.claim_code": {"id": "2100001", "params": ["code", "minutes"]}}`.
"""

from collections.abc import Mapping
from typing import Any

from app.clients.given import settings_from
from app.clients.sms.protocol import Report, Sent, TextMessages
from app.clients.sms.tencent.client import Tencent
from app.clients.sms.tencent.settings import TencentSettings

__all__ = ["Report", "Sent", "TextMessages", "open_sms"]

DIALECTS = ("tencent",)


def open_sms(given: Mapping[str, Any]) -> TextMessages:
    """Raises ValueError that names what can't be."""
    rest = dict(given)
    if rest.pop("dialect", None) not in DIALECTS:
        raise ValueError(f"sms.dialect: choose from {', '.join(DIALECTS)}")
    return Tencent(settings_from(TencentSettings, rest, "sms"))
