"""Fills a stage with years of repairs: copies of one real ticket, by one INSERT … SELECT."""

from tests.chaos.stage import Stage

CLOSED, OPEN = 120_000, 2_500
OPEN_STATES = ("submitted", "triaged", "dispatched", "taken", "working", "on_hold")


def fill(stage: Stage, *, like: str, closed: int, open_: int) -> None:
    """`like` is the number of the ticket to copy; due times of the open ones spread over three days."""
    skipped = ("id", "public_id", "number", "status", "created_at", "next_due_at", "worker_id")
    names = [
        row["column_name"]
        for row in stage.rows(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'repairs_tickets' "
            "AND column_name <> ALL(%s) AND is_generated = 'NEVER'",
            list(skipped),
        )
    ]
    columns = ", ".join(f'"{name}"' for name in names)
    for count, status, age, due, letter in (
        (closed, "'closed'", "interval '1 day' * (n %% 400)", "t.next_due_at", "c"),
        (
            open_,
            f"(ARRAY{list(OPEN_STATES)})[1 + n %% {len(OPEN_STATES)}]",
            "interval '1 minute' * (n %% 5000)",
            "t.created_at + interval '1 minute' * (n %% 4300 - 700)",
            "o",
        ),
    ):
        stage.rows(
            f"WITH made AS (INSERT INTO repairs_tickets (public_id, number, status, created_at, "
            f"next_due_at, worker_id, {columns}) SELECT 'rep_{letter}' || lpad(n::text, 19, '0'), "
            f"'RX{letter}-' || n, {status}, t.created_at - {age}, {due}, "
            f"CASE WHEN n %% 3 = 0 THEN NULL ELSE t.worker_id END, {columns} "
            "FROM repairs_tickets t, generate_series(1, %s) n WHERE t.number = %s RETURNING 1) "
            "SELECT count(*) FROM made",
            count,
            like,
        )
    with stage.connection() as connection:
        connection.execute("VACUUM ANALYZE repairs_tickets")
