"""What a vendor's code means for us, one letter a code; schools may overrule each letter in the settings."""

from collections.abc import Mapping
from types import MappingProxyType

from app.clients.vendor import (
    AuthProblem,
    BadReply,
    DuplicateOrder,
    NoSuchOrder,
    OutcomeUnknown,
    Refused,
    Unavailable,
    VendorDown,
    VendorError,
)

REFUSED, UNKNOWN, NOT_FOUND, DUPLICATE, AUTH, BUSY = "R", "U", "N", "X", "A", "B"
LETTERS = frozenset((REFUSED, UNKNOWN, NOT_FOUND, DUPLICATE, AUTH, BUSY))

Verdicts = Mapping[str, str]
"""Letter by code, or by a whole sentence where the vendor has only sentences."""

_DEFINITE: Mapping[str, type[VendorError]] = MappingProxyType(
    {REFUSED: Refused, DUPLICATE: DuplicateOrder, AUTH: AuthProblem, BUSY: Unavailable}
)


def verdicts(default: Verdicts, overrides: Verdicts) -> Verdicts:
    """The default table with a school's own letters. Raises ValueError for a letter that is none."""
    wrong = sorted(code for code, letter in overrides.items() if letter not in LETTERS)
    if wrong:
        raise ValueError(f"codes must be one of {''.join(sorted(LETTERS))}: {', '.join(wrong)}")
    return MappingProxyType({**default, **overrides})


def error_of(known: Verdicts, code: str, said: str, *, call: str, writes: bool) -> VendorError:
    """The error for an answer that is not a success.

    On a write nothing but a recognised refusal is a no: an unknown code, and a "no such order" in answer to
    something else than a question, leave the outcome unknown.
    """
    letter = known.get(said) or known.get(code, "")
    code, said = code[:32], said[:200]
    if kind := _DEFINITE.get(letter):
        return kind(code, said, call=call)
    if writes:
        return OutcomeUnknown(code, said, call=call)
    doubtful: type[VendorError] = {NOT_FOUND: NoSuchOrder, UNKNOWN: VendorDown}.get(letter, BadReply)
    return doubtful(code, said, call=call)


def refusal(
    kinds: Mapping[str, type[VendorError]], code: str, said: str, call: str, *, writes: bool
) -> VendorError:
    """The same for a vendor whose codes are words: `kinds` has the definite ones."""
    kind = kinds.get(code)
    if kind is None or (writes and kind is NoSuchOrder):
        kind = OutcomeUnknown if writes else BadReply
    return kind(code[:64], said[:200], call=call)
