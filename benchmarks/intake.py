"""Lists of ten thousand, an admission list and a roster of students: looked at, and written."""

import time

from benchmarks.report import heading, line
from tests.chaos.stage import Stage

ROWS = 10_000
MOST_SECONDS = 30
# what: the command, the table that grows, and its rows
LISTS = {
    "admissions": (
        ("welcome", "import-admissions", "--season", "rush"),
        "SELECT count(*) FROM welcome_admissions",
    ),
    "students": (
        ("directory", "import-list", "--kind", "students"),
        "SELECT count(*) FROM directory_affiliations WHERE kind = 'student'",
    ),
}


def main() -> bool:
    with Stage(durable=True) as stage:
        stage.seed("1", "1")
        with stage.connection() as connection:
            for statement in BEFORE:
                connection.execute(statement)
        return all([_measure(stage, kind) for kind in LISTS])


def _measure(stage: Stage, kind: str) -> bool:
    heading(f"A list of {ROWS:,} {kind}")
    words, count = LISTS[kind]
    path = stage.folder / f"{kind}.xlsx"
    stage.run("benchmarks.intake_list", str(path), str(ROWS), kind)
    before = stage.one(count)
    took = []
    for more in (["--dry-run"], []):
        started = time.monotonic()
        said = stage.run("flask", "--app", "wsgi", *words[:2], str(path), *words[2:], *more)
        took.append(time.monotonic() - started)
        assert f"新增 {ROWS}" in said, said[-500:]
    written = stage.one(count) - before
    assert written == ROWS, written
    line("Looked at alone, process start included", took[0], "s")
    return line("Looked at and written, process start included", took[1], "s", most=MOST_SECONDS)


BEFORE = (
    "INSERT INTO directory_org_units (code, name, kind, is_active) VALUES ('XX', '信息学院', 'college', true)",
    "INSERT INTO directory_org_units (code, name, kind, parent_id, is_active)"
    " SELECT 'JSJ2601', '计算机2601', 'class', id, true FROM directory_org_units WHERE code = 'XX'",
    "INSERT INTO directory_org_units (code, name, kind, parent_id, is_active)"
    " SELECT 'RJ2401', '软件2401', 'class', id, true FROM directory_org_units WHERE code = 'XX'",
    "INSERT INTO welcome_seasons (code, name, opens_on, dorms_on, arrives_on, arrival_ends_on, closes_on)"
    " VALUES ('rush', '迎新', current_date, current_date, current_date, current_date, current_date + 40)",
)
