"""日结单 for paper and for Excel: both totals of each account, and every difference with what was decided."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Response

from app.kit import clock, export, pdf
from app.kit.money import yuan
from app.payments.models import ACTION_NAMES, DIFFERENCE_NAMES, Action, DifferenceKind, DifferenceStatus
from app.payments.queries.desk.differences import STATUS_NAMES
from app.payments.queries.reconciliation import source_name

TEMPLATE = Path(__file__).parent / "templates" / "payments" / "desk" / "certificate.typ"
Translate = Callable[[str], str]


def certificate_pdf(certificate: Mapping[str, Any], people: Mapping[int, str], translate: Translate) -> bytes:
    """A4, Chinese. Raises kit.pdf.TypesettingFailed."""
    signed_by = people.get(certificate["closed_by_id"] or 0, "系统（无差错，自动关账）")
    values = {
        "number": certificate["number"],
        "day": certificate["day"],
        "closed_at": _moment(certificate["closed_at"]),
        "closed_by": signed_by,
        "fingerprint": certificate["fingerprint"],
        "accounts": [_account(one, translate) for one in certificate["accounts"]],
        "bills": [_bill(one, translate) for one in certificate["bills"]],
        "differences": [_difference(one, people, translate) for one in certificate["differences"]],
    }
    return pdf.typeset(TEMPLATE, values)


def certificate_sheets(
    certificate: Mapping[str, Any], people: Mapping[int, str], translate: Translate
) -> Response:
    """One table: accounts first, then differences, then the seal."""
    rows: list[list[Any]] = [[*_account(one, translate).values()] for one in certificate["accounts"]]
    rows += [[], list(DIFFERENCE_HEAD)]
    rows += [[*_difference(one, people, translate).values()] for one in certificate["differences"]]
    rows += [[], ["指纹", certificate["fingerprint"]], ["关账时间", _moment(certificate["closed_at"])]]
    columns = [_column(place, title, width) for place, (title, width) in enumerate(ACCOUNT_HEAD.items())]
    return export.xlsx_response(f"日结单{certificate['day']}", columns, rows)


def _column(place: int, title: str, width: int) -> export.Column:
    return export.Column(title, lambda row: row[place] if place < len(row) else None, width)


ACCOUNT_HEAD = {
    "来源": 24,
    "商户号或系统": 18,
    "账单笔数": 10,
    "账单净额（元）": 16,
    "对平笔数": 10,
    "对平金额（元）": 16,
    "已说明差额（元）": 16,
    "本系统净额（元）": 16,
    "相差（元）": 12,
}
DIFFERENCE_HEAD = ("差错号", "来源", "类别", "差额（元）", "状态", "处理", "负责人", "经办", "复核")


def _account(one: Mapping[str, Any], translate: Translate) -> dict[str, Any]:
    """`rest` is 0 on every certificate: nothing is signed that does not add up. Fund and bank have no second side."""
    has_sides = one["kind"] in ("trade", "delivery")
    rest = one["fen"] - one["matched_fen"] - one["explained_fen"]

    def of_both(fen: int) -> str:
        return yuan(fen) if has_sides else "—"

    return {
        "source": translate(source_name(one["source"])),
        "account": one["account"],
        "lines": one["lines"],
        "fen": yuan(one["fen"]),
        "matched": one["matched"],
        "matched_fen": of_both(one["matched_fen"]),
        "explained_fen": of_both(one["explained_fen"]),
        "our_fen": of_both(one["our_fen"]),
        "rest": of_both(rest),
    }


def _bill(one: Mapping[str, Any], translate: Translate) -> dict[str, Any]:
    return {
        "source": translate(source_name(one["source"])),
        "account": one["account"],
        "version": one["version"],
        "sha256": (one["sha256"] or "")[:16] or "当日无交易",
        "lines": one["lines"],
    }


def _difference(one: Mapping[str, Any], people: Mapping[int, str], translate: Translate) -> dict[str, Any]:
    def person(key: str) -> str:
        return people.get(one[key] or 0, "—")

    return {
        "number": one["number"],
        "source": translate(source_name(one["source"])),
        "kind": translate(DIFFERENCE_NAMES[DifferenceKind(one["kind"])]),
        "fen": yuan(one["fen"]),
        "status": translate(STATUS_NAMES[DifferenceStatus(one["status"])]),
        "action": translate(ACTION_NAMES[Action(one["action"])]) if one["action"] else "—",
        "owner": person("owner_id"),
        "proposed_by": person("proposed_by_id"),
        "decided_by": person("decided_by_id"),
    }


def _moment(text: str) -> str:
    return f"{clock.local(datetime.fromisoformat(text)):%Y-%m-%d %H:%M}"
