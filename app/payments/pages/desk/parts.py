"""What the desk's pages share: masked names, amounts as typed, an answer that refreshes the list."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from flask import Response, make_response, redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Redirect

from app.kit import export, money
from app.kit.db import AnyRow, unit_of_work
from app.kit.errors import Invalid
from app.kit.http import caller
from app.kit.i18n import N_
from app.kit.paging import MAX_LIMIT, Page
from app.platform.directory import queries as directory
from app.platform.privacy import service as privacy

People = Mapping[int, directory.PersonBrief]
Pair = tuple[AnyRow, dict[int, directory.PersonBrief]]


def masked(people: People, person_id: int | None) -> str:
    """A payer: 李** ****0101. Empty for nobody."""
    person = people.get(person_id) if person_id is not None else None
    if person is None:
        return ""
    number = directory.mask_number(person.number) if person.number else ""
    return f"{directory.mask_name(person.name)} {number}".strip() or "—"


def colleague(people: People, person_id: int | None) -> str:
    """A clerk signs by name."""
    person = people.get(person_id) if person_id is not None else None
    return person.name if person else ""


def people_of(session: Session, rows: Iterable[AnyRow], *columns: str) -> dict[int, directory.PersonBrief]:
    """Everybody whom these columns name, in one statement."""
    named = {getattr(row, column) for row in rows for column in columns}
    return directory.people(session, named - {None})


def fen_from(field: str) -> int:
    """An amount in yuan as it was typed. Raises Invalid with a sentence for the field."""
    try:
        return money.fen_of(request.form.get(field, ""))
    except ValueError:
        raise Invalid(details={field: [N_("请填金额，例如 12.50。")]}) from None


def answer(show: Callable[[], str], page_url: str) -> Response | Redirect:
    """After a click: htmx gets the panel anew and a hint to refresh the list; a plain form goes to its page."""
    if not request.headers.get("HX-Request"):
        return redirect(page_url, 303)
    response = make_response(show())
    response.headers["HX-Trigger"] = "board:refresh"
    return response


def to_the_end(read: Callable[..., Page[AnyRow]], *columns: str) -> Iterator[Pair]:
    """All rows of a list, page by page, each with the people whom these columns name."""
    cursor: str | None = None
    with unit_of_work() as session:
        while True:
            page = read(session, cursor=cursor, limit=MAX_LIMIT)
            people = people_of(session, page.items, *columns)
            yield from ((row, people) for row in page.items)
            if page.next_cursor is None:
                return
            cursor = page.next_cursor


def naming_owners(
    name: str, columns: Sequence[export.Column], rows: Iterator[Pair], *, reason: str
) -> Response:
    """A workbook whose rows name who paid: they can learn of it."""
    named: set[int] = set()
    response = export.xlsx_response(name, columns, export.noting(rows, named, lambda pair: pair[0].owner_id))
    with unit_of_work() as session:
        privacy.note_list(session, by=caller(), reason=reason, person_ids=named)
    return response


def in_yuan(fen: int | None) -> Decimal | None:
    """For workbooks: a number, so that it can be summed."""
    return None if fen is None else Decimal(fen) / 100
