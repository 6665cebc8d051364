"""Notifications: texts to somebody else's phone are counted by that phone."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    op.add_column("notifications_text_messages", sa.Column("phone_index", sa.Text(), nullable=True))
    op.create_index(
        "ix_notifications_text_messages_phone",
        "notifications_text_messages",
        ["phone_index", "created_at"],
        postgresql_where=sa.text("phone_index IS NOT NULL"),
    )
