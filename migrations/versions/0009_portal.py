"""Tables of portal: decisions about micro-apps, visits per day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "portal_modules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("audiences", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('draft', 'trial', 'open', 'suspended')", name="state"),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["directory_people.id"], name=op.f("fk_portal_modules_changed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_modules")),
        sa.UniqueConstraint("key", name=op.f("uq_portal_modules_key")),
    )
    op.create_table(
        "portal_visits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("module_key", sa.Text(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("visits", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_visits")),
        sa.UniqueConstraint("module_key", "visited_on", name=op.f("uq_portal_visits_module_key_visited_on")),
    )
