"""Approvals: the unread copies of a person are counted from an index."""

from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.create_index(
        "ix_approvals_tasks_unread",
        "approvals_tasks",
        ["person_id"],
        unique=False,
        postgresql_where="kind = 'cc' AND status = 'given'",
    )
