"""Leave: the list that the school's own gates hold, and how far their log was read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.create_table(
        "leave_gate_links",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("whole_version", sa.BigInteger(), nullable=False),
        sa.Column("is_stale", sa.Boolean(), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_leave_gate_links_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_gate_links")),
    )
    op.create_table(
        "leave_gate_lists",
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_leave_gate_lists")),
    )
    op.create_index(
        "ix_leave_gate_lists_waiting",
        "leave_gate_lists",
        ["made_at"],
        unique=False,
        postgresql_where="taken_at IS NULL",
    )
    op.create_table(
        "leave_gate_logs",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gap_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("skipped", sa.BigInteger(), nullable=False),
        sa.Column("unknown_codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_leave_gate_logs_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_gate_logs")),
    )
    op.create_table(
        "leave_gate_entries",
        sa.Column("request_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
        sa.CheckConstraint("direction IN ('out','both','in')", name=op.f("ck_leave_gate_entries_direction")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["leave_requests.id"], name=op.f("fk_leave_gate_entries_request_id")
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_leave_gate_entries")),
        sa.UniqueConstraint("public_id", name=op.f("uq_leave_gate_entries_public_id")),
    )
    op.create_index("ix_leave_gate_entries_version", "leave_gate_entries", ["version"], unique=False)
    op.add_column("leave_gates", sa.Column("code", sa.Text(), nullable=True))
    op.add_column(
        "leave_gates", sa.Column("is_door", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.alter_column("leave_gates", "is_door", server_default=None)
    op.create_unique_constraint(op.f("uq_leave_gates_code"), "leave_gates", ["code"])
