"""Lists of people that were taken out: who stands in which."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "privacy_lists",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("person_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_lists")),
        sa.UniqueConstraint("digest", name=op.f("uq_privacy_lists_digest")),
        sa.UniqueConstraint("public_id", name=op.f("uq_privacy_lists_public_id")),
    )
    op.create_index("ix_privacy_lists_people", "privacy_lists", ["person_ids"], postgresql_using="gin")
    op.create_index("ix_privacy_lists_taken_at", "privacy_lists", ["taken_at"])
