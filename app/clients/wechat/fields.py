"""Template fields: any text made to fit its type; one bad field makes WeChat refuse the whole message."""

import re
import unicodedata
from collections.abc import Callable

_EMOJI = re.compile("[\u2600-\u27bf\u200d\u20e3\ufe0e\ufe0f\U0001f000-\U0001ffff]")
_CHINESE = re.compile("[^\u4e00-\u9fa5]")
_TIME = re.compile(r"(?<!\d)([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(?!\d)", re.ASCII)
_DATE = re.compile(
    r"(?<!\d)(\d{4})(?:年|-|/|\.)(1[0-2]|0?[1-9])(?:月|-|/|\.)(3[01]|[12]\d|0?[1-9])日?", re.ASCII
)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_AMOUNT = re.compile(r"([¥$€£])?(\d{1,10})(?:\.(\d{1,2}))?\d*", re.ASCII)


def fit(kind: str, text: str) -> str:
    """The text as WeChat accepts it for a field of `kind` ("thing", "time", also "thing2").

    Never raises and never answers with an empty text: what leaves nothing becomes a neutral stand-in. What
    is too long ends in … where the type allows it. An unknown kind is treated like `thing`.
    """
    name = kind.rstrip("0123456789")
    rule, neutral = RULES.get(name, RULES["thing"])
    return rule(_one_line(text)) or neutral


def _one_line(text: str) -> str:
    """Without emoji, controls and halves of characters, blanks joined."""
    kept = (char for char in _EMOJI.sub("", text) if char.isspace() or unicodedata.category(char)[0] != "C")
    return " ".join("".join(kept).split())


def _width(text: str) -> int:
    """Length as JavaScript counts it, the longer of the two ways WeChat may count."""
    return len(text.encode("utf-16-le")) // 2


def _shorten(text: str, longest: int, mark: str = "…") -> str:
    if _width(text) <= longest:
        return text
    while _width(text) > longest - len(mark):
        text = text[:-1]
    return text.rstrip() + mark


def _plain(text: str) -> str:
    """Full-width letters and digits as plain ones."""
    return unicodedata.normalize("NFKC", text)


def _thing(text: str) -> str:
    return _shorten(text, 20)


def _character_string(text: str) -> str:
    return _shorten(re.sub(r"[^!-~]", "", _plain(text)), 32, "...")


def _number(text: str) -> str:
    found = _NUMBER.search(_plain(text).replace(",", ""))
    return found.group()[:32].rstrip(".") if found else ""


def _letter(text: str) -> str:
    return re.sub(r"[^A-Za-z]", "", _plain(text))[:32]


def _symbol(text: str) -> str:
    return re.sub(r"[^!-/:-@\[-^`{-~]", "", _plain(text))[:5]


def _moment(text: str) -> str:
    """One date, one time of day, or both."""
    day, hour = _DATE.search(text), _TIME.search(_DATE.sub(" ", text))
    date = f"{day.group(1)}年{int(day.group(2))}月{int(day.group(3))}日" if day else ""
    time = f"{int(hour.group(1)):02}:{hour.group(2)}" if hour else ""
    return f"{date} {time}".strip()


def _time(text: str) -> str:
    """A moment or two with ~ between; the second without its date when that is the same."""
    ends = [_moment(part) for part in re.split("[~～至]", _plain(text))]
    if len(ends) < 2 or not all(ends):
        return _moment(_plain(text))
    span = f"{ends[0]}~{ends[1].removeprefix(ends[0].split(' ')[0]).strip() or ends[1]}"
    return span if len(span) <= 32 else ends[0]


def _date(text: str) -> str:
    return _time(text) if _DATE.search(_plain(text)) else ""


def _amount(text: str) -> str:
    text = _plain(text).replace(",", "").replace(" ", "")
    found = _AMOUNT.search(text)
    if not found:
        return ""
    symbol, whole, part = found.groups()
    return f"{symbol or ''}{whole}{f'.{part}' if part else ''}{'' if symbol else '元'}"


def _phone_number(text: str) -> str:
    return re.sub(r"[^0-9+-]", "", _plain(text))[:17]


def _car_number(text: str) -> str:
    """Eight with the province in front, else seven."""
    kept = re.sub("[^0-9A-Za-z\u4e00-\u9fa5]", "", _plain(text))
    return kept[: 7 if kept[:1].isascii() else 8]


def _name(text: str) -> str:
    """Chinese or letters, never both: a mixture counts as neither."""
    chinese = re.sub("[^\u4e00-\u9fa5·]", "", text).strip("·")
    letters = " ".join(re.sub(r"[^A-Za-z .'-]", "", _plain(text)).split())
    return chinese[:10].strip("·") or letters.strip(" .'-")[:20].strip(" .'-")


def _phrase(text: str) -> str:
    return _CHINESE.sub("", text)[:5]


def _const(text: str) -> str:
    return _shorten(text, 20)


RULES: dict[str, tuple[Callable[[str], str], str]] = {
    "thing": (_thing, "请点击查看"),
    "character_string": (_character_string, "-"),
    "number": (_number, "0"),
    "letter": (_letter, "N"),
    "symbol": (_symbol, "-"),
    "time": (_time, "00:00"),
    "date": (_date, "2000年1月1日"),
    "amount": (_amount, "0元"),
    "phone_number": (_phone_number, "000"),
    "car_number": (_car_number, "未登记"),
    "name": (_name, "本人"),
    "phrase": (_phrase, "已更新"),
    "const": (_const, "其他"),
}
"""Each type's rule, and what stands there when the rule leaves nothing."""
