"""Leave: campaigns (who goes where, who stays), public leave for a list, lobby screens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    op.create_table(
        "leave_batches",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoke_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_leave_batches_span")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["directory_people.id"], name=op.f("fk_leave_batches_made_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"], ["directory_people.id"], name=op.f("fk_leave_batches_revoked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_batches")),
        sa.UniqueConstraint("public_id", name=op.f("uq_leave_batches_public_id")),
    )
    op.create_table(
        "leave_campaigns",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_for_all", sa.Boolean(), nullable=False),
        sa.Column("opened_by_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('trip','stay')", name=op.f("ck_leave_campaigns_kind")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_leave_campaigns_span")),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["directory_people.id"], name=op.f("fk_leave_campaigns_opened_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_campaigns")),
        sa.UniqueConstraint("public_id", name=op.f("uq_leave_campaigns_public_id")),
    )
    op.create_index(
        "ix_leave_campaigns_deadline",
        "leave_campaigns",
        ["deadline"],
        unique=False,
        postgresql_where="closed_at IS NULL",
    )
    op.create_table(
        "leave_campaign_units",
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["leave_campaigns.id"], name=op.f("fk_leave_campaign_units_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["directory_org_units.id"], name=op.f("fk_leave_campaign_units_unit_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "unit_id", name=op.f("pk_leave_campaign_units")),
    )
    op.create_table(
        "leave_reminders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unit_ids", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["directory_people.id"], name=op.f("fk_leave_reminders_by_id")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["leave_campaigns.id"], name=op.f("fk_leave_reminders_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_reminders")),
        sa.UniqueConstraint(
            "campaign_id", "by_id", "day", name=op.f("uq_leave_reminders_campaign_id_by_id_day")
        ),
    )
    op.create_table(
        "leave_screens",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_by_id", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["building_id"], ["directory_buildings.id"], name=op.f("fk_leave_screens_building_id")
        ),
        sa.ForeignKeyConstraint(
            ["set_by_id"], ["directory_people.id"], name=op.f("fk_leave_screens_set_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_screens")),
        sa.UniqueConstraint("building_id", name=op.f("uq_leave_screens_building_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_leave_screens_public_id")),
    )
    op.create_table(
        "leave_screen_keys",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("screen_id", sa.BigInteger(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["screen_id"], ["leave_screens.id"], name=op.f("fk_leave_screen_keys_screen_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_screen_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_leave_screen_keys_key_hash")),
    )
    op.create_index(op.f("ix_leave_screen_keys_screen_id"), "leave_screen_keys", ["screen_id"], unique=False)
    op.create_table(
        "leave_answers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("whereto", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("leaves_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returns_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stay_reason", sa.Text(), nullable=True),
        sa.Column("room_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state = 'given' OR whereto = 'stay'", name=op.f("ck_leave_answers_decided")),
        sa.CheckConstraint(
            "state IN ('given','waiting','confirmed','declined')", name=op.f("ck_leave_answers_state")
        ),
        sa.CheckConstraint("whereto = 'stay' OR returns_at > leaves_at", name=op.f("ck_leave_answers_span")),
        sa.CheckConstraint("whereto IN ('home','away','stay')", name=op.f("ck_leave_answers_whereto")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["leave_campaigns.id"], name=op.f("fk_leave_answers_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["directory_people.id"], name=op.f("fk_leave_answers_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_leave_answers_person_id")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["directory_rooms.id"], name=op.f("fk_leave_answers_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_answers")),
        sa.UniqueConstraint("campaign_id", "person_id", name=op.f("uq_leave_answers_campaign_id_person_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_leave_answers_public_id")),
    )
    op.create_index("ix_leave_answers_campaign_id", "leave_answers", ["campaign_id", "id"], unique=False)
    op.create_index(op.f("ix_leave_answers_person_id"), "leave_answers", ["person_id"], unique=False)
    op.add_column("leave_requests", sa.Column("batch_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_leave_requests_batch_id"), "leave_requests", ["batch_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_leave_requests_batch_id"), "leave_requests", "leave_batches", ["batch_id"], ["id"]
    )
