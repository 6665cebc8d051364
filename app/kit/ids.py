"""Names that people and links use; integer keys stay inside."""

import secrets
from datetime import date

# Crockford's alphabet: no I L O U, so that codes survive handwriting and the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def public_id(prefix: str) -> str:
    """`rep_` and 20 random characters (100 bits): may stand in a link, can't be guessed."""
    return f"{prefix}_{_random(20).lower()}"


def door_code() -> str:
    """8 random characters (40 bits), looked up at /q/<code>."""
    return _random(8)


def serial(letter: str, day: date) -> str:
    """A number for orders and vendors: a letter, the day, 7 random characters; 14 of 0-9A-Z fit every vendor.

    35 random bits a day: the unique constraint on its column refuses the rare twin, and the caller tries again.
    """
    return f"{letter}{day:%y%m%d}{_random(7)}"


def normal_code(text: str) -> str:
    """What a person typed, as the alphabet has it: upper case, no spaces, O→0, I/L→1."""
    cleaned = "".join(text.split()).upper()
    return cleaned.translate(str.maketrans("OIL", "011"))


def _random(length: int) -> str:
    """A byte has eight times as many values as the alphabet has characters: each is as likely."""
    return "".join(ALPHABET[byte % 32] for byte in secrets.token_bytes(length))
