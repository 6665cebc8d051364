"""Argon2 for passwords, and what a password must be. No database."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from app.platform.identity.errors import WeakPassword

SHORTEST, LONGEST = 10, 128
# OWASP's second recommendation: eight threads at once stay far below the memory of a web process.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Of nobody's password, made by this hasher.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$9j480zdPa60avn7P8fA93A$wB/G0ShnuOtan9us/eatUfUGXsNPmZuaoOj8Msgjhmo"
_WORDS = """
    1234567890 12345678910 0123456789 123456789a a123456789 qwertyuiop 1qaz2wsx3edc 1q2w3e4r5t
    qwerty1234 qwerty12345 password12 password123 password1234 passw0rd123 p@ssw0rd123 admin12345
    administrator admin123456 woaini1314 woaini520 woaini1314520 iloveyou123 abcd123456 abc1234567
    aa12345678 asdfghjkl1 zxcvbnm123 11223344556 147258369a 5201314520 weilife123 welcome123
    changeme123 letmein1234
"""
_COMMON = frozenset(_WORDS.split())


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Takes the same time whether the account exists (`stored` None) or not."""
    try:
        _hasher.verify(stored or _NOBODY, password[:LONGEST])
    except (VerifyMismatchError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """The hash was made with other parameters and should be made anew at the next sign-in."""
    return _hasher.check_needs_rehash(stored)


def check_strength(password: str, login: str) -> None:
    """Raises WeakPassword, with the reason beside the field `new`."""
    plain = password.strip().lower()
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(details={"new": [WeakPassword.TOO_SHORT]})
    if login and login in plain:
        raise WeakPassword(details={"new": [WeakPassword.HAS_LOGIN]})
    if plain in _COMMON or len(set(plain)) < 4:
        raise WeakPassword(details={"new": [WeakPassword.TOO_COMMON]})
