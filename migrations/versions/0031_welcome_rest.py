"""Copies of their own data that people ask for; attachments of guides; indexes for the desk's searches and work-lists."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_table(
        "privacy_exports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('asked', 'ready', 'gone')", name=op.f("ck_privacy_exports_status")),
        sa.CheckConstraint(
            "status <> 'ready' OR (expires_at IS NOT NULL AND file_key IS NOT NULL)",
            name=op.f("ck_privacy_exports_ready"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_privacy_exports_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_exports")),
        sa.UniqueConstraint("public_id", name=op.f("uq_privacy_exports_public_id")),
    )
    op.create_index("ix_privacy_exports_person", "privacy_exports", ["person_id", "asked_at"])
    op.create_index(
        "ix_privacy_exports_files",
        "privacy_exports",
        ["expires_at"],
        postgresql_where=sa.text("file_key IS NOT NULL"),
    )
    op.create_index("ix_welcome_admissions_tail", "welcome_admissions", ["season_id", "number_tail"])
    op.create_index("ix_welcome_admissions_absent", "welcome_admissions", ["season_id", "status", "id"])
    op.execute(
        "CREATE INDEX ix_directory_people_name_en ON directory_people (lower(name_en) text_pattern_ops)"
        " WHERE name_en IS NOT NULL"
    )
    op.add_column(
        "welcome_articles",
        sa.Column("attachment_ids", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
    )
    op.create_table(
        "files_attachments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("owner_person_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("object_type", sa.Text(), nullable=True),
        sa.Column("object_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('uploading', 'stored', 'deleted')", name=op.f("ck_files_attachments_status")
        ),
        sa.CheckConstraint(
            "(object_type IS NULL) = (object_id IS NULL)", name=op.f("ck_files_attachments_object")
        ),
        sa.ForeignKeyConstraint(
            ["owner_person_id"], ["directory_people.id"], name=op.f("fk_files_attachments_owner_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files_attachments")),
        sa.UniqueConstraint("public_id", name=op.f("uq_files_attachments_public_id")),
    )
    op.create_index(op.f("ix_files_attachments_owner_person_id"), "files_attachments", ["owner_person_id"])
    op.create_index(
        "ix_files_attachments_unclaimed",
        "files_attachments",
        ["created_at"],
        postgresql_where=sa.text("object_id IS NULL AND status <> 'deleted'"),
    )
    op.create_index(
        "ix_files_attachments_to_remove",
        "files_attachments",
        ["id"],
        postgresql_where=sa.text("removed_at IS NULL AND status = 'deleted'"),
    )
