"""How people are called on a ticket. Students see a surname and 师傅, never a full name or phone."""

from datetime import timedelta

from sqlalchemy.orm import Session

from app.kit.i18n import N_, Phrase
from app.platform.directory import queries as directory
from app.repairs.service.actions import ROLE_NAMES, Role


def worker_title(surname: str) -> str:
    return f"{surname}师傅"


def worker_title_en(surname: str) -> str:
    return f"Repairer {surname}"


def actor_name(session: Session, actor_id: int | None, role: str, *, is_for_staff: bool) -> str:
    """Who acted: by full name for staff; by surname or office for the reporter."""
    if actor_id is None or role == Role.SYSTEM:
        return ROLE_NAMES[Role.SYSTEM]
    return name_of(directory.person(session, actor_id), role, is_for_staff=is_for_staff)


def name_of(person: directory.PersonBrief | None, role: str, *, is_for_staff: bool) -> str:
    """The same of somebody already looked up; None is the system."""
    if person is None or role == Role.SYSTEM:
        return ROLE_NAMES[Role.SYSTEM]
    if is_for_staff:
        return person.name or ROLE_NAMES[Role(role)]
    if role in (Role.WORKER, Role.HEAD):
        return worker_title(person.surname)
    return N_("您") if role == Role.REPORTER else ROLE_NAMES[Role(role)]


def ago(past: timedelta) -> Phrase:
    """8 秒前, 3 分钟前, 2 小时前, 5 天前."""
    seconds = max(int(past.total_seconds()), 1)
    units = ((86400, N_("%(n)s 天前")), (3600, N_("%(n)s 小时前")), (60, N_("%(n)s 分钟前")))
    size, said = next(((size, said) for size, said in units if seconds >= size), (1, N_("%(n)s 秒前")))
    return Phrase(said, {"n": seconds // size})
