"""Words that turn a repair into an emergency."""

import re

HAZARDS = re.compile(
    r"漏电|触电|冒烟|起火|着火|火花|焦味|烧焦|燃气|煤气|天然气|被困|困在|困人|爆管|坠落|砸|塌|玻璃碎|"
    r"electric shock|sparks?\b|smoke|burning|on fire|gas leak|trapped|collapsed",
    re.IGNORECASE,
)
NEGATED = re.compile(r"(没有|没|无|不)(漏电|冒烟|起火|着火|焦味)")


def is_hazard(text: str) -> bool:
    """Whether the words speak of danger to people. When in doubt, yes."""
    return bool(HAZARDS.search(NEGATED.sub("", text)))
