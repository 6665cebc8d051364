"""Leave: why a stay was not granted."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    op.add_column("leave_answers", sa.Column("decided_why", sa.Text(), server_default="", nullable=False))
