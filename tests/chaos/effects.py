"""What must be true of the database and of WeChat when the dust has settled."""

from collections import Counter
from collections.abc import Mapping

from tests.chaos.stage import Stage

ACCEPTED = "accepted"


def check_tickets(stage: Stage, promised: Mapping[str, str], name: str) -> int:
    """Each promised ticket is there and no report (its key is its text) made two; returns how many."""
    rows = stage.rows(
        "SELECT detail, number FROM repairs_tickets WHERE detail LIKE %s ORDER BY id", f"{name}-%"
    )
    made = Counter(row["detail"] for row in rows)
    assert not [key for key, count in made.items() if count > 1], "a report made two tickets"
    numbers = {row["detail"]: row["number"] for row in rows}
    lost = {key: number for key, number in promised.items() if numbers.get(key) != number}
    assert not lost, f"promised and not there: {lost}"
    return len(rows)


def check_messages(stage: Stage, name: str, tickets: int) -> None:
    """Of each ticket the reporter and both dispatchers were told, once."""
    told = stage.rows(
        "SELECT m.person_id, t.id, count(*) AS times FROM repairs_tickets t JOIN notifications_messages m "
        "ON m.matter = 'repairs:' || t.id OR m.key LIKE 'planted:%%:' || t.id "
        "WHERE t.detail LIKE %s GROUP BY 1, 2",
        f"{name}-%",
    )
    assert all(row["times"] == 1 for row in told), "somebody was told twice"
    assert len(told) == 3 * tickets, f"{len(told)} people told of {tickets} tickets"


def check_pushes(stage: Stage, name: str) -> tuple[int, int]:
    """WeChat showed no message twice, and showed each that we believe accepted. Returns (shown, messages)."""
    mine = stage.rows(
        "SELECT m.public_id, d.status FROM repairs_tickets t "
        "JOIN notifications_messages m ON m.matter = 'repairs:' || t.id "
        "LEFT JOIN notifications_deliveries d ON d.message_id = m.id AND d.step = 'template' "
        "JOIN identity_wechat_links l ON l.person_id = m.person_id WHERE t.detail LIKE %s",
        f"{name}-%",
    )
    sent = stage.ask_sandbox("sent?limit=100000")
    shown = Counter(row["client_msg_id"] for row in sent)
    ours = {row["public_id"]: row["status"] for row in mine}
    assert not [ident for ident, times in shown.items() if times > 1], "a push was shown twice"
    strange = [row for row in sent if name in str(row) and row["client_msg_id"] not in ours]
    assert not strange, f"pushed without a message: {strange[:2]}"
    accepted = {ident for ident, status in ours.items() if status == ACCEPTED}
    assert accepted <= set(shown), "believed to be accepted, and never arrived"
    return len(set(ours) & set(shown)), len(ours)
