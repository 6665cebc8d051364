"""Tables of notifications: message centre, deliveries, wishes, credits, quotas."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "notifications_quotas",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("stopped_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("day", "step", name=op.f("pk_notifications_quotas")),
    )
    op.create_table(
        "notifications_subscription_credits",
        sa.Column("openid", sa.Text(), nullable=False),
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("credits >= 0", name=op.f("ck_notifications_subscription_credits_credits")),
        sa.PrimaryKeyConstraint("openid", "template_id", name=op.f("pk_notifications_subscription_credits")),
    )
    op.create_table(
        "notifications_matters",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("pushes", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_notifications_matters_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "matter", name=op.f("pk_notifications_matters")),
    )
    op.create_index(
        op.f("ix_notifications_matters_changed_at"), "notifications_matters", ["changed_at"], unique=False
    )
    op.create_table(
        "notifications_messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("matter", sa.Text(), nullable=True),
        sa.Column("push", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_notifications_messages_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications_messages")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_notifications_messages_person_id_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_notifications_messages_public_id")),
    )
    op.create_index(
        op.f("ix_notifications_messages_created_at"), "notifications_messages", ["created_at"], unique=False
    )
    op.create_index(
        "ix_notifications_messages_of_person", "notifications_messages", ["person_id", "id"], unique=False
    )
    op.create_index(
        "ix_notifications_messages_unread",
        "notifications_messages",
        ["person_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "notifications_preferences",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("muted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_notifications_preferences_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notifications_preferences")),
    )
    op.create_table(
        "notifications_deliveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("client_msg_id", sa.Text(), nullable=True),
        sa.Column("openid", sa.Text(), nullable=True),
        sa.Column("msgid", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "step IN ('template', 'subscription', 'sms', 'call_list')",
            name=op.f("ck_notifications_deliveries_step"),
        ),
        sa.ForeignKeyConstraint(
            ["done_by"], ["directory_people.id"], name=op.f("fk_notifications_deliveries_done_by")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["notifications_messages.id"],
            name=op.f("fk_notifications_deliveries_message_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications_deliveries")),
        sa.UniqueConstraint("message_id", "step", name=op.f("uq_notifications_deliveries_message_id_step")),
    )
    op.create_index(
        "ix_notifications_deliveries_calls",
        "notifications_deliveries",
        ["id"],
        unique=False,
        postgresql_where=sa.text("step = 'call_list' AND status = 'queued'"),
    )
    op.create_index(
        "ix_notifications_deliveries_created_at",
        "notifications_deliveries",
        ["created_at", "status"],
        unique=False,
    )
    op.create_index(
        op.f("ix_notifications_deliveries_msgid"), "notifications_deliveries", ["msgid"], unique=False
    )
    op.create_index(
        "ix_notifications_deliveries_status", "notifications_deliveries", ["status", "id"], unique=False
    )
