"""Approvals: definitions, cases, visits, tasks and their log, which is append-only for everybody."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"

KEPT = """
CREATE FUNCTION approvals_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER approvals_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON approvals_log
  FOR EACH STATEMENT EXECUTE FUNCTION approvals_refuse_change();
CREATE FUNCTION approvals_keep_definitions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status IN ('published', 'retired') AND (TG_OP = 'DELETE' OR NEW.status IN ('draft', 'proposed'))
     OR TG_OP = 'UPDATE' AND (NEW.body, NEW.code, NEW.version) IS DISTINCT FROM (OLD.body, OLD.code, OLD.version) THEN
    RAISE EXCEPTION 'a definition does not change' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER approvals_definitions_kept BEFORE UPDATE OR DELETE ON approvals_definitions
  FOR EACH ROW EXECUTE FUNCTION approvals_keep_definitions();
"""


def upgrade() -> None:
    op.create_table(
        "approvals_node_times",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("median_minutes", sa.BigInteger(), nullable=False),
        sa.Column("cases", sa.BigInteger(), nullable=False),
        sa.Column("reckoned_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", "node", name=op.f("pk_approvals_node_times")),
    )
    op.create_table(
        "approvals_definitions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft','proposed','published','retired')",
            name=op.f("ck_approvals_definitions_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('published','retired') OR published_at IS NOT NULL",
            name=op.f("ck_approvals_definitions_published"),
        ),
        sa.CheckConstraint(
            "made_by_id IS NULL OR published_by_id <> made_by_id",
            name=op.f("ck_approvals_definitions_second"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["directory_people.id"], name=op.f("fk_approvals_definitions_made_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["published_by_id"],
            ["directory_people.id"],
            name=op.f("fk_approvals_definitions_published_by_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals_definitions")),
        sa.UniqueConstraint("code", "version", name=op.f("uq_approvals_definitions_code_version")),
    )
    op.create_index(
        "uq_approvals_definitions_published",
        "approvals_definitions",
        ["code"],
        unique=True,
        postgresql_where="status = 'published'",
    )
    op.create_table(
        "approvals_deputies",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("deputy_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("deputy_id <> person_id", name=op.f("ck_approvals_deputies_another")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_approvals_deputies_span")),
        sa.ForeignKeyConstraint(
            ["deputy_id"], ["directory_people.id"], name=op.f("fk_approvals_deputies_deputy_id")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["directory_people.id"], name=op.f("fk_approvals_deputies_made_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_approvals_deputies_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals_deputies")),
    )
    op.create_index(
        "ix_approvals_deputies_deputy_id",
        "approvals_deputies",
        ["deputy_id", "ends_at"],
        unique=False,
        postgresql_where="ended_at IS NULL",
    )
    op.create_index(
        op.f("ix_approvals_deputies_person_id"), "approvals_deputies", ["person_id"], unique=False
    )
    op.create_table(
        "approvals_cases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("module", sa.Text(), nullable=False),
        sa.Column("business_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=True),
        sa.Column("starter_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("form", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("picks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("resume_to", sa.Text(), nullable=True),
        sa.Column("fresh_from", sa.BigInteger(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("urged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'running') = (ended_at IS NULL)", name=op.f("ck_approvals_cases_ended")
        ),
        sa.CheckConstraint(
            "status IN ('running','approved','rejected','withdrawn','terminated')",
            name=op.f("ck_approvals_cases_status"),
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["approvals_definitions.id"], name=op.f("fk_approvals_cases_definition_id")
        ),
        sa.ForeignKeyConstraint(
            ["starter_id"], ["directory_people.id"], name=op.f("fk_approvals_cases_starter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals_cases")),
        sa.UniqueConstraint("public_id", name=op.f("uq_approvals_cases_public_id")),
    )
    op.create_index("ix_approvals_cases_business", "approvals_cases", ["module", "business_id"], unique=False)
    op.create_index(
        op.f("ix_approvals_cases_definition_id"), "approvals_cases", ["definition_id"], unique=False
    )
    op.create_index(
        "ix_approvals_cases_ended",
        "approvals_cases",
        ["code", "ended_at"],
        unique=False,
        postgresql_where="status <> 'running'",
    )
    op.create_index("ix_approvals_cases_starter_id", "approvals_cases", ["starter_id", "id"], unique=False)
    op.create_index(
        "uq_approvals_cases_running",
        "approvals_cases",
        ["module", "business_id"],
        unique=True,
        postgresql_where="status = 'running'",
    )
    op.create_table(
        "approvals_comments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["approvals_cases.id"], name=op.f("fk_approvals_comments_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_approvals_comments_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals_comments")),
        sa.UniqueConstraint("public_id", name=op.f("uq_approvals_comments_public_id")),
    )
    op.create_index(op.f("ix_approvals_comments_case_id"), "approvals_comments", ["case_id"], unique=False)
    op.create_index(
        op.f("ix_approvals_comments_person_id"), "approvals_comments", ["person_id"], unique=False
    )
    op.create_table(
        "approvals_log",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("node", sa.Text(), nullable=True),
        sa.Column("round", sa.BigInteger(), nullable=True),
        sa.Column("task", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("behalf_id", sa.BigInteger(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["approvals_cases.id"], name=op.f("fk_approvals_log_case_id")),
        sa.PrimaryKeyConstraint("case_id", "seq", name=op.f("pk_approvals_log")),
    )
    op.create_table(
        "approvals_timers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["approvals_cases.id"], name=op.f("fk_approvals_timers_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals_timers")),
        sa.UniqueConstraint(
            "case_id", "node", "round", "action", name=op.f("uq_approvals_timers_case_id_node_round_action")
        ),
    )
    op.create_index(
        "ix_approvals_timers_due",
        "approvals_timers",
        ["due_at"],
        unique=False,
        postgresql_where="done_at IS NULL",
    )
    op.create_table(
        "approvals_visits",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("order", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("joined", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("claimed_task", sa.BigInteger(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('live','done','cancelled')", name=op.f("ck_approvals_visits_status")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["approvals_cases.id"], name=op.f("fk_approvals_visits_case_id")
        ),
        sa.PrimaryKeyConstraint("case_id", "node", "round", name=op.f("pk_approvals_visits")),
    )
    op.create_index(
        "uq_approvals_visits_live",
        "approvals_visits",
        ["case_id", "node"],
        unique=True,
        postgresql_where="status = 'live'",
    )
    op.create_table(
        "approvals_tasks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("weight", sa.BigInteger(), nullable=False),
        sa.Column("parent", sa.BigInteger(), nullable=True),
        sa.Column("relation", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("done_by_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "CASE kind WHEN 'cc' THEN status IN ('given','read') ELSE status IN ('live','waiting','done','cancelled') END",
            name=op.f("ck_approvals_tasks_status"),
        ),
        sa.CheckConstraint("kind IN ('approve','revise','cc')", name=op.f("ck_approvals_tasks_kind")),
        sa.ForeignKeyConstraint(
            ["case_id", "node", "round"],
            ["approvals_visits.case_id", "approvals_visits.node", "approvals_visits.round"],
            name=op.f("fk_approvals_tasks_case_id_node_round"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["approvals_cases.id"], name=op.f("fk_approvals_tasks_case_id")),
        sa.ForeignKeyConstraint(
            ["done_by_id"], ["directory_people.id"], name=op.f("fk_approvals_tasks_done_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_approvals_tasks_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals_tasks")),
        sa.UniqueConstraint("case_id", "seq", name=op.f("uq_approvals_tasks_case_id_seq")),
    )
    op.create_index(
        "ix_approvals_tasks_copies",
        "approvals_tasks",
        ["person_id", "id"],
        unique=False,
        postgresql_where="kind = 'cc'",
    )
    op.create_index(
        "ix_approvals_tasks_done",
        "approvals_tasks",
        ["done_by_id", "ended_at", "id"],
        unique=False,
        postgresql_where="status = 'done'",
    )
    op.create_index(
        "ix_approvals_tasks_ended",
        "approvals_tasks",
        ["ended_at"],
        unique=False,
        postgresql_where="status = 'done'",
    )
    op.create_index(
        "ix_approvals_tasks_nobody",
        "approvals_tasks",
        ["id"],
        unique=False,
        postgresql_where="status = 'live' AND person_id IS NULL",
    )
    op.create_index(
        "ix_approvals_tasks_todo",
        "approvals_tasks",
        ["person_id", "id"],
        unique=False,
        postgresql_where="status = 'live'",
    )
    op.execute(KEPT)
