"""The last two lines of WeChat's bills: headings, and what the details must add up to. Nothing may follow."""

from collections.abc import Callable, Iterator, Mapping

from app.clients.bill_lines import BadBill, Texts, e5_of, fen_of

_READ: Mapping[str, Callable[[str], int]] = {"fee": e5_of, "count": int, "in_count": int, "out_count": int}


def check_summary(
    texts: Texts, each: Iterator[str], headings: str, known: Mapping[str, str], sums: Mapping[str, int]
) -> None:
    """`headings` is the text after the details, `known` which sum stands under which heading. Raises BadBill."""
    if not headings:
        raise BadBill("no_summary")
    names, line = headings.split(","), texts.no
    if frozenset(names) != frozenset(known) or len(names) != len(known):
        raise BadBill("no_detail", line)
    values = next(each, "")
    cells = values[1:].split(",`")
    if not values.startswith("`") or len(cells) != len(names):
        raise BadBill("no_summary")
    for name, text in zip(names, cells, strict=True):
        _check(name, text, known[name], sums, texts.no)
    if next(each, None) is not None:
        raise BadBill("after_end", texts.no)


def _check(name: str, text: str, which: str, sums: Mapping[str, int], line: int) -> None:
    try:
        stated = _READ.get(which, fen_of)(text)
    except ValueError:
        raise BadBill("value", line) from None
    if stated != sums[which]:
        raise BadBill("sum", line, name=name, stated=text, found=_shown(which, sums[which]))


def _shown(which: str, value: int) -> str:
    if which in ("count", "in_count", "out_count"):
        return str(value)
    places = 5 if which == "fee" else 2
    sign, size = "-" if value < 0 else "", abs(value)
    return f"{sign}{size // 10**places}.{size % 10**places:0{places}d}"
