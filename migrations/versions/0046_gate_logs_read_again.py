"""Leave: the gates' log read again beside the live one, what was odd in it, and how often a list was not kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    text = postgresql.JSONB(astext_type=sa.Text())
    for column in (
        sa.Column("again_cursor", sa.BigInteger(), nullable=True),
        sa.Column("again_until", sa.BigInteger(), nullable=True),
        sa.Column("counts", text, nullable=False, server_default="{}"),
        sa.Column("closed_codes", text, nullable=False, server_default="[]"),
    ):
        op.add_column("leave_gate_logs", column)
    op.add_column(
        "leave_gate_links", sa.Column("refused", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column("leave_gate_links", sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True))
