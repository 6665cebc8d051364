"""Numbers out of the sentence in which Synjones tells a reading; each fee item words it as it likes.

Seen: 房间剩余电量:88.80 / 房间号：101,剩余金额：-5.70，单价：0.5400 / 当前余额517.05元,当前剩余电量957.50度.
A sentence is understood or refused: no number, two different ones, or one in the wrong unit raise ValueError.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from app.kit import clock

_FLAGS = re.IGNORECASE | re.ASCII
_NUMBER = r"\s*(?:为|是)?\s*:?\s*([-+]?\d{1,9}(?:\.\d{1,6})?)(?!\d|\.\d|,\d{3}(?!\d)|(?!kwh)[a-z%])\s*(元|度|千瓦时|kwh)?"
_ENERGY = re.compile(r"(?:剩余(?:用)?电量|剩余度数|可用电量|电量余额)" + _NUMBER, _FLAGS)
_MONEY = re.compile(r"(?:剩余金额|剩余电费|(?<!电量)余额)" + _NUMBER, _FLAGS)
_DEBT = re.compile(r"欠费(?:金额|电费)?" + _NUMBER, _FLAGS)
_PRICE = re.compile(r"(?:单价|电价)" + _NUMBER, _FLAGS)
_MOMENT = re.compile(r"(?:截至|抄表时间|更新时间)\s*:?\s*(\d{4}-\d{1,2}-\d{1,2}[ T]\d{1,2}:\d{2})")

CENT = Decimal("0.01")
GROUPS = ("kwh", "yuan", "price")


@dataclass(frozen=True)
class Balance:
    """What one sentence told; what it did not tell is None."""

    kwh: Decimal | None
    fen: int | None
    price_fen_per_kwh: Decimal | None
    as_of: datetime | None


def pattern_of(text: str) -> re.Pattern[str]:
    """A school's own pattern. Raises ValueError."""
    try:
        pattern = re.compile(text)
    except re.error:
        pattern = re.compile("")
    if not pattern.groupindex or not set(pattern.groupindex) <= set(GROUPS):
        raise ValueError(f"patterns: each is a regular expression with groups of {GROUPS}")
    return pattern


def read_sentence(text: str, patterns: Iterable[re.Pattern[str]] = ()) -> Balance:
    """Raises ValueError unless there is a balance in it.

    `patterns` are a school's own and replace the built-in words: each has groups named kwh, yuan or price.
    """
    plain = _plain(text)
    found = _by_patterns(plain, tuple(patterns)) or _by_words(plain)
    kwh, yuan, price = (_only(found[name]) for name in GROUPS)
    if kwh is None and yuan is None:
        raise ValueError("no balance in the sentence")
    return Balance(
        kwh=None if kwh is None else kwh.quantize(CENT, ROUND_HALF_UP),
        fen=None if yuan is None else int((yuan * 100).to_integral_value(ROUND_HALF_UP)),
        price_fen_per_kwh=None if price is None else price * 100,
        as_of=_moment(plain),
    )


def _plain(text: str) -> str:
    """Half-width; a full-width comma separates and never groups digits."""
    separated = text.replace("，", ";").replace("\u2212", "-")
    return unicodedata.normalize("NFKC", separated)


def _by_words(text: str) -> dict[str, set[Decimal]]:
    found: dict[str, set[Decimal]] = {name: set() for name in GROUPS}
    for number, unit in _ENERGY.findall(text):
        if unit == "元":
            raise ValueError("energy in yuan")
        found["kwh"].add(Decimal(number))
    for number, unit in _MONEY.findall(text):
        found["yuan" if unit in ("", "元") else "kwh"].add(Decimal(number))
    for number, unit in _DEBT.findall(text):
        if unit not in ("", "元"):
            raise ValueError("a debt in kWh")
        if Decimal(number) or not found["yuan"]:
            found["yuan"].add(-abs(Decimal(number)))
    found["price"] = {Decimal(number) for number, _ in _PRICE.findall(text)}
    return found


def _by_patterns(text: str, patterns: tuple[re.Pattern[str], ...]) -> dict[str, set[Decimal]] | None:
    if not patterns:
        return None
    found: dict[str, set[Decimal]] = {name: set() for name in GROUPS}
    for match in (match for pattern in patterns for match in pattern.finditer(text)):
        for name, number in match.groupdict().items():
            if number is not None:
                found[name].add(Decimal(number))
    return found


def _only(numbers: set[Decimal]) -> Decimal | None:
    if len(numbers) > 1:
        raise ValueError("two different numbers")
    return next(iter(numbers), None)


def _moment(text: str) -> datetime | None:
    found = _MOMENT.search(text)
    if not found:
        return None
    text = found.group(1).replace("T", " ")
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=clock.SHANGHAI)
