"""Money is int fen."""


def yuan(fen: int) -> str:
    """`123456` → `¥1,234.56`; negative amounts keep their sign in front."""
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}¥{whole:,}.{rest:02d}"


def fen_of(text: str) -> int:
    """`"1,234.5"` → 123450. Raises ValueError for anything that is not an amount with ≤ 2 decimals."""
    cleaned = text.strip().replace(",", "").removeprefix("¥").strip()
    whole, _, rest = cleaned.partition(".")
    if not whole.isascii() or not whole.isdigit() or len(rest) > 2 or (rest and not rest.isdigit()):
        raise ValueError(f"not an amount: {text!r}")
    return int(whole) * 100 + int(rest.ljust(2, "0") or 0)
