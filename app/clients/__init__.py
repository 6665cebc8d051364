"""Outside systems, one package each: they speak the wire, raise our errors and know no business."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Clients:
    """What flows are handed. `base_url` is our own public root, for links in messages.

    `wxpay` and `unipay` are by merchant number, `meters` by electricity system, `bank` by the account's name.
    """

    base_url: str
    wechat: Any = None
    cas: Any = None
    storage: Any = None
    redis: Any = None
    wxpay: Mapping[str, Any] = field(default_factory=dict)
    unipay: Mapping[str, Any] = field(default_factory=dict)
    card: Any = None
    meters: Mapping[str, Any] = field(default_factory=dict)
    finance: Any = None
    receipts: Any = None
    sms: Any = None
    gates: Any = None
    bank: Mapping[str, Any] = field(default_factory=dict)
