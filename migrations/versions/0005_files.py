"""Tables of files."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "files_photos",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("owner_person_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("object_type", sa.Text(), nullable=True),
        sa.Column("object_id", sa.Text(), nullable=True),
        sa.Column("width", sa.BigInteger(), nullable=False),
        sa.Column("height", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('uploading', 'received', 'ready', 'refused', 'deleted')",
            name=op.f("ck_files_photos_status"),
        ),
        sa.CheckConstraint(
            "(object_type IS NULL) = (object_id IS NULL)", name=op.f("ck_files_photos_object")
        ),
        sa.ForeignKeyConstraint(
            ["owner_person_id"], ["directory_people.id"], name=op.f("fk_files_photos_owner_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files_photos")),
        sa.UniqueConstraint("public_id", name=op.f("uq_files_photos_public_id")),
    )
    op.create_index(
        "ix_files_photos_object",
        "files_photos",
        ["object_type", "object_id"],
        unique=False,
        postgresql_where="object_id IS NOT NULL",
    )
    op.create_index(
        op.f("ix_files_photos_owner_person_id"), "files_photos", ["owner_person_id"], unique=False
    )
    op.create_index(
        "ix_files_photos_to_remove",
        "files_photos",
        ["id"],
        unique=False,
        postgresql_where="removed_at IS NULL AND status IN ('deleted', 'refused')",
    )
    op.create_index(
        "ix_files_photos_unclaimed",
        "files_photos",
        ["created_at"],
        unique=False,
        postgresql_where="object_id IS NULL AND status NOT IN ('deleted', 'refused')",
    )
