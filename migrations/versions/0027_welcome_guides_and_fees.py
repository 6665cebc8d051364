"""Guides, the school's published contacts, service fees and the green channel."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "welcome_articles",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("shows_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("published", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("photo_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "category IN ('lodging','food','travel','shopping','safety','military','insurance')",
            name=op.f("ck_welcome_articles_category"),
        ),
        sa.CheckConstraint("ends_on IS NULL OR shows_on <= ends_on", name=op.f("ck_welcome_articles_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_articles")),
        sa.UniqueConstraint("key", name=op.f("uq_welcome_articles_key")),
    )
    op.create_index(
        "ix_welcome_articles_category", "welcome_articles", ["category", "position"], unique=False
    )
    op.create_table(
        "welcome_contact_checks",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("known", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", name=op.f("pk_welcome_contact_checks")),
    )
    op.create_table(
        "welcome_article_reads",
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reads", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["welcome_articles.id"], name=op.f("fk_welcome_article_reads_article_id")
        ),
        sa.PrimaryKeyConstraint("article_id", "day", name=op.f("pk_welcome_article_reads")),
    )
    op.create_table(
        "welcome_article_versions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("article_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("saved_by_id", sa.BigInteger(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["welcome_articles.id"], name=op.f("fk_welcome_article_versions_article_id")
        ),
        sa.ForeignKeyConstraint(
            ["saved_by_id"], ["directory_people.id"], name=op.f("fk_welcome_article_versions_saved_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_article_versions")),
        sa.UniqueConstraint(
            "article_id", "number", name=op.f("uq_welcome_article_versions_article_id_number")
        ),
    )
    op.create_table(
        "welcome_fees",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("season_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=True),
        sa.Column("fee_item", sa.Text(), nullable=True),
        sa.Column("fen", sa.BigInteger(), nullable=True),
        sa.Column("link_url", sa.Text(), nullable=True),
        sa.Column("may_defer", sa.Boolean(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("profiles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("levels", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("college_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(link_url IS NULL) = (fee_item IS NOT NULL) AND (fee_item IS NULL) = (fen IS NULL)",
            name=op.f("ck_welcome_fees_way"),
        ),
        sa.CheckConstraint("fen > 0", name=op.f("ck_welcome_fees_fen")),
        sa.ForeignKeyConstraint(
            ["season_id"], ["welcome_seasons.id"], name=op.f("fk_welcome_fees_season_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_fees")),
        sa.UniqueConstraint("season_id", "key", name=op.f("uq_welcome_fees_season_id_key")),
    )
    op.create_table(
        "welcome_official_contacts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("owner_en", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("saved_by_id", sa.BigInteger(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('phone','link','payee')", name=op.f("ck_welcome_official_contacts_kind")
        ),
        sa.ForeignKeyConstraint(
            ["saved_by_id"], ["directory_people.id"], name=op.f("fk_welcome_official_contacts_saved_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_official_contacts")),
    )
    op.create_index(
        "uq_welcome_official_contacts_value",
        "welcome_official_contacts",
        ["kind", "value"],
        unique=True,
        postgresql_where="is_active",
    )
    op.create_table(
        "welcome_deferrals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("admission_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=True),
        sa.Column("loan_code", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "status IN ('asked','granted','refused','withdrawn')", name=op.f("ck_welcome_deferrals_status")
        ),
        sa.ForeignKeyConstraint(
            ["admission_id"], ["welcome_admissions.id"], name=op.f("fk_welcome_deferrals_admission_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["directory_people.id"], name=op.f("fk_welcome_deferrals_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_welcome_deferrals_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_deferrals")),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_deferrals_public_id")),
    )
    op.create_index(
        op.f("ix_welcome_deferrals_admission_id"), "welcome_deferrals", ["admission_id"], unique=False
    )
    op.create_index(op.f("ix_welcome_deferrals_person_id"), "welcome_deferrals", ["person_id"], unique=False)
    op.create_index("ix_welcome_deferrals_status", "welcome_deferrals", ["status", "id"], unique=False)
    op.create_index(
        "uq_welcome_deferrals_live",
        "welcome_deferrals",
        ["admission_id"],
        unique=True,
        postgresql_where="status IN ('asked','granted')",
    )
    op.create_table(
        "welcome_fee_dues",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("fee_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('unpaid','paid','refunded')", name=op.f("ck_welcome_fee_dues_status")),
        sa.ForeignKeyConstraint(["fee_id"], ["welcome_fees.id"], name=op.f("fk_welcome_fee_dues_fee_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_welcome_fee_dues_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_fee_dues")),
        sa.UniqueConstraint("fee_id", "person_id", name=op.f("uq_welcome_fee_dues_fee_id_person_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_fee_dues_public_id")),
    )
    op.create_index(op.f("ix_welcome_fee_dues_order_id"), "welcome_fee_dues", ["order_id"], unique=False)
    op.create_index("ix_welcome_fee_dues_person", "welcome_fee_dues", ["person_id"], unique=False)
