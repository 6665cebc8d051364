"""What a trial of a definition in every college found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.add_column(
        "approvals_definitions", sa.Column("lint", postgresql.JSONB(astext_type=sa.Text()), nullable=True)
    )
