"""Tables of the official account: scenes of QR codes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "official_account_scenes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("scene", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("scanned_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["scanned_by"], ["directory_people.id"], name=op.f("fk_official_account_scenes_scanned_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official_account_scenes")),
        sa.UniqueConstraint("scene", name=op.f("uq_official_account_scenes_scene")),
    )
    op.create_index(
        "ix_official_account_scenes_about",
        "official_account_scenes",
        ["kind", "reference", "expires_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_official_account_scenes_expires_at"), "official_account_scenes", ["expires_at"], unique=False
    )
