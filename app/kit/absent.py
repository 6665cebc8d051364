"""Modules that do not run here and yet hold people's data: without them nobody's data are erased, copied or moved."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Select, column, exists, select, table, text
from sqlalchemy.orm import Session

from app.kit.errors import Unavailable
from app.kit.i18n import N_
from app.kit.module import Registry


class ModuleAbsent(Unavailable):
    code = "kit.module_absent"
    msgid = N_("您的一部分资料所在的服务现在没有运行，要等它恢复才能办理。请稍后再试，或联系管理员。")


def check_whole(session: Session, registry: Registry, person_id: int) -> None:
    """Raises ModuleAbsent where one that is left out or suspended holds data of this person."""
    for key in [*registry.left_out, *(package.rpartition(".")[2] for package in registry.suspended)]:
        for name, person in _of_people(session, key):
            if _is_any(
                session, select(column(person)).select_from(table(name)).where(column(person) == person_id)
            ):
                raise ModuleAbsent()


def absent_with_data(session: Session, keys: Sequence[str]) -> list[str]:
    """Which of these modules hold rows about people at all."""
    return [
        key
        for key in keys
        if any(
            _is_any(session, select(column(person)).select_from(table(name)))
            for name, person in _of_people(session, key)
        )
    ]


def _of_people(session: Session, key: str) -> Iterator[tuple[str, str]]:
    """Tables of a module and their columns that name a person. A table's name begins with the key of its module."""
    rows = session.execute(
        text(
            "SELECT conrelid::regclass::text, attname FROM pg_constraint"
            " JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]"
            " WHERE contype = 'f' AND confrelid = 'directory_people'::regclass"
            " AND starts_with(conrelid::regclass::text, :begins)"
        ),
        {"begins": f"{key}_"},
    )
    return ((name, person) for name, person in rows.all())


def _is_any(session: Session, rows: Select[tuple[object]]) -> bool:
    return bool(session.scalar(select(exists(rows))))
