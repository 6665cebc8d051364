"""Parts of a bank's line that are whole bills: channels whose statements list no settlements."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
PARTS = "payments_settlement_parts"


def upgrade() -> None:
    op.drop_constraint(op.f("pk_payments_settlement_parts"), PARTS, type_="primary")
    op.add_column(PARTS, sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False))
    op.add_column(PARTS, sa.Column("bill_id", sa.BigInteger(), nullable=True))
    op.add_column(PARTS, sa.Column("fen", sa.BigInteger(), nullable=True))
    op.execute(f"UPDATE {PARTS} p SET fen = abs(l.fen) FROM payments_bill_lines l WHERE l.id = p.line_id")  # noqa: S608
    op.alter_column(PARTS, "fen", nullable=False)
    op.alter_column(PARTS, "line_id", nullable=True)
    op.create_primary_key(op.f("pk_payments_settlement_parts"), PARTS, ["id"])
    op.create_unique_constraint(op.f("uq_payments_settlement_parts_line_id"), PARTS, ["line_id"])
    op.create_unique_constraint(op.f("uq_payments_settlement_parts_bill_id"), PARTS, ["bill_id"])
    op.create_foreign_key(
        op.f("fk_payments_settlement_parts_bill_id"), PARTS, "payments_bills", ["bill_id"], ["id"]
    )
    op.create_check_constraint(
        op.f("ck_payments_settlement_parts_line_or_bill"), PARTS, "num_nonnulls(line_id, bill_id) = 1"
    )
    op.create_index(
        "ix_payments_bill_lines_settlements",
        "payments_bill_lines",
        ["bill_id"],
        postgresql_where=sa.text("sort = 'settlement'"),
    )
