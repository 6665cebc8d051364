"""What the gates say no with."""

from collections.abc import Mapping
from types import MappingProxyType

from app.clients.vendor import AuthProblem, DuplicateOrder, Refused, Unavailable, VendorError

KINDS: Mapping[str, type[VendorError]] = MappingProxyType(
    {
        "TOKEN_ERROR": AuthProblem,
        "BUSY": Unavailable,
        "DUPLICATE": DuplicateOrder,
        "STALE": Refused,
        "BASE_MISMATCH": Refused,
        "TOO_MANY": Refused,
        "PARAM_ERROR": Refused,
    }
)
"""The definite ones: the list is what it was. Any other code says nothing about what happened."""
