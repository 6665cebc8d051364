"""Who travels the same way."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "welcome_companion_switch",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("mode IN ('on','no_text','off')", name=op.f("ck_welcome_companion_switch_mode")),
        sa.CheckConstraint("id = 1", name=op.f("ck_welcome_companion_switch_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_companion_switch")),
    )
    op.create_table(
        "welcome_companion_words",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("added_by_id", sa.BigInteger(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_companion_words")),
        sa.UniqueConstraint("word", name=op.f("uq_welcome_companion_words_word")),
    )
    op.create_table(
        "welcome_companion_mutes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_welcome_companion_mutes_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_companion_mutes")),
        sa.UniqueConstraint("person_id", name=op.f("uq_welcome_companion_mutes_person_id")),
    )
    op.create_table(
        "welcome_companion_posts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("season_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("campus_id", sa.BigInteger(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("province", sa.Text(), nullable=False),
        sa.Column("travels_on", sa.Date(), nullable=False),
        sa.Column("transport", sa.Text(), nullable=False),
        sa.Column("train_number", sa.Text(), nullable=True),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("only_gender", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("note_status", sa.Text(), nullable=False),
        sa.Column("note_reason", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(note IS NULL) = (note_status = 'none')", name=op.f("ck_welcome_companion_posts_note")
        ),
        sa.CheckConstraint(
            "note_status IN ('none','pending','approved','refused')",
            name=op.f("ck_welcome_companion_posts_note_status"),
        ),
        sa.CheckConstraint(
            "status IN ('open','closed','hidden')", name=op.f("ck_welcome_companion_posts_status")
        ),
        sa.CheckConstraint(
            "transport IN ('train','plane','coach','car')", name=op.f("ck_welcome_companion_posts_transport")
        ),
        sa.CheckConstraint("wanted BETWEEN 1 AND 6", name=op.f("ck_welcome_companion_posts_wanted")),
        sa.ForeignKeyConstraint(
            ["campus_id"], ["directory_campuses.id"], name=op.f("fk_welcome_companion_posts_campus_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_welcome_companion_posts_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["season_id"], ["welcome_seasons.id"], name=op.f("fk_welcome_companion_posts_season_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_companion_posts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_companion_posts_public_id")),
    )
    op.create_index(
        "ix_welcome_companion_posts_board",
        "welcome_companion_posts",
        ["season_id", "campus_id", "province", "travels_on", "id"],
        unique=False,
        postgresql_where="status = 'open'",
    )
    op.create_index(
        "ix_welcome_companion_posts_pending",
        "welcome_companion_posts",
        ["id"],
        unique=False,
        postgresql_where="note_status = 'pending'",
    )
    op.create_index(
        op.f("ix_welcome_companion_posts_person_id"), "welcome_companion_posts", ["person_id"], unique=False
    )
    op.create_index(
        "uq_welcome_companion_posts_open",
        "welcome_companion_posts",
        ["season_id", "person_id"],
        unique=True,
        postgresql_where="status = 'open'",
    )
    op.create_table(
        "welcome_companion_threads",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("joiner_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('asked','accepted','ended')", name=op.f("ck_welcome_companion_threads_status")
        ),
        sa.CheckConstraint("author_id <> joiner_id", name=op.f("ck_welcome_companion_threads_two")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["directory_people.id"], name=op.f("fk_welcome_companion_threads_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["joiner_id"], ["directory_people.id"], name=op.f("fk_welcome_companion_threads_joiner_id")
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["welcome_companion_posts.id"], name=op.f("fk_welcome_companion_threads_post_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_companion_threads")),
        sa.UniqueConstraint(
            "post_id", "joiner_id", name=op.f("uq_welcome_companion_threads_post_id_joiner_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_companion_threads_public_id")),
    )
    op.create_index(
        op.f("ix_welcome_companion_threads_author_id"),
        "welcome_companion_threads",
        ["author_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_welcome_companion_threads_joiner_id"),
        "welcome_companion_threads",
        ["joiner_id"],
        unique=False,
    )
    op.create_table(
        "welcome_companion_messages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=False),
        sa.Column("writer_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["thread_id"],
            ["welcome_companion_threads.id"],
            name=op.f("fk_welcome_companion_messages_thread_id"),
        ),
        sa.ForeignKeyConstraint(
            ["writer_id"], ["directory_people.id"], name=op.f("fk_welcome_companion_messages_writer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_companion_messages")),
    )
    op.create_index(
        "ix_welcome_companion_messages_thread",
        "welcome_companion_messages",
        ["thread_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_welcome_companion_messages_writer_id"),
        "welcome_companion_messages",
        ["writer_id"],
        unique=False,
    )
