"""Copies of their own data that people ask for; indexes for the desk's searches and work-lists."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0028"


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
