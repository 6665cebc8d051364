"""差错: what does not agree, why, and its way to the end by two persons."""

import secrets
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, current_app, render_template, request, send_file, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session

from app.kit import clock, export, money
from app.kit.db import unit_of_work
from app.kit.errors import Invalid
from app.kit.http import caller, permit
from app.kit.i18n import N_
from app.payments.models import ACTION_NAMES, DIFFERENCE_NAMES, Action, DifferenceKind, DifferenceStatus
from app.payments.pages.desk.parts import answer, colleague, in_yuan, people_of, to_the_end
from app.payments.queries.desk import differences as queries
from app.payments.queries.desk.ledger import ENTRY_NAMES
from app.payments.queries.reconciliation import explain, source_name
from app.payments.service import cases

desk = Blueprint("payments_differences", __name__, url_prefix="/desk/payments/differences")
NAMED = ("owner_id", "proposed_by_id", "decided_by_id")
TONES = {
    "open": "ask",
    "waiting": "wait",
    "proposed": "go",
    "suspended": "wait",
    "healed": "done",
    "settled": "done",
}
ATTACHABLE = frozenset((".pdf", ".jpg", ".jpeg", ".png", ".xlsx", ".xls", ".csv", ".txt"))
LARGEST = 20 * 1024 * 1024
FINAL = (DifferenceStatus.HEALED, DifferenceStatus.SETTLED)


def day_of(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def sentence(row: Any) -> str:
    """What the difference is, in plain words."""
    said = explain(row)
    return str(gettext(said.msgid) % dict(said.params))


def _filters() -> dict[str, Any]:
    view, kind = request.args.get("view", "open"), request.args.get("kind", "")
    return {
        "view": view if view in queries.VIEWS else "open",
        "kind": kind if kind in set(DifferenceKind) else "",
        "day": day_of(request.args.get("day")),
        "text": request.args.get("q", "").strip()[:64],
        "owner_id": caller().person_id if request.args.get("mine") else None,
    }


def _words() -> dict[str, Any]:
    return {
        "kind_names": DIFFERENCE_NAMES,
        "status_names": queries.STATUS_NAMES,
        "action_names": ACTION_NAMES,
        "tones": TONES,
        "colleague": colleague,
        "sentence": sentence,
        "source_name": source_name,
    }


@desk.get("")
@permit("payments.read")
def differences() -> str:
    """The oldest first; `difference` opens one beside the list."""
    filters = _filters()
    with unit_of_work() as session:
        page = queries.differences(session, **filters, cursor=request.args.get("cursor"))
        return render_template(
            "payments/desk/differences.html",
            page=page,
            people=people_of(session, page.items, *NAMED),
            counts=queries.counts(session),
            ages=queries.ageing(session, clock.today()),
            views=queries.VIEWS,
            filters=filters,
            today=clock.today(),
            chosen=request.args.get("difference"),
            **_words(),
        )


@desk.get("/export.xlsx")
@permit("payments.read")
def export_differences() -> Response:
    filters = _filters()
    rows = to_the_end(lambda session, **where: queries.differences(session, **filters, **where), *NAMED)
    return export.xlsx_response("对账差错", EXPORT, rows)


EXPORT = (
    export.Column("差错号", lambda pair: pair[0].number, 16),
    export.Column("业务日", lambda pair: pair[0].day, 12),
    export.Column("类别", lambda pair: DIFFERENCE_NAMES[DifferenceKind(pair[0].kind)], 12),
    export.Column("来源", lambda pair: source_name(pair[0].source), 12),
    export.Column("商户号/系统", lambda pair: pair[0].account, 16),
    export.Column("账单金额（元）", lambda pair: in_yuan(pair[0].bill_fen), 14),
    export.Column("本方金额（元）", lambda pair: in_yuan(pair[0].our_fen), 14),
    export.Column("差额（元）", lambda pair: in_yuan(pair[0].fen), 12),
    export.Column("说明", lambda pair: sentence(pair[0]), 60),
    export.Column("状态", lambda pair: queries.STATUS_NAMES[DifferenceStatus(pair[0].status)], 10),
    export.Column("处理", lambda pair: pair[0].action and ACTION_NAMES[Action(pair[0].action)], 10),
    export.Column("负责人", lambda pair: colleague(pair[1], pair[0].owner_id), 12),
    export.Column("经办", lambda pair: colleague(pair[1], pair[0].proposed_by_id), 12),
    export.Column("复核", lambda pair: colleague(pair[1], pair[0].decided_by_id), 12),
    export.Column("订单号", lambda pair: pair[0].order_number, 18),
    export.Column("发现时间", lambda pair: pair[0].opened_at, 18),
    export.Column("结束时间", lambda pair: pair[0].ended_at, 18),
)


@desk.get("/<number>")
@permit("payments.read")
def difference(number: str) -> str:
    """The panel beside the list, or a page of its own."""
    part = "_difference" if request.headers.get("HX-Request") else "difference"
    with unit_of_work() as session:
        return _panel(session, number, part)


def _panel(session: Session, number: str, part: str = "_difference") -> str:
    by = caller()
    file = queries.difference_file(session, number)
    row = file.row
    is_live = row.status not in FINAL
    may_decide = row.status == "proposed" and by.may("payments.approve_reconcile")
    may_propose = is_live and row.status != "proposed" and by.may("payments.reconcile")
    return render_template(
        f"payments/desk/{part}.html",
        d=row,
        file=file,
        people=file.people,
        usual=explain(row).action,
        actions=cases.possible_actions(session, row) if may_propose else (),
        may_decide=may_decide and row.proposed_by_id != by.person_id,
        is_own=row.status == "proposed" and row.proposed_by_id == by.person_id,
        may_note=by.may("payments.reconcile"),
        may_own=is_live and by.may("payments.reconcile") and row.owner_id != by.person_id,
        entry_names=ENTRY_NAMES,
        yuan_of=money.yuan,
        **_words(),
    )


@desk.post("/<number>/own")
@permit("payments.reconcile")
def own(number: str) -> Any:
    return _moved(number, cases.assign, owner_id=caller().person_id)


@desk.post("/<number>/notes")
@permit("payments.reconcile")
def note(number: str) -> Any:
    """Words, and a file if there is one: it is put away before the note that names it is written."""
    return _moved(number, cases.add_note, text=request.form.get("note", ""), **_attached())


def _attached() -> dict[str, str]:
    """Raises Invalid for a kind of file that nobody would file."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return {}
    if Path(file.filename).suffix.lower() not in ATTACHABLE:
        raise Invalid(details={"file": [N_("只能附 PDF、图片、Excel 或 CSV 文件。")]})
    key = f"payments/cases/{clock.today():%Y/%m}/{secrets.token_hex(12)}"
    current_app.extensions["clients"].storage.put(key, cast(BinaryIO, file.stream))
    return {"file_key": key, "file_name": file.filename[-120:]}


@desk.before_request
def _cap() -> None:
    request.max_content_length = LARGEST


@desk.get("/<number>/notes/<int:note_id>")
@permit("payments.read")
def attachment(number: str, note_id: int) -> Response:
    """Never shown in place: what somebody attached is not ours."""
    with unit_of_work() as session:
        found = queries.find_attachment(session, number, note_id)
    stream = current_app.extensions["clients"].storage.open(found.file_key)
    return send_file(stream, "application/octet-stream", as_attachment=True, download_name=found.file_name)


@desk.post("/<number>/propose")
@permit("payments.reconcile")
def propose(number: str) -> Any:
    given = {"action": request.form.get("action", ""), "note": request.form.get("note", "")}
    return _moved(number, cases.propose, **given)


@desk.post("/<number>/approve")
@permit("payments.approve_reconcile")
def approve(number: str) -> Any:
    return _moved(number, cases.approve)


@desk.post("/<number>/withdraw")
@permit("payments.reconcile")
def withdraw(number: str) -> Any:
    return _moved(number, cases.withdraw)


@desk.post("/<number>/reject")
@permit("payments.approve_reconcile")
def reject(number: str) -> Any:
    return _moved(number, cases.reject, note=request.form.get("note", ""))


def _moved(number: str, use_case: Callable[..., None], **values: Any) -> Any:
    with unit_of_work() as session:
        use_case(session, by=caller(), number=number, **values)
    with unit_of_work() as session:
        target = url_for("payments_differences.difference", number=number)
        return answer(lambda: _panel(session, number), target)
