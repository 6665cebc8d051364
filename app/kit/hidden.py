"""Characters that nobody sees: they hide words, turn lines around and let one name look like another."""

import re

from app.kit.errors import Invalid
from app.kit.i18n import N_

# Controls, soft hyphen, marks and overrides of direction, zero widths, separators of lines, tags.
HIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)


class HiddenCharacters(Invalid):
    code = "kit.hidden_characters"
    msgid = N_("文字里有看不见的字符，请删掉重新输入，不要从别处粘贴。")


def check_seen(**fields: str) -> None:
    """Short names that others will read are what they look like. Raises HiddenCharacters, naming the fields."""
    wrong = [name for name, text in fields.items() if HIDDEN.search(text)]
    if wrong:
        raise HiddenCharacters(details={name: [HiddenCharacters.msgid] for name in wrong})
