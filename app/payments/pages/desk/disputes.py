"""支付异常: what was found, what it means, and what was done about it."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from sqlalchemy.orm import Session

from app.kit import export, money
from app.kit.db import AnyRow, unit_of_work
from app.kit.http import caller, permit
from app.payments import service
from app.payments.pages.desk.parts import answer, to_the_end
from app.payments.queries.desk import disputes as queries

desk = Blueprint("payments_disputes", __name__, url_prefix="/desk/payments/disputes")


def _view() -> str:
    return "closed" if request.args.get("view") == "closed" else "open"


def kind_name(kind: str) -> str:
    return queries.KINDS[kind][0] if kind in queries.KINDS else kind


@desk.get("")
@permit("payments.read")
def disputes() -> str:
    """Open ones, the oldest first; `dispute` opens one beside the list."""
    view = _view()
    with unit_of_work() as session:
        return render_template(
            "payments/desk/disputes.html",
            page=queries.disputes(session, view=view, cursor=request.args.get("cursor")),
            open_count=queries.disputes_waiting(session, caller()),
            view=view,
            kind_name=kind_name,
            chosen=request.args.get("dispute"),
        )


@desk.get("/export.xlsx")
@permit("payments.read")
def export_disputes() -> Response:
    view = _view()
    rows = to_the_end(lambda session, **where: queries.disputes(session, view=view, **where))
    return export.xlsx_response("支付异常", EXPORT, rows)


EXPORT = (
    export.Column("编号", lambda pair: pair[0].id, 8),
    export.Column("类别", lambda pair: kind_name(pair[0].kind)),
    export.Column("单号", lambda pair: pair[0].order_number, 18),
    export.Column("来源", lambda pair: pair[0].source, 12),
    export.Column("证据", lambda pair: "；".join(f"{k}={v}" for k, v in _told(pair[0])), 60),
    export.Column("发现时间", lambda pair: pair[0].created_at, 18),
    export.Column("处理时间", lambda pair: pair[0].closed_at, 18),
    export.Column("处理依据", lambda pair: pair[0].note, 40),
)


@desk.get("/<int:dispute_id>")
@permit("payments.read")
def dispute(dispute_id: int) -> str:
    part = "_dispute" if request.headers.get("HX-Request") else "dispute"
    with unit_of_work() as session:
        return _panel(session, dispute_id, part)


def _panel(session: Session, dispute_id: int, part: str = "_dispute") -> str:
    file = queries.dispute_file(session, dispute_id)
    kind = file.dispute.kind
    return render_template(
        f"payments/desk/{part}.html",
        file=file,
        d=file.dispute,
        name=kind_name(kind),
        meaning=queries.KINDS[kind][1] if kind in queries.KINDS else "",
        evidence=_evidence(file.dispute),
        may_close=caller().may("payments.settle") and file.dispute.closed_at is None,
    )


def _evidence(found: AnyRow) -> list[tuple[str, Any]]:
    """(label, value), amounts in yuan."""
    return [
        (queries.EVIDENCE.get(key, key), money.yuan(value) if key == "fen" else value)
        for key, value in _told(found)
    ]


def _told(dispute: AnyRow) -> list[tuple[str, Any]]:
    """The evidence without the letter itself, which is for machines."""
    return [(key, value) for key, value in dispute.evidence.items() if key != "letter"]


@desk.post("/<int:dispute_id>/close")
@permit("payments.settle")
def close(dispute_id: int) -> Any:
    with unit_of_work() as session:
        note = request.form.get("note", "")
        service.close_dispute(session, by=caller(), dispute_id=dispute_id, note=note)
    with unit_of_work() as session:
        target = url_for("payments_disputes.dispute", dispute_id=dispute_id)
        return answer(lambda: _panel(session, dispute_id), target)
