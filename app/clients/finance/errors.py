"""What the finance system says no with."""

from collections.abc import Mapping
from types import MappingProxyType

from app.clients.vendor import (
    AuthProblem,
    DuplicateOrder,
    NoSuchOrder,
    Refused,
    Unavailable,
    VendorError,
)

KINDS: Mapping[str, type[VendorError]] = MappingProxyType(
    {
        "TOKEN_ERROR": AuthProblem,
        "BUSY": Unavailable,
        "DUPLICATE": DuplicateOrder,
        "NOT_FOUND": NoSuchOrder,
        "PERIOD_CLOSED": Refused,
        "UNBALANCED": Refused,
        "ACCOUNT_UNKNOWN": Refused,
        "PARAM_ERROR": Refused,
    }
)
"""The definite ones: nothing was booked. Any other code says nothing about what happened."""
