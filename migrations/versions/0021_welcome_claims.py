"""How admissions are claimed, disputed, and shown to parents."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "welcome_profiles",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("number_label", sa.Text(), nullable=False),
        sa.Column("number_label_en", sa.Text(), nullable=False),
        sa.Column("number_hint", sa.Text(), nullable=False),
        sa.Column("number_hint_en", sa.Text(), nullable=False),
        sa.Column("number_pattern", sa.Text(), nullable=False),
        sa.Column("document_label", sa.Text(), nullable=False),
        sa.Column("document_label_en", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_profiles")),
        sa.UniqueConstraint("key", name=op.f("uq_welcome_profiles_key")),
    )
    op.create_table(
        "welcome_claim_alarms",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('person', 'network', 'all')", name=op.f("ck_welcome_claim_alarms_kind")),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["directory_people.id"], name=op.f("fk_welcome_claim_alarms_closed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_claim_alarms")),
    )
    op.create_index(
        "uq_welcome_claim_alarms_open",
        "welcome_claim_alarms",
        ["kind", "subject"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "welcome_claim_codes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("claim_index", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_welcome_claim_codes_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_claim_codes")),
    )
    op.create_index(
        op.f("ix_welcome_claim_codes_asked_at"), "welcome_claim_codes", ["asked_at"], unique=False
    )
    op.create_index(
        "ix_welcome_claim_codes_person",
        "welcome_claim_codes",
        ["person_id", "claim_index", "id"],
        unique=False,
    )
    op.create_table(
        "welcome_claim_tries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number_index", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.Column("is_refused", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('claim', 'guardian', 'code')", name=op.f("ck_welcome_claim_tries_kind")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_welcome_claim_tries_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_claim_tries")),
    )
    op.create_index(
        "ix_welcome_claim_tries_network", "welcome_claim_tries", ["network", "tried_at"], unique=False
    )
    op.create_index(
        "ix_welcome_claim_tries_number",
        "welcome_claim_tries",
        ["number_index", "tried_at"],
        unique=False,
        postgresql_where=sa.text("NOT succeeded AND NOT is_refused"),
    )
    op.create_index(
        "ix_welcome_claim_tries_person",
        "welcome_claim_tries",
        ["person_id", "tried_at"],
        unique=False,
        postgresql_where=sa.text("NOT succeeded"),
    )
    op.create_index(
        op.f("ix_welcome_claim_tries_tried_at"), "welcome_claim_tries", ["tried_at"], unique=False
    )
    op.create_index(
        "ix_welcome_claim_tries_unlucky",
        "welcome_claim_tries",
        ["tried_at"],
        unique=False,
        postgresql_where=sa.text("NOT succeeded"),
    )
    op.create_table(
        "welcome_disputes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("season_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("admission_id", sa.BigInteger(), nullable=True),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=False),
        sa.Column("letter", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("matches", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'open') = (decided_at IS NULL)", name=op.f("ck_welcome_disputes_decided_at")
        ),
        sa.CheckConstraint(
            "status IN ('open','granted','declined')", name=op.f("ck_welcome_disputes_status")
        ),
        sa.ForeignKeyConstraint(
            ["admission_id"], ["welcome_admissions.id"], name=op.f("fk_welcome_disputes_admission_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["directory_people.id"], name=op.f("fk_welcome_disputes_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_welcome_disputes_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["season_id"], ["welcome_seasons.id"], name=op.f("fk_welcome_disputes_season_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_disputes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_disputes_public_id")),
    )
    op.create_index(
        "ix_welcome_disputes_admission", "welcome_disputes", ["admission_id", "status"], unique=False
    )
    op.create_index(op.f("ix_welcome_disputes_person_id"), "welcome_disputes", ["person_id"], unique=False)
    op.create_index("ix_welcome_disputes_status", "welcome_disputes", ["status", "id"], unique=False)
    op.create_table(
        "welcome_guardians",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("admission_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "(status = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_welcome_guardians_ended_at")
        ),
        sa.CheckConstraint(
            "relation IN ('father','mother','other')", name=op.f("ck_welcome_guardians_relation")
        ),
        sa.CheckConstraint(
            "status IN ('pending','granted','ended')", name=op.f("ck_welcome_guardians_status")
        ),
        sa.ForeignKeyConstraint(
            ["admission_id"], ["welcome_admissions.id"], name=op.f("fk_welcome_guardians_admission_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_welcome_guardians_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_guardians")),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_guardians_public_id")),
    )
    op.create_index(
        op.f("ix_welcome_guardians_admission_id"), "welcome_guardians", ["admission_id"], unique=False
    )
    op.create_index(op.f("ix_welcome_guardians_person_id"), "welcome_guardians", ["person_id"], unique=False)
    op.create_index(
        "uq_welcome_guardians_live",
        "welcome_guardians",
        ["admission_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'ended'"),
    )
