"""The statement file of a vendor, an invention of ours: GBK, CRLF, head, details, tail with a check sum."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from sandbox.days import date_of, local
from sandbox.machine import Refusal, Trouble
from sandbox.store import Store

MERCHANT = "WL001"
"""Our number at both vendors."""


@dataclass(frozen=True)
class Line:
    """One movement; `fen` is signed."""

    ref: str
    order_no: str
    moment: float
    kind: str
    key: str
    meter: str
    fen: int
    status: str = "1"

    def text(self, day: str) -> str:
        at = local(self.moment).strftime("%Y%m%d%H%M%S")
        members = (self.ref, self.order_no, day, at, self.kind, self.key, self.meter, self.fen, self.status)
        return "|".join(map(str, ("D", *members)))


def statement(
    store: Store, part: str, merchant: str, day: int, lines_of: Callable[[int], list[Line]], trouble: Trouble
) -> bytes:
    """The file of one day, with what was put off from the day before. Raises Refusal while it is not made."""
    if trouble.kind == "statement_missing":
        raise Refusal("no_statement")
    late = _put_off(store, part)
    lines = [line for line in lines_of(day) if f"{day}:{line.ref}" not in late]
    lines = [*(line for line in lines_of(day - 1) if f"{day - 1}:{line.ref}" in late), *lines]
    if trouble.kind == "statement_span_day" and lines:
        store.keep(f"spanning_{part}", [*late, f"{day}:{lines.pop().ref}"])
    if trouble.kind == "statement_missing_row":
        lines = lines[:-1]
    if trouble.kind == "statement_extra_row":
        lines.append(_stray(lines, day))
    return _file(merchant, day, lines, trouble)


def _put_off(store: Store, part: str) -> list[str]:
    return list(store.setting(f"spanning_{part}", []))


def _stray(lines: list[Line], day: int) -> Line:
    """A movement that nobody ordered."""
    last = lines[-1] if lines else Line("0", "", day * 86_400.0 + 3600, "TOPUP", "-", "", 1_000)
    return replace(last, ref=f"X{day}", order_no=f"NOBODY{day}")


def _file(merchant: str, day: int, lines: list[Line], trouble: Trouble) -> bytes:
    date = date_of(day).strftime("%Y%m%d")
    total = sum(line.fen for line in lines)
    details = "".join(f"{line.text(date)}\r\n" for line in lines).encode("gbk", "replace")
    digest = hashlib.md5(details).hexdigest()
    stated = total + 1 if trouble.kind == "statement_total_mismatch" else total
    head = f"H|{merchant}|{date}|{len(lines)}|{stated}\r\n".encode()
    whole = head + details + f"T|{len(lines)}|{stated}|{digest}\r\n".encode()
    return whole[: len(whole) * 2 // 3] if trouble.kind == "statement_truncated" else whole
