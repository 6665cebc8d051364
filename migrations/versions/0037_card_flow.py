"""The card centre's flow: how far it has been read, and its lines."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.create_table(
        "payments_card_flows",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("starts_after", sa.BigInteger(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("anchor", sa.Text(), nullable=True),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("problem_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cursor >= starts_after", name=op.f("ck_payments_card_flows_cursor")),
        sa.CheckConstraint(
            "problem IN ('gap','reset','changed')", name=op.f("ck_payments_card_flows_problem")
        ),
        sa.CheckConstraint(
            "(problem IS NULL) = (problem_at IS NULL)", name=op.f("ck_payments_card_flows_problem_at")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_card_flows")),
    )
    op.create_index(
        "uq_payments_card_flows_current",
        "payments_card_flows",
        ["account"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "payments_card_flow_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("flow_id", sa.BigInteger(), nullable=False),
        sa.Column("no", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow_id"], ["payments_card_flows.id"], name=op.f("fk_payments_card_flow_lines_flow_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_card_flow_lines")),
        sa.UniqueConstraint("flow_id", "no", name=op.f("uq_payments_card_flow_lines_flow_id_no")),
    )
    op.create_index("ix_payments_card_flow_lines_day", "payments_card_flow_lines", ["day", "flow_id"])
