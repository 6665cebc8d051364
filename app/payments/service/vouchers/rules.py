"""The rules and file formats as a school's accountant gives them: as a list, loaded as often as one likes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.payments.errors import FeeItemUnknown, TemplateInvalid
from app.payments.exporters import check_settings
from app.payments.exporters.texts import check_text
from app.payments.models import FeeItem, Side, VoucherFormat, VoucherRule

AUX = ("department", "project", "partner")
_WHAT = ("debit_of", "credit_of", "channel", "fee_item_id", "side", "valid_from")


def load_rules(session: Session, rules: Sequence[Mapping[str, Any]]) -> int:
    """Adds them, or replaces those of the same movement, item, channel, side and day. Returns how many.

    Each has debit_of, credit_of and, both or neither, debit and credit; by default it is a general rule of the
    financial side. Raises TemplateInvalid and FeeItemUnknown.
    """
    items = {row.code: row.id for row in session.execute(select(FeeItem.code, FeeItem.id))}
    rows = [_row(given, items) for given in rules]
    if rows:
        stmt = insert(VoucherRule).values(rows)
        changes = {name: stmt.excluded[name] for name in rows[0] if name not in _WHAT}
        session.execute(stmt.on_conflict_do_update(index_elements=list(_WHAT), set_=changes))
    return len(rows)


def _row(given: Mapping[str, Any], items: Mapping[str, int]) -> dict[str, Any]:
    code = given.get("fee_item")
    if code is not None and code not in items:
        raise FeeItemUnknown()
    return {
        "debit_of": given["debit_of"],
        "credit_of": given["credit_of"],
        "channel": given.get("channel"),
        "fee_item_id": items[code] if code is not None else None,
        "side": str(Side(given.get("side", Side.FINANCIAL))),
        "valid_from": date.fromisoformat(given["valid_from"]),
        "debit": _account(given.get("debit")),
        "credit": _account(given.get("credit")),
        "debit_aux": _aux(given.get("debit_aux", {})),
        "credit_aux": _aux(given.get("credit_aux", {})),
        "summary": check_text(given.get("summary", "")),
    }


def _account(code: str | None) -> str | None:
    if code is not None and not (1 <= len(code) <= 15 and code.isascii() and code.isalnum()):
        raise TemplateInvalid(text=code)
    return code


def _aux(given: Mapping[str, str]) -> dict[str, str]:
    if unknown := set(given) - set(AUX):
        raise TemplateInvalid(text=", ".join(sorted(unknown)))
    return {name: check_text(text) for name, text in given.items()}


def load_formats(session: Session, formats: Sequence[Mapping[str, Any]]) -> int:
    """File formats by key: {key, title, settings}. Raises TemplateInvalid."""
    for given in formats:
        check_settings(given["settings"])
        stmt = insert(VoucherFormat).values(
            key=given["key"], title=given["title"], settings=given["settings"]
        )
        session.execute(
            stmt.on_conflict_do_update(
                index_elements=["key"],
                set_={"title": stmt.excluded.title, "settings": stmt.excluded.settings},
            )
        )
    return len(formats)
