"""Use-cases of the to-do list."""

from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kit import clock
from app.kit.caller import Caller
from app.kit.hidden import check_seen
from app.kit.i18n import N_
from app.platform.audit import service as audit
from app.welcome.errors import ItemInvalid, ItemNotTicked, ItemNotYet
from app.welcome.models import ITEM_LABELS, Admission, Item, ItemMark
from app.welcome.queries import admissions, evidence
from app.welcome.queries import items as queries


@dataclass(frozen=True)
class ItemTerms:
    """All of an item that the desk may change; its key stays."""

    title: str
    kind: str
    opens_on: date
    closes_on: date
    evidence: str
    title_en: str | None = None
    text: str = ""
    text_en: str | None = None
    url: str = ""
    prerequisite_id: int | None = None
    profiles: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    college_ids: tuple[int, ...] = ()
    position: int = 100
    is_active: bool = True


def save_item(session: Session, *, by: Caller | None, season_id: int, key: str, terms: ItemTerms) -> int:
    """Add an item, or change the one with this key. Raises ItemInvalid with a sentence for each field."""
    _check(session, season_id, key, terms)
    values = asdict(terms) | {
        "profiles": list(terms.profiles),
        "levels": list(terms.levels),
        "college_ids": list(terms.college_ids),
    }
    item_id = session.execute(
        insert(Item)
        .values(season_id=season_id, key=key, **values)
        .on_conflict_do_update(constraint="uq_welcome_items_season_id_key", set_=values)
        .returning(Item.id)
    ).scalar_one()
    audit.record(session, by=by, action="welcome.item_saved", object_type="welcome_item", object_id=item_id)
    return item_id


def _check(session: Session, season_id: int, key: str, terms: ItemTerms) -> None:
    check_seen(title=terms.title)
    wrong: dict[str, list[str]] = {}
    if not key.replace("_", "").isalnum() or not key.isascii() or len(key) > 40 or key == "new":
        wrong["key"] = [N_("编码用字母、数字和下划线，最多 40 位。")]
    if not terms.title.strip():
        wrong["title"] = [N_("请填写这一项。")]
    if terms.kind not in list(ITEM_LABELS):
        wrong["kind"] = [N_("请从列出的类别里选。")]
    if terms.closes_on < terms.opens_on:
        wrong["closes_on"] = [N_("截止日期不能早于开始日期。")]
    if not evidence.is_known(terms.evidence):
        wrong["evidence"] = [N_("请从列出的完成依据里选。")]
    if terms.url and not terms.url.startswith(("/m/", "https://")):
        wrong["url"] = [N_("链接要以 /m/ 或 https:// 开头。")]
    if terms.prerequisite_id is not None and _loops(session, season_id, key, terms.prerequisite_id):
        wrong["prerequisite_id"] = [N_("前置事项绕成了一圈，或不在这一批次，请换一项。")]
    if wrong:
        raise ItemInvalid(details=wrong)


def _loops(session: Session, season_id: int, key: str, prerequisite_id: int) -> bool:
    known = {
        row.id: row
        for row in session.execute(
            select(Item.id, Item.key, Item.prerequisite_id).where(Item.season_id == season_id)
        )
    }
    seen: set[int] = set()
    step: int | None = prerequisite_id
    while step is not None:
        if step in seen or step not in known or known[step].key == key:
            return True
        seen.add(step)
        step = known[step].prerequisite_id
    return False


def tick_item(session: Session, *, by: Caller, key: str) -> None:
    """One's own item is done. Twice is once. Raises ItemNotTicked, or ItemNotYet before its day or its turn."""
    line = _own(session, by, key)
    if line.item.opens_on > clock.today() or line.waits_for is not None:
        raise ItemNotYet()
    _mark(session, [line.item.id], by.person_id)


def untick_item(session: Session, *, by: Caller, key: str) -> None:
    line = _own(session, by, key)
    session.execute(
        delete(ItemMark).where(ItemMark.item_id == line.item.id, ItemMark.person_id == by.person_id)
    )


def _own(session: Session, by: Caller, key: str) -> queries.Line:
    line = queries.line_of(session, admissions.admission_of(session, by.person_id), key)
    if not line.may_tick:
        raise ItemNotTicked()
    return line


def note_read(session: Session, *, person_id: int, article: str) -> None:
    """A freshman has opened an article: items that ask for it are done. Nothing else of it is kept."""
    asked = session.scalars(
        select(Item.id)
        .join(Admission, evidence.is_for())
        .where(
            Admission.person_id == person_id,
            Item.evidence == f"read:{article}",
            Item.opens_on <= clock.today(),
        )
    ).all()
    _mark(session, list(asked), person_id)


def _mark(session: Session, item_ids: list[int], person_id: int) -> None:
    if item_ids:
        session.execute(
            insert(ItemMark)
            .values(
                [
                    {"item_id": item_id, "person_id": person_id, "marked_at": clock.now()}
                    for item_id in item_ids
                ]
            )
            .on_conflict_do_nothing()
        )


def export_items(session: Session, *, person_id: int) -> dict[str, object]:
    rows = session.execute(
        select(Item.title, ItemMark.marked_at)
        .join(Item, Item.id == ItemMark.item_id)
        .where(ItemMark.person_id == person_id)
    )
    return {"items": [{"title": row.title, "marked_at": row.marked_at.isoformat()} for row in rows]}


def erase_items(session: Session, *, by: Caller | None, person_id: int) -> None:
    session.execute(delete(ItemMark).where(ItemMark.person_id == person_id))


def merge_items(session: Session, *, from_id: int, into_id: int) -> None:
    """Marks follow; an item that both have done is done once."""
    theirs = select(ItemMark.item_id).where(ItemMark.person_id == into_id)
    session.execute(
        update(ItemMark)
        .where(ItemMark.person_id == from_id, ItemMark.item_id.not_in(theirs))
        .values(person_id=into_id)
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(ItemMark).where(ItemMark.person_id == from_id))
