"""Steps of the desk, their marks, registered browsers, attempts to reach people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"


STEPS = """
    INSERT INTO welcome_steps (key, title, kind, position, is_required, is_final, is_active) VALUES
    ('papers', '核验材料', 'once', 10, true, false, true),
    ('key', '领取钥匙', 'once', 20, false, false, true),
    ('card', '领取校园卡', 'once', 30, false, false, true),
    ('register', '报到', 'once', 90, true, true, true)
"""


def upgrade() -> None:
    op.create_table(
        "welcome_steps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("NOT is_final OR kind = 'once'", name=op.f("ck_welcome_steps_final")),
        sa.CheckConstraint("kind IN ('once','daily','multiple')", name=op.f("ck_welcome_steps_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_steps")),
        sa.UniqueConstraint("key", name=op.f("uq_welcome_steps_key")),
    )
    op.create_index(
        "uq_welcome_steps_final", "welcome_steps", ["is_final"], unique=True, postgresql_where="is_final"
    )
    op.create_table(
        "welcome_devices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("registered_by_id", sa.BigInteger(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["registered_by_id"], ["directory_people.id"], name=op.f("fk_welcome_devices_registered_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_devices")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_welcome_devices_key_hash")),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_devices_public_id")),
    )
    op.create_table(
        "welcome_sent_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["directory_people.id"], name=op.f("fk_welcome_sent_entries_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_sent_entries")),
        sa.UniqueConstraint("client", "sequence", name=op.f("uq_welcome_sent_entries_client_sequence")),
    )
    op.create_index(
        op.f("ix_welcome_sent_entries_received_at"), "welcome_sent_entries", ["received_at"], unique=False
    )
    op.create_table(
        "welcome_contact_attempts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("admission_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('reached','family','no_answer','wrong')",
            name=op.f("ck_welcome_contact_attempts_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["admission_id"], ["welcome_admissions.id"], name=op.f("fk_welcome_contact_attempts_admission_id")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["directory_people.id"], name=op.f("fk_welcome_contact_attempts_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_contact_attempts")),
    )
    op.create_index(
        op.f("ix_welcome_contact_attempts_admission_id"),
        "welcome_contact_attempts",
        ["admission_id"],
        unique=False,
    )
    op.create_table(
        "welcome_step_marks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("admission_id", sa.BigInteger(), nullable=False),
        sa.Column("step_id", sa.BigInteger(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("device_id", sa.BigInteger(), nullable=True),
        sa.Column("is_proxy", sa.Boolean(), nullable=False),
        sa.Column("proxy_reason", sa.Text(), nullable=True),
        sa.Column("was", sa.Text(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.BigInteger(), nullable=True),
        sa.Column("undo_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undo_reason IS NULL)", name=op.f("ck_welcome_step_marks_undone")
        ),
        sa.CheckConstraint(
            "NOT is_proxy OR proxy_reason IS NOT NULL", name=op.f("ck_welcome_step_marks_proxy")
        ),
        sa.ForeignKeyConstraint(
            ["admission_id"], ["welcome_admissions.id"], name=op.f("fk_welcome_step_marks_admission_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["directory_people.id"], name=op.f("fk_welcome_step_marks_by_id")),
        sa.ForeignKeyConstraint(
            ["device_id"], ["welcome_devices.id"], name=op.f("fk_welcome_step_marks_device_id")
        ),
        sa.ForeignKeyConstraint(
            ["step_id"], ["welcome_steps.id"], name=op.f("fk_welcome_step_marks_step_id")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["directory_people.id"], name=op.f("fk_welcome_step_marks_undone_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_step_marks")),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_step_marks_public_id")),
    )
    op.create_index("ix_welcome_step_marks_admission", "welcome_step_marks", ["admission_id"], unique=False)
    op.create_index(op.f("ix_welcome_step_marks_step_id"), "welcome_step_marks", ["step_id"], unique=False)
    op.create_index(
        "uq_welcome_step_marks_standing",
        "welcome_step_marks",
        ["admission_id", "step_id", "occasion"],
        unique=True,
        postgresql_where="undone_at IS NULL",
    )
    op.create_index(
        "ix_welcome_admissions_wall",
        "welcome_admissions",
        ["season_id", "college_id", "class_id", "major", "region", "status", "registered_at"],
        unique=False,
    )
    op.execute(STEPS)
