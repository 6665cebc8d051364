"""The bank of questions, from a workbook: all of it or nothing, each fault with its cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

from python_calamine import CalamineError, CalamineWorkbook
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit.caller import Caller
from app.kit.i18n import N_
from app.platform.audit import service as audit
from app.welcome.errors import BankInvalid, BankUnreadable
from app.welcome.models import QuizCategory, QuizQuestion

LETTERS = "ABCDEF"
HEADS = ("编号", "类别", "题干", *(f"选项{letter}" for letter in LETTERS), "答案", "解析")
ANSWER = HEADS.index("答案")
MOST_ROWS = 5000
MOST_BYTES = 5_000_000
MOST_UNPACKED = 60_000_000
LONGEST = 1000
FIRST_DRAWS = 5
NAMES_OF_YES = {"对": "A", "正确": "A", "错": "B", "错误": "B"}


@dataclass(frozen=True)
class Entry:
    code: str
    category: str
    text: str
    options: tuple[str, ...]
    answers: tuple[int, ...]
    explanation: str


class Faults(dict[str, list[str]]):
    def at(self, row: int, column: int, sentence: str) -> None:
        """Row as the sheet numbers it, column from 0."""
        self.setdefault(f"{chr(65 + column)}{row}", []).append(sentence)


def import_bank(session: Session, *, by: Caller, quiz_id: int, source: IO[bytes]) -> tuple[int, int]:
    """(new or changed, unchanged). A changed question takes the old one's place; nothing is taken away.

    Raises BankUnreadable, or BankInvalid with a sentence for each cell; then nothing is written.
    """
    entries = _entries(_rows(source))
    known = {
        row.code: row
        for row in session.scalars(
            select(QuizQuestion)
            .where(QuizQuestion.quiz_id == quiz_id, QuizQuestion.is_active)
            .order_by(QuizQuestion.id)
            .with_for_update()
        )
    }
    places = _categories(session, quiz_id, {entry.category for entry in entries})
    changed = [one for one in entries if not _is_same(known.get(one.code), one, places)]
    session.execute(
        update(QuizQuestion)
        .where(
            QuizQuestion.quiz_id == quiz_id,
            QuizQuestion.is_active,
            QuizQuestion.code.in_([one.code for one in changed]),
        )
        .values(is_active=False)
        .execution_options(synchronize_session=False)
    )
    if changed:
        session.execute(insert(QuizQuestion), [_row(quiz_id, places, one) for one in changed])
    audit.record(
        session, by=by, action="welcome.quiz_imported", object_type="welcome_quiz", object_id=quiz_id
    )
    return len(changed), len(entries) - len(changed)


def _row(quiz_id: int, places: dict[str, int], one: Entry) -> dict[str, Any]:
    return {
        "quiz_id": quiz_id,
        "category_id": places[one.category],
        "code": one.code,
        "text": one.text,
        "options": list(one.options),
        "answers": list(one.answers),
        "explanation": one.explanation,
        "is_active": True,
        "shown": 0,
        "wrong": 0,
    }


def _is_same(known: QuizQuestion | None, one: Entry, places: dict[str, int]) -> bool:
    return known is not None and (
        known.category_id,
        known.text,
        tuple(known.options),
        tuple(known.answers),
        known.explanation,
    ) == (places[one.category], one.text, one.options, one.answers, one.explanation)


def _categories(session: Session, quiz_id: int, names: set[str]) -> dict[str, int]:
    session.execute(
        insert(QuizCategory)
        .values([{"quiz_id": quiz_id, "name": name, "draws": FIRST_DRAWS} for name in sorted(names)])
        .on_conflict_do_nothing()
    )
    rows = session.execute(select(QuizCategory.name, QuizCategory.id).where(QuizCategory.quiz_id == quiz_id))
    return {row.name: row.id for row in rows}


def questions(session: Session, quiz_id: int) -> int:
    return session.scalars(
        select(func.count()).where(QuizQuestion.quiz_id == quiz_id, QuizQuestion.is_active)
    ).one()


def _rows(source: IO[bytes]) -> list[list[Any]]:
    """The first sheet. The file is measured before it is opened."""
    content = source.read(MOST_BYTES + 1)
    try:
        with ZipFile(BytesIO(content)) as packed:
            if len(content) > MOST_BYTES or sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
                raise BankUnreadable()
        with CalamineWorkbook.from_filelike(BytesIO(content)) as book:
            sheet = book.get_sheet_by_index(0)
            if sheet.total_height > MOST_ROWS + 1:
                raise BankUnreadable()
            return sheet.to_python(skip_empty_area=False, nrows=MOST_ROWS + 2)
    except (BadZipFile, CalamineError, OSError, ValueError, IndexError):
        raise BankUnreadable() from None


def _entries(rows: Sequence[Sequence[Any]]) -> list[Entry]:
    heads = tuple(_text(cell) for cell in rows[0]) if rows else ()
    faults = Faults()
    for column, head in enumerate(HEADS):
        if column >= len(heads) or heads[column] != head:
            faults.at(1, column, N_("表头应与模板一致，请下载模板后填写。"))
    if faults:
        raise BankInvalid(count=len(faults), details=dict(faults))
    entries: dict[str, Entry] = {}
    for number, cells in enumerate(rows[1:], start=2):
        texts = [_text(cell) for cell in cells[: len(HEADS)]]
        if any(texts):
            _take(entries, faults, number, texts + [""] * (len(HEADS) - len(texts)))
    if not entries and not faults:
        faults.at(2, 0, N_("表里没有题目。"))
    if faults:
        raise BankInvalid(count=len(faults), details=dict(faults))
    return list(entries.values())


def _take(entries: dict[str, Entry], faults: Faults, number: int, texts: list[str]) -> None:
    before = len(faults)
    for column in (0, 1, 2):
        if not texts[column]:
            faults.at(number, column, N_("请填写这一项。"))
    for column, text in enumerate(texts):
        if len(text) > LONGEST:
            faults.at(number, column, N_("文字太长，最多 1000 字。"))
    if texts[0] and texts[0] in entries:
        faults.at(number, 0, N_("编号和上面的题目重复。"))
    options = _options(faults, number, texts[3:ANSWER])
    answers = _answers(faults, number, texts[ANSWER], options)
    if len(faults) == before:
        entries[texts[0]] = Entry(texts[0], texts[1], texts[2], options, answers, texts[ANSWER + 1])


def _options(faults: Faults, number: int, texts: list[str]) -> tuple[str, ...]:
    given = [text for text in texts if text]
    for place, text in enumerate(texts):
        if not text and (place < 2 or any(texts[place:])):
            faults.at(number, 3 + place, N_("选项要从 A 起连续填写，至少两个。"))
        elif text and text in texts[:place]:
            faults.at(number, 3 + place, N_("选项重复了。"))
    return tuple(given)


def _answers(faults: Faults, number: int, text: str, options: tuple[str, ...]) -> tuple[int, ...]:
    letters = NAMES_OF_YES.get(text, text).upper().replace("，", "").replace(",", "").replace(" ", "")
    places = sorted({LETTERS.find(letter) for letter in letters})
    if not places or places[0] < 0 or places[-1] >= len(options):
        faults.at(number, ANSWER, N_("答案填选项的字母，多选连写，例如 ACD。"))
        return ()
    return tuple(places)


def _text(cell: Any) -> str:
    return str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).strip()
