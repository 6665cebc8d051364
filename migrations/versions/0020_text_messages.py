"""Text messages, sent at most once."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "notifications_text_messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=True),
        sa.Column("params", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["notifications_deliveries.id"],
            name=op.f("fk_notifications_text_messages_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_notifications_text_messages_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications_text_messages")),
        sa.UniqueConstraint("delivery_id", name=op.f("uq_notifications_text_messages_delivery_id")),
        sa.UniqueConstraint("number", name=op.f("uq_notifications_text_messages_number")),
    )
    op.create_index(
        op.f("ix_notifications_text_messages_created_at"), "notifications_text_messages", ["created_at"]
    )
    op.create_index(
        "ix_notifications_text_messages_person", "notifications_text_messages", ["person_id", "created_at"]
    )
    op.create_index(
        "ix_notifications_text_messages_waiting",
        "notifications_text_messages",
        ["asked_at"],
        postgresql_where=sa.text("status = 'accepted'"),
    )
