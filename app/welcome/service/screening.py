"""What no free text between freshmen may hold: numbers, accounts, addresses, and the desk's words.

Pure functions. Texts are brought to one form first: full width, circled and Chinese digits are digits, marks
between digits are nothing, so that 一３⑧-0 0一 is 138001.
"""

import re
import unicodedata
from collections.abc import Iterable

from app.kit.hidden import HIDDEN
from app.kit.i18n import N_

NUMBERS, ACCOUNT, ADDRESS, WORD = N_("一串号码"), N_("联系账号"), N_("网址或邮箱"), N_("不能使用的词")
RUN = re.compile(r"\d{5,}")
PHONE = 10  # digits; an eleventh may hide
SPREAD = re.compile(r"(?:\d\D{0,2}){8,}")  # a phone with a character or two between its digits

_WRITTEN = (
    "〇零○洞",
    "一壹弌幺",
    "二贰弍两貳",
    "三叁弎仨叄",
    "四肆",
    "五伍",
    "六陆陸",
    "七柒拐",
    "八捌",
    "九玖勾",
)
_DIGITS = {ord(char): str(value) for value, chars in enumerate(_WRITTEN) for char in chars}
_SPOKEN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_ENGLISH = {name: str(value) for value, name in enumerate(_SPOKEN)}
_ENGLISH_WORD = re.compile(r"(?<![a-z])(" + "|".join(_ENGLISH) + r")(?![a-z])")
_BETWEEN = re.compile(r"(?<=\d)[^\w\u3400-\u9fff]+(?=\d)|(?<=\d)_+(?=\d)")
_INVISIBLE = re.compile(HIDDEN.pattern + r"|[\ufe00-\ufe0f\u20e3]")
_MARKS = re.compile(r"[\W_]+")
_ADDRESS = re.compile(
    r"https?:|www[.。]|[@]|[a-z0-9-]{2,}\s*[.。点]\s*(com|cn|net|org|top|vip|xyz|cc|me|io|site|club|info)(?![a-z])"
)
_TOKEN = re.compile(r"[a-z0-9][a-z0-9_-]{4,}")
_LOOKALIKE = re.compile(r"(?<=\d)[oO](?=[\doO])|(?<=\d)[lI|](?=[\dlI|])")
_ACCOUNTS = re.compile(
    r"微信|薇信|威信|徽信|卫星号|维信|[vｖ]信|扣扣|企鹅号|weixin|wechat|qq|whatsapp|telegram"
    r"|(?<![a-z])[vw]x(?![a-z])|加[我v]|手机号|电话|联系方式|二维码|tel(?![a-z])|phone"
)


def plain(text: str) -> str:
    """One form of all ways to write the same."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()


def digits_of(text: str) -> str:
    """The plain text with everything that stands for a digit as a digit, and nothing between them."""
    said = _LOOKALIKE.sub(lambda found: "0" if found.group() in "oO" else "1", plain(text).translate(_DIGITS))
    said = _ENGLISH_WORD.sub(lambda found: _ENGLISH[found.group()], said)
    return _BETWEEN.sub("", said)


def refused(text: str, words: Iterable[str] = ()) -> str | None:
    """What is wrong with a text, in a word of the catalogue; None when it may stand."""
    said, numbers = plain(text), digits_of(text)
    if RUN.search(numbers) or SPREAD.search(numbers):
        return NUMBERS
    if _ADDRESS.search(said):
        return ADDRESS
    if _ACCOUNTS.search(said) or _ACCOUNTS.search(_MARKS.sub("", said)) or _names_an_account(said):
        return ACCOUNT
    bare = _MARKS.sub("", said)
    return WORD if any(_MARKS.sub("", plain(word)) in bare for word in words) else None


def is_in_pieces(texts: Iterable[str]) -> bool:
    """Whether short messages of nearly nothing but digits make a phone number together."""
    pieces = [digits_of(text) for text in texts]
    found = [re.findall(r"\d", each) for each in pieces]
    told = [len(digits) for digits, each in zip(found, pieces, strict=True) if len(each) <= len(digits) + 2]
    return sum(told) >= PHONE


def _names_an_account(said: str) -> bool:
    """Letters and digits mixed, or joined by a line: wxid_7a, zhou-2026. Words of a language are neither."""
    return any(
        ("_" in token or any(char.isdigit() for char in token)) and any(char.isalpha() for char in token)
        for token in _TOKEN.findall(said)
        if not re.fullmatch(r"[gdcztkyls]?\d{1,4}", token)
    )
