"""Consents, contacts and their exchange, blocks, reports; cards, routes, counsellors."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "welcome_blocks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("blocked_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["blocked_id"], ["directory_people.id"], name=op.f("fk_welcome_blocks_blocked_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_welcome_blocks_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_blocks")),
        sa.UniqueConstraint("person_id", "blocked_id", name=op.f("uq_welcome_blocks_person_id_blocked_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_blocks_public_id")),
    )
    op.create_index(op.f("ix_welcome_blocks_blocked_id"), "welcome_blocks", ["blocked_id"], unique=False)
    op.create_table(
        "welcome_campus_routes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campus_id", sa.BigInteger(), nullable=False),
        sa.Column("map_url", sa.Text(), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("route_en", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campus_id"], ["directory_campuses.id"], name=op.f("fk_welcome_campus_routes_campus_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_campus_routes")),
        sa.UniqueConstraint("campus_id", name=op.f("uq_welcome_campus_routes_campus_id")),
    )
    op.create_table(
        "welcome_consents",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_welcome_consents_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_consents")),
    )
    op.create_index("ix_welcome_consents_person", "welcome_consents", ["person_id"], unique=False)
    op.create_index(
        "uq_welcome_consents_given",
        "welcome_consents",
        ["person_id", "purpose"],
        unique=True,
        postgresql_where="withdrawn_at IS NULL",
    )
    op.create_table(
        "welcome_contacts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("channel IN ('wechat','phone')", name=op.f("ck_welcome_contacts_channel")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_welcome_contacts_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_contacts")),
        sa.UniqueConstraint("person_id", "channel", name=op.f("uq_welcome_contacts_person_id_channel")),
    )
    op.create_table(
        "welcome_counsellor_contacts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("office_en", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_welcome_counsellor_contacts_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_counsellor_contacts")),
        sa.UniqueConstraint("person_id", name=op.f("uq_welcome_counsellor_contacts_person_id")),
    )
    op.create_table(
        "welcome_exchanges",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("asker_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("channel IN ('wechat','phone')", name=op.f("ck_welcome_exchanges_channel")),
        sa.CheckConstraint(
            "status IN ('asked','accepted','ended')", name=op.f("ck_welcome_exchanges_status")
        ),
        sa.CheckConstraint("asker_id <> other_id", name=op.f("ck_welcome_exchanges_two")),
        sa.ForeignKeyConstraint(
            ["asker_id"], ["directory_people.id"], name=op.f("fk_welcome_exchanges_asker_id")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["directory_people.id"], name=op.f("fk_welcome_exchanges_other_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_exchanges")),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_exchanges_public_id")),
    )
    op.create_index("ix_welcome_exchanges_asker", "welcome_exchanges", ["asker_id"], unique=False)
    op.create_index("ix_welcome_exchanges_other", "welcome_exchanges", ["other_id"], unique=False)
    op.create_index(
        "uq_welcome_exchanges_pair",
        "welcome_exchanges",
        [
            sa.literal_column("least(asker_id, other_id)"),
            sa.literal_column("greatest(asker_id, other_id)"),
            "channel",
        ],
        unique=True,
        postgresql_where="status <> 'ended'",
    )
    op.create_table(
        "welcome_reports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("reporter_id", sa.BigInteger(), nullable=False),
        sa.Column("reported_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_ref", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("settled_by_id", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "subject IN ('roommate','post','thread')", name=op.f("ck_welcome_reports_subject")
        ),
        sa.ForeignKeyConstraint(
            ["reported_id"], ["directory_people.id"], name=op.f("fk_welcome_reports_reported_id")
        ),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["directory_people.id"], name=op.f("fk_welcome_reports_reporter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_reports")),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_reports_public_id")),
    )
    op.create_index(
        "ix_welcome_reports_open",
        "welcome_reports",
        ["id"],
        unique=False,
        postgresql_where="settled_at IS NULL",
    )
    op.create_index(op.f("ix_welcome_reports_reported_id"), "welcome_reports", ["reported_id"], unique=False)
    op.create_index("ix_welcome_reports_reporter", "welcome_reports", ["reporter_id"], unique=False)
    op.create_table(
        "welcome_cards",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("admission_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wanted_as", sa.Text(), nullable=True),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drawn_as", sa.Text(), nullable=True),
        sa.Column("image", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["admission_id"], ["welcome_admissions.id"], name=op.f("fk_welcome_cards_admission_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_cards")),
        sa.UniqueConstraint("admission_id", name=op.f("uq_welcome_cards_admission_id")),
        sa.UniqueConstraint("code", name=op.f("uq_welcome_cards_code")),
    )
