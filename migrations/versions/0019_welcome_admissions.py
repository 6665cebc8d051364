"""Who was admitted, and to which season."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "welcome_seasons",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("dorms_on", sa.Date(), nullable=False),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("arrival_ends_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "opens_on <= dorms_on AND dorms_on <= arrival_ends_on AND arrives_on <= arrival_ends_on AND arrival_ends_on <= closes_on",
            name=op.f("ck_welcome_seasons_days"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_seasons")),
        sa.UniqueConstraint("code", name=op.f("uq_welcome_seasons_code")),
    )
    op.create_table(
        "welcome_admissions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("season_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("number_index", sa.Text(), nullable=False),
        sa.Column("number_tail", sa.Text(), nullable=False),
        sa.Column("document_index", sa.Text(), nullable=False),
        sa.Column("claim_index", sa.Text(), nullable=False),
        sa.Column("letter_index", sa.Text(), nullable=True),
        sa.Column("college_id", sa.BigInteger(), nullable=False),
        sa.Column("class_id", sa.BigInteger(), nullable=True),
        sa.Column("major", sa.Text(), nullable=False),
        sa.Column("major_en", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("nickname", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(status = 'registered') = (registered_at IS NOT NULL)",
            name=op.f("ck_welcome_admissions_registered_at"),
        ),
        sa.CheckConstraint(
            "status IN ('admitted','excused','registered','deferred','withdrawn')",
            name=op.f("ck_welcome_admissions_status"),
        ),
        sa.ForeignKeyConstraint(
            ["class_id"], ["directory_org_units.id"], name=op.f("fk_welcome_admissions_class_id")
        ),
        sa.ForeignKeyConstraint(
            ["college_id"], ["directory_org_units.id"], name=op.f("fk_welcome_admissions_college_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_welcome_admissions_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["season_id"], ["welcome_seasons.id"], name=op.f("fk_welcome_admissions_season_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_admissions")),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_admissions_public_id")),
        sa.UniqueConstraint(
            "season_id", "document_index", name=op.f("uq_welcome_admissions_season_id_document_index")
        ),
        sa.UniqueConstraint(
            "season_id", "number_index", name=op.f("uq_welcome_admissions_season_id_number_index")
        ),
        sa.UniqueConstraint("season_id", "person_id", name=op.f("uq_welcome_admissions_season_id_person_id")),
    )
    op.create_index(
        op.f("ix_welcome_admissions_claim_index"), "welcome_admissions", ["claim_index"], unique=False
    )
    op.create_index(
        "ix_welcome_admissions_class",
        "welcome_admissions",
        ["class_id"],
        unique=False,
        postgresql_where="class_id IS NOT NULL",
    )
    op.create_index(
        "ix_welcome_admissions_college",
        "welcome_admissions",
        ["season_id", "college_id", "status"],
        unique=False,
    )
    op.create_index("ix_welcome_admissions_person", "welcome_admissions", ["person_id"], unique=False)
