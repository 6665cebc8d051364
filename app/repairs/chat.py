"""What the account answers to words about repairs. Reads only, within a second."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kit import clock
from app.repairs.models import STUDENT_LABELS, Status, Ticket
from app.repairs.queries import my_tickets

NUMBER = re.compile(r"R\d{4}-?\d{4,}", re.IGNORECASE)


def answer_report(session: Session, *, person_id: int, text: str, base_url: str) -> str:
    """报修: where to report, and what is open."""
    mine = [row for row in my_tickets(session, person_id).items if row.status not in _DONE][:3]
    lines = [f'<a href="{base_url}/m/repairs/new">点这里报修</a>，或直接扫门上的码。']
    if mine:
        lines.append("您正在处理的报修：")
        lines += [f"{row.number} {row.category_name} · {STUDENT_LABELS[row.status]}" for row in mine]
    return "\n".join(lines)


def answer_number(session: Session, *, person_id: int, text: str, base_url: str) -> str:
    """A ticket number: how it stands, for its reporter or worker alone."""
    match = NUMBER.search(text)
    number = match.group().upper() if match else ""
    if "-" not in number:
        number = f"{number[:5]}-{number[5:]}"
    row = session.execute(
        select(
            Ticket.public_id,
            Ticket.status,
            Ticket.status_since,
            Ticket.category_name,
            Ticket.place_text,
            Ticket.reporter_id,
            Ticket.worker_id,
        ).where(Ticket.number == number)
    ).one_or_none()
    if row is None or person_id not in (row.reporter_id, row.worker_id):
        return f"没有找到您的报修单 {number}。请核对单号，或回复“报修”查看您的报修。"
    since = f"{clock.local(row.status_since):%-m月%-d日 %H:%M}"
    return (
        f"{number} {row.place_text} {row.category_name}\n"
        f"{STUDENT_LABELS[Status(row.status)]}（{since} 起）\n"
        f'<a href="{base_url}/m/repairs/{row.public_id}">查看进度</a>'
    )


_DONE = (Status.CLOSED, Status.CANCELLED, Status.REJECTED, Status.MERGED, Status.TRANSFERRED)
