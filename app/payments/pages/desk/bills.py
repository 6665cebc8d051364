"""账单: which day's bill is here, what it says, and the bytes it came in."""

import re
from datetime import date, timedelta
from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, current_app, redirect, render_template, request, send_file, url_for
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.db import AnyRow, unit_of_work
from app.kit.errors import Invalid
from app.kit.http import caller, permit
from app.kit.i18n import N_
from app.payments.flows import bills as flow
from app.payments.flows import fetching
from app.payments.flows.bill_files import KINDS
from app.payments.models import BillKind, BillStatus, Source
from app.payments.pages.desk.parts import colleague, people_of
from app.payments.queries import bills as known
from app.payments.queries import card_flows
from app.payments.queries.desk import bills as queries
from app.payments.queries.desk.bill_labels import ANSWERS, BILL_KIND_NAMES, OUTCOMES, SORT_NAMES, SOURCE_NAMES
from app.payments.service import bill_fetches, bill_uploads, bills
from app.payments.service.bill_fetches import Account
from app.payments.service.bills import Matter

desk = Blueprint("payments_bills", __name__, url_prefix="/desk/payments/bills")
DAYS = 14
LARGEST = 512 * 1024 * 1024
RAW_SHOWN = 4096


@desk.get("")
@permit("payments.read")
def calendar() -> str:
    """Two weeks of days by everything that has a bill a day."""
    until = _day(request.args.get("until")) or clock.today() - timedelta(days=1)
    first = until - timedelta(days=DAYS - 1)
    with unit_of_work() as session:
        accounts = fetching.accounts(session, _clients())
        banks = [Account(Source.BANK, BillKind.BANK, name) for name in sorted(_clients().bank)]
        return render_template(
            "payments/desk/bills.html",
            accounts=[*accounts, *banks],
            days=[until - timedelta(days=ahead) for ahead in range(DAYS)],
            cells=queries.calendar(session, [*accounts, *banks], first=first, last=until),
            missing=set(bill_fetches.missing(session, accounts)),
            earlier=first - timedelta(days=1),
            later=until + timedelta(days=DAYS) if until < clock.today() - timedelta(days=1) else None,
            choices=_choices(session),
            may_upload=caller().may("payments.reconcile"),
            has_flow=bool(card_flows.flows(session)),
            answers=ANSWERS,
            **_names(),
        )


def _choices(session: Session) -> list[tuple[str, str]]:
    """What a file may be: every kind of every account."""
    found = []
    for source, kinds in KINDS.items():
        for name in known.account_names(session, source, clients=_clients()):
            for kind in kinds:
                label = f"{SOURCE_NAMES[source]}{BILL_KIND_NAMES[BillKind(kind)]} {name}"
                found.append((f"{source}|{kind}|{name}", label))
    return found


@desk.post("/uploads")
@permit("payments.reconcile")
def upload() -> Any:
    """The file is archived now and read by a worker; the answer is what to watch."""
    file, day = request.files.get("file"), _day(request.form.get("day"))
    if file is None or not file.filename:
        raise Invalid(details={"file": [N_("请选择账单文件。")]})
    if day is None:
        raise Invalid(details={"day": [N_("日期不对，请重新选择。")]})
    with unit_of_work() as session:
        chosen = dict(_choices(session))
    what = request.form.get("what", "")
    if what not in chosen:
        raise Invalid(details={"what": [N_("请选择是哪一份账单。")]})
    source, kind, account = what.split("|", 2)
    matter = Matter(source, kind, account, day)
    archived = flow.archive(
        matter,
        cast(BinaryIO, file.stream),
        name=file.filename[:200],
        clients=_clients(),
        published=_published(request.form.get("published", "")),
    )
    with unit_of_work() as session:
        upload_id = bill_uploads.note_upload(session, matter, archived, by=caller())
    if request.headers.get("HX-Request"):
        return show_upload(upload_id)
    return redirect(url_for("payments_bills.show_upload", upload_id=upload_id), 303)


def _published(given: str) -> str:
    """The SHA-1 that came with the file; empty when nobody copied it."""
    text = "".join(given.split())
    if text and not re.fullmatch("[0-9a-fA-F]{40}", text):
        raise Invalid(details={"published": [N_("SHA-1 应是 40 位数字和字母 a–f，请从渠道的说明里复制。")]})
    return text


@desk.before_request
def _cap() -> None:
    request.max_content_length = LARGEST


@desk.get("/uploads/<upload_id>")
@permit("payments.read")
def show_upload(upload_id: str) -> str:
    """Asked for again each second by the page itself, until the file has been read."""
    part = "_bill_upload" if request.headers.get("HX-Request") else "bill_upload"
    with unit_of_work() as session:
        found = queries.find_upload(session, upload_id)
    return render_template(f"payments/desk/{part}.html", upload=found, outcomes=OUTCOMES, **_names())


@desk.post("/fetch")
@permit("payments.reconcile")
def fetch() -> Any:
    """Ask for a missing bill now, by a worker."""
    source, kind, account = (request.form.get("what", "||").split("|", 2) + ["", ""])[:3]
    day = _day(request.form.get("day"))
    with unit_of_work() as session:
        asked = next(
            (
                one
                for one in fetching.accounts(session, _clients())
                if vars(one) == _about(source, kind, account)
            ),
            None,
        )
        if asked is None or day is None or day >= clock.today():
            raise Invalid(details={"what": [N_("请选择是哪一份账单。")]})
        bill_fetches.ask_now(session, asked.on(day))
    return redirect(url_for("payments_bills.calendar"), 303)


def _about(source: str, kind: str, account: str) -> dict[str, str]:
    return {"source": source, "kind": kind, "account": account}


@desk.get("/<bill_id>")
@permit("payments.read")
def bill(bill_id: str) -> str:
    number = request.args.get("number", "").strip()[:64]
    with unit_of_work() as session:
        file = queries.bill_file(session, bill_id)
        before = _version_before(file)
        return render_template(
            "payments/desk/bill.html",
            bill=file.bill,
            file=file,
            before=before,
            changes=queries.changes(session, old_id=before.id, new_id=file.bill.id) if before else None,
            page=queries.lines(session, file.bill.id, number=number, cursor=request.args.get("cursor")),
            number=number,
            people=people_of(session, file.versions, "loaded_by_id"),
            colleague=colleague,
            sorts=SORT_NAMES,
            **_names(),
        )


def _version_before(file: queries.BillFile) -> AnyRow | None:
    mine = file.bill
    earlier = [one for one in file.versions if one.version and one.version < mine.version and one.file_key]
    return earlier[0] if earlier and mine.status != BillStatus.REFUSED else None


@desk.get("/<bill_id>/lines/<int:no>")
@permit("payments.read")
def line(bill_id: str, no: int) -> str:
    """The evidence: a line as the source wrote it, out of the archived file."""
    with unit_of_work() as session:
        found = queries.bill_file(session, bill_id).bill
        row = queries.find_line(session, found.id, no)
        bills.note_line(session, found.id, by=caller())
    raw = b""
    if row.size:
        with _clients().storage.open(found.file_key) as file:
            file.seek(row.start)
            raw = file.read(min(row.size, RAW_SHOWN))
    part = "_bill_line" if request.headers.get("HX-Request") else "bill_line"
    encoding = "utf-8" if found.source == Source.WECHAT else "gb18030"
    return render_template(
        f"payments/desk/{part}.html",
        bill=found,
        line=row,
        text=raw.decode(encoding, "replace").rstrip("\r\n"),
        hexes=raw.hex(" "),
        sorts=SORT_NAMES,
        **_names(),
    )


@desk.get("/<bill_id>/file")
@permit("payments.read")
def download(bill_id: str) -> Response:
    """The very bytes; taking them away is noted."""
    with unit_of_work() as session:
        found = queries.bill_file(session, bill_id).bill
        bills.note_download(session, found.id, by=caller())
    stream = _clients().storage.open(found.file_key)
    return send_file(stream, "application/octet-stream", as_attachment=True, download_name=found.file_name)


def _names() -> dict[str, Any]:
    return {"source_names": SOURCE_NAMES, "kind_names": BILL_KIND_NAMES}


def _clients() -> Any:
    return current_app.extensions["clients"]


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(details={"day": [N_("日期不对，请重新选择。")]}) from None
