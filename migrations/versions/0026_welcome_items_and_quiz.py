"""The to-do list and the safety quiz."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "welcome_items",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("season_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("prerequisite_id", sa.BigInteger(), nullable=True),
        sa.Column("profiles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("levels", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("college_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('must','look_up','optional')", name=op.f("ck_welcome_items_kind")),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("ck_welcome_items_days")),
        sa.CheckConstraint("prerequisite_id <> id", name=op.f("ck_welcome_items_prerequisite")),
        sa.ForeignKeyConstraint(
            ["prerequisite_id"], ["welcome_items.id"], name=op.f("fk_welcome_items_prerequisite_id")
        ),
        sa.ForeignKeyConstraint(
            ["season_id"], ["welcome_seasons.id"], name=op.f("fk_welcome_items_season_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_items")),
        sa.UniqueConstraint("season_id", "key", name=op.f("uq_welcome_items_season_id_key")),
    )
    op.create_table(
        "welcome_quizzes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("season_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=True),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("pass_mark", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("cool_down_minutes", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "cool_down_minutes BETWEEN 0 AND 10080", name=op.f("ck_welcome_quizzes_cool_down_minutes")
        ),
        sa.CheckConstraint("minutes BETWEEN 1 AND 240", name=op.f("ck_welcome_quizzes_minutes")),
        sa.CheckConstraint("opens_on <= closes_on", name=op.f("ck_welcome_quizzes_days")),
        sa.CheckConstraint("pass_mark BETWEEN 1 AND 100", name=op.f("ck_welcome_quizzes_pass_mark")),
        sa.ForeignKeyConstraint(
            ["season_id"], ["welcome_seasons.id"], name=op.f("fk_welcome_quizzes_season_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_quizzes")),
        sa.UniqueConstraint("season_id", name=op.f("uq_welcome_quizzes_season_id")),
    )
    op.create_table(
        "welcome_item_marks",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["welcome_items.id"], name=op.f("fk_welcome_item_marks_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_welcome_item_marks_person_id")
        ),
        sa.PrimaryKeyConstraint("item_id", "person_id", name=op.f("pk_welcome_item_marks")),
    )
    op.create_index("ix_welcome_item_marks_person", "welcome_item_marks", ["person_id"], unique=False)
    op.create_table(
        "welcome_quiz_attempts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("quiz_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("question_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("score", sa.BigInteger(), nullable=True),
        sa.Column("is_passed", sa.Boolean(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(score IS NULL) = (submitted_at IS NULL)", name=op.f("ck_welcome_quiz_attempts_score")
        ),
        sa.CheckConstraint(
            "is_passed = (certificate IS NOT NULL)", name=op.f("ck_welcome_quiz_attempts_certificate")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_welcome_quiz_attempts_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["welcome_quizzes.id"], name=op.f("fk_welcome_quiz_attempts_quiz_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_quiz_attempts")),
        sa.UniqueConstraint("certificate", name=op.f("uq_welcome_quiz_attempts_certificate")),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_quiz_attempts_public_id")),
    )
    op.create_index(
        "ix_welcome_quiz_attempts_passed",
        "welcome_quiz_attempts",
        ["quiz_id", "person_id"],
        unique=False,
        postgresql_where="is_passed",
    )
    op.create_index(
        "ix_welcome_quiz_attempts_person",
        "welcome_quiz_attempts",
        ["person_id", "quiz_id", "id"],
        unique=False,
    )
    op.create_index(
        "uq_welcome_quiz_attempts_open",
        "welcome_quiz_attempts",
        ["quiz_id", "person_id"],
        unique=True,
        postgresql_where="submitted_at IS NULL",
    )
    op.create_table(
        "welcome_quiz_categories",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("quiz_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("draws", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("draws >= 0", name=op.f("ck_welcome_quiz_categories_draws")),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["welcome_quizzes.id"], name=op.f("fk_welcome_quiz_categories_quiz_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_quiz_categories")),
        sa.UniqueConstraint("quiz_id", "name", name=op.f("uq_welcome_quiz_categories_quiz_id_name")),
    )
    op.create_table(
        "welcome_quiz_questions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("quiz_id", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("options", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("answers", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.BigInteger(), nullable=False),
        sa.Column("wrong", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "cardinality(options) >= 2 AND cardinality(answers) >= 1",
            name=op.f("ck_welcome_quiz_questions_options"),
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["welcome_quiz_categories.id"],
            name=op.f("fk_welcome_quiz_questions_category_id"),
        ),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["welcome_quizzes.id"], name=op.f("fk_welcome_quiz_questions_quiz_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_quiz_questions")),
    )
    op.create_index(
        op.f("ix_welcome_quiz_questions_category_id"), "welcome_quiz_questions", ["category_id"], unique=False
    )
    op.create_index(
        "uq_welcome_quiz_questions_code",
        "welcome_quiz_questions",
        ["quiz_id", "code"],
        unique=True,
        postgresql_where="is_active",
    )
    # ### end Alembic commands ###
