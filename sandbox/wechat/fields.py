"""The rules for the fields of a template message, by the type in the field's name (thing1, phrase2 …)."""

import re

_TIME = r"\d{1,2}:\d{2}(:\d{2})?"
_DATE = r"(\d{4}年\d{1,2}月\d{1,2}日|\d{4}[-/.]\d{1,2}[-/.]\d{1,2})"
_MOMENT = rf"({_DATE}( ?{_TIME})?|{_TIME})"
_HAN = r"[\u3400-\u9fff·〇]"

RULES = {
    "thing": r"[^\x00-\x1f\x7f]{1,20}",
    "character_string": r"[\x20-\x7e]{1,32}",
    "number": r"-?\d{1,32}(\.\d+)?",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": r"[^\w\s]{1,5}",
    "time": rf"{_MOMENT}( ?~ ?{_MOMENT})?",
    "date": rf"{_DATE}( ?{_TIME})?( ?~ ?{_MOMENT})?",
    "amount": r"[¥￥$€£]?\d{1,10}(\.\d{1,2})?元?",
    "phone_number": r"[\d+\-() *]{1,17}",
    "car_number": r"[\u4e00-\u9fff]?[A-Za-z0-9\u4e00-\u9fff]{1,7}",
    "name": rf"({_HAN}{{1,10}}|[A-Za-z .'-]{{1,20}})",
    "phrase": r"[\u3400-\u9fff]{1,5}",
    "const": r"[^\x00-\x1f\x7f]{1,20}",
}
PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\.DATA\s*\}\}")


def kind_of(name: str) -> str:
    return name.rstrip("0123456789")


def complaint(name: str, value: object) -> str:
    """Empty when WeChat would take it, else the tail of 47003's message."""
    rule = RULES.get(kind_of(name))
    if rule is None:
        return f"data.{name} is not a known field"
    if not isinstance(value, str) or not value.strip():
        return f"data.{name}.value is empty"
    if len(value) > 32 or not re.fullmatch(rule, value):
        return f"data.{name}.value invalid"
    return ""
