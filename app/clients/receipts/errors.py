"""What the issuer says no with."""

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
        "SIGN_ERROR": AuthProblem,
        "APP_ERROR": AuthProblem,
        "BUSY": Unavailable,
        "NO_STOCK": Unavailable,
        "DUPLICATE": DuplicateOrder,
        "NOT_FOUND": NoSuchOrder,
        "PARAM_ERROR": Refused,
        "WHOLE_ONLY": Refused,
        "BOOKED": Refused,
        "TOO_MUCH": Refused,
        "NO_RECEIPT": Refused,
    }
)
"""The definite ones: nothing was issued. NO_RECEIPT: there is nothing to reverse. Any other code says nothing."""
