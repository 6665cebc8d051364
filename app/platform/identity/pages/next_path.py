"""Where a sign-in may lead: our own pages, by relative path, and nowhere else."""

import re
from urllib.parse import unquote

PHONE_ROOTS = ("/m", "/q")
DESK_ROOTS = ("/desk",)
SIGN_IN = ("/m/login", "/m/oauth", "/m/logout", "/desk/login", "/desk/logout")
LONGEST = 1000

_PATH = re.compile(r"/[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*")


def phone_path(text: str | None) -> str:
    """The path when it is one of the phone's pages, else the phone's home."""
    return text if text and (text == "/" or _is_ours(text, PHONE_ROOTS)) else "/m/"


def desk_path(text: str | None) -> str:
    """The path when it is one of the console's pages, else the console's home."""
    return text if text and _is_ours(text, DESK_ROOTS) else "/desk/"


def _is_ours(text: str, roots: tuple[str, ...]) -> bool:
    """Browsers read `//`, `/\\`, tabs and line breaks in surprising ways: none of them, not even encoded."""
    if len(text) > LONGEST or not _PATH.fullmatch(text):
        return False
    plain = unquote(text)
    if "//" in plain or "\\" in plain or "/.." in plain or any(ord(char) < 32 for char in plain):
        return False
    path = text.partition("?")[0]
    return path.startswith(tuple(f"{root}/" for root in roots)) and not path.startswith(SIGN_IN)
