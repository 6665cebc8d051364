"""The ways of being admitted that a season begins with; a school changes the rows as it needs."""

from dataclasses import asdict, dataclass

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.welcome.models import Profile

ID_CARD, ID_CARD_EN = "身份证号", "ID card number"


@dataclass(frozen=True)
class Known:
    """One row; `number_pattern` is a hint for the form, not a condition of the claim."""

    key: str
    title: str
    title_en: str
    number_label: str
    number_label_en: str
    number_pattern: str
    number_hint: str = ""
    number_hint_en: str = ""
    document_label: str = ID_CARD
    document_label_en: str = ID_CARD_EN


PROFILES = (
    Known(
        "undergraduate",
        "本科生",
        "Undergraduate",
        "考生号",
        "Candidate number",
        r"\d{14}",
        "录取通知书上的 14 位考生号",
        "14 digits, on the letter of admission",
    ),
    Known(
        "postgraduate",
        "研究生",
        "Postgraduate",
        "考生编号",
        "Examinee number",
        r"\d{15}",
        "研究生招生的 15 位考生编号",
        "15 digits",
    ),
    Known(
        "upgrade",
        "专升本或预科",
        "Upgrade or preparatory",
        "考生号",
        "Candidate number",
        r"[0-9A-Za-z]{8,18}",
        "录取通知书上的考生号",
        "On the letter of admission",
    ),
    Known(
        "hmt",
        "港澳台学生",
        "Hong Kong, Macao, Taiwan",
        "考生编号",
        "Candidate number",
        r"[0-9A-Za-z]{6,18}",
        "录取通知书上的编号",
        "On the letter of admission",
        "通行证或居住证号",
        "Travel or residence permit number",
    ),
    Known(
        "international",
        "国际学生",
        "International student",
        "申请编号",
        "Application number",
        r"[0-9A-Za-z-]{4,24}",
        "入学申请系统的编号",
        "From the application system",
        "护照号",
        "Passport number",
    ),
)


def seed_profiles(session: Session) -> int:
    """Put in those that are missing; what a school has changed stays. Returns how many were added."""
    rows = [
        {**asdict(known), "is_active": True, "position": place}
        for place, known in enumerate(PROFILES, start=1)
    ]
    stmt = insert(Profile).values(rows).on_conflict_do_nothing(index_elements=["key"])
    return len(session.scalars(stmt.returning(Profile.id)).all())
