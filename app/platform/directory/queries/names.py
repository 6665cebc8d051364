"""What can be told from a name and a number alone. Pure functions."""

COMPOUND = (
    "欧阳 司马 上官 诸葛 司徒 东方 独孤 慕容 皇甫 尉迟 公孙 令狐 长孙 宇文 夏侯 司空 "
    "南宫 端木 百里 东郭 呼延 轩辕 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 钟离 "
    "闻人 万俟 赫连 第五 拓跋 西门 梁丘 左丘 东门 南门 羊舌 微生 鲜于 闾丘 司寇 亓官 "
    "子车 颛孙 巫马 公西 漆雕 乐正 壤驷 公良 夹谷 宰父 谷梁 段干"
)
COMPOUND_SURNAMES = frozenset(COMPOUND.split())
MIDDLE_DOTS = ("·", "•", "・", "‧", "･")


def surname(name: str) -> str:
    """How to address someone shortly: 欧阳若曦 → 欧阳, 阿依古丽·买买提 → 阿依古丽, James Okoro → Okoro.

    Names with a dot put the given name first and have no surname: the given name is what people say.
    """
    plain = name.strip()
    for dot in MIDDLE_DOTS:
        if dot in plain:
            return plain.split(dot)[0]
    if plain.isascii() or " " in plain:
        return plain.split()[-1] if plain else ""
    if len(plain) > 2 and plain[:2] in COMPOUND_SURNAMES:
        return plain[:2]
    return plain[:1]


def mask_phone(phone: str) -> str:
    """`10000001234` → `100****1234`; short numbers keep only their last two digits."""
    digits = phone.strip()
    if len(digits) < 8:
        return "*" * max(len(digits) - 2, 0) + digits[-2:]
    return f"{digits[:-8]}****{digits[-4:]}"


def mask_name(name: str) -> str:
    """`李一鸣` → `李**`, `欧阳若曦` → `欧阳**`, `James Okoro` → `J. Okoro`."""
    plain = name.strip()
    if plain.isascii() or " " in plain:
        words = plain.split()
        return f"{words[0][0]}. {words[-1]}" if len(words) > 1 else plain[:1] + "*" * len(plain[1:])
    kept = surname(plain)
    return kept + "*" * min(max(len(plain) - len(kept), 1), 2)


def mask_number(number: str) -> str:
    """Student, staff and ID numbers: the last four stay (two of short ones)."""
    plain = number.strip()
    kept = 4 if len(plain) > 7 else 2 if len(plain) > 3 else 0
    return "*" * (len(plain) - kept) + plain[len(plain) - kept :]
