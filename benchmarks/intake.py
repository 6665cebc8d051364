"""An admission list of ten thousand: looked at, and written."""

import time

from benchmarks.report import heading, line
from tests.chaos.stage import Stage

ROWS = 10_000
MOST_SECONDS = 30


def main() -> bool:
    heading(f"An admission list of {ROWS:,} rows")
    with Stage(durable=True) as stage:
        stage.seed("1", "1")
        with stage.connection() as connection:
            for statement in BEFORE:
                connection.execute(statement)
        path = stage.folder / "list.xlsx"
        stage.run("benchmarks.intake_list", str(path), str(ROWS))
        took = []
        for words in (["--dry-run"], []):
            started = time.monotonic()
            said = stage.run(
                "flask",
                "--app",
                "wsgi",
                "welcome",
                "import-admissions",
                str(path),
                "--season",
                "rush",
                *words,
            )
            took.append(time.monotonic() - started)
            assert f"新增 {ROWS}" in said, said[-500:]
        written = stage.one("SELECT count(*) FROM welcome_admissions")
        assert written == ROWS, written
        line("Looked at alone, process start included", took[0], "s")
        return line("Looked at and written, process start included", took[1], "s", most=MOST_SECONDS)


BEFORE = (
    "INSERT INTO directory_org_units (code, name, kind, is_active) VALUES ('XX', '信息学院', 'college', true)",
    "INSERT INTO directory_org_units (code, name, kind, parent_id, is_active)"
    " SELECT 'JSJ2601', '计算机2601', 'class', id, true FROM directory_org_units WHERE code = 'XX'",
    "INSERT INTO welcome_seasons (code, name, opens_on, dorms_on, arrives_on, arrival_ends_on, closes_on)"
    " VALUES ('rush', '迎新', current_date, current_date, current_date, current_date, current_date + 40)",
)
