"""Leave: requests, policies, timetable, contacts and roll calls."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "leave_exams",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("course", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_leave_exams_span")),
        sa.ForeignKeyConstraint(
            ["class_id"], ["directory_org_units.id"], name=op.f("fk_leave_exams_class_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_exams")),
    )
    op.create_index("ix_leave_exams_class_id", "leave_exams", ["class_id", "starts_at"], unique=False)
    op.create_table(
        "leave_lessons",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("term_id", sa.BigInteger(), nullable=False),
        sa.Column("class_id", sa.BigInteger(), nullable=False),
        sa.Column("course", sa.Text(), nullable=False),
        sa.Column("teacher_id", sa.BigInteger(), nullable=True),
        sa.Column("weekday", sa.BigInteger(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("weeks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("ends > starts", name=op.f("ck_leave_lessons_span")),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_leave_lessons_weekday")),
        sa.ForeignKeyConstraint(
            ["class_id"], ["directory_org_units.id"], name=op.f("fk_leave_lessons_class_id")
        ),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["directory_people.id"], name=op.f("fk_leave_lessons_teacher_id")
        ),
        sa.ForeignKeyConstraint(["term_id"], ["directory_terms.id"], name=op.f("fk_leave_lessons_term_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_lessons")),
    )
    op.create_index("ix_leave_lessons_class_id", "leave_lessons", ["class_id", "term_id"], unique=False)
    op.create_table(
        "leave_policies",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("scope_kind", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("over_days", sa.Numeric(precision=6, scale=1), nullable=False),
        sa.Column("up_to_days", sa.Numeric(precision=6, scale=1), nullable=False),
        sa.Column("count_mode", sa.Text(), nullable=False),
        sa.Column("day_count", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("lead_hours", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("parental_over_days", sa.Numeric(precision=6, scale=1), nullable=True),
        sa.Column("blackout", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("exams", sa.Text(), nullable=False),
        sa.Column("grace_hours", sa.BigInteger(), nullable=False),
        sa.Column("out_by", sa.Text(), nullable=False),
        sa.Column("may_return_self", sa.Boolean(), nullable=False),
        sa.Column("most_extensions", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("made_by_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(scope_kind = 'school') = (scope_id IS NULL)", name=op.f("ck_leave_policies_scope")
        ),
        sa.CheckConstraint("evidence IN ('none','later','now')", name=op.f("ck_leave_policies_evidence")),
        sa.CheckConstraint("exams IN ('warn','block')", name=op.f("ck_leave_policies_exams")),
        sa.CheckConstraint("out_by IN ('clock','evidence')", name=op.f("ck_leave_policies_out_by")),
        sa.CheckConstraint("scope_kind IN ('school','unit')", name=op.f("ck_leave_policies_scope_kind")),
        sa.CheckConstraint("ends_on IS NULL OR ends_on > starts_on", name=op.f("ck_leave_policies_days")),
        sa.CheckConstraint("up_to_days > over_days AND over_days >= 0", name=op.f("ck_leave_policies_span")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["directory_people.id"], name=op.f("fk_leave_policies_made_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["directory_org_units.id"], name=op.f("fk_leave_policies_scope_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_policies")),
        sa.UniqueConstraint("public_id", name=op.f("uq_leave_policies_public_id")),
    )
    op.create_index("ix_leave_policies_running", "leave_policies", ["starts_on"], unique=False)
    op.create_index(op.f("ix_leave_policies_scope_id"), "leave_policies", ["scope_id"], unique=False)
    op.create_table(
        "leave_rolls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=True),
        sa.Column("class_id", sa.BigInteger(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opened_by_id", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(building_id IS NULL) <> (class_id IS NULL)", name=op.f("ck_leave_rolls_place")),
        sa.ForeignKeyConstraint(
            ["building_id"], ["directory_buildings.id"], name=op.f("fk_leave_rolls_building_id")
        ),
        sa.ForeignKeyConstraint(
            ["class_id"], ["directory_org_units.id"], name=op.f("fk_leave_rolls_class_id")
        ),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["directory_people.id"], name=op.f("fk_leave_rolls_opened_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_rolls")),
        sa.UniqueConstraint("public_id", name=op.f("uq_leave_rolls_public_id")),
    )
    op.create_index("uq_leave_rolls_building", "leave_rolls", ["building_id", "day"], unique=True)
    op.create_index("uq_leave_rolls_class", "leave_rolls", ["class_id", "day"], unique=True)
    op.create_table(
        "leave_requests",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("class_id", sa.BigInteger(), nullable=True),
        sa.Column("college_id", sa.BigInteger(), nullable=True),
        sa.Column("building_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("misses_class", sa.Boolean(), nullable=False),
        sa.Column("leaves_campus", sa.Boolean(), nullable=False),
        sa.Column("leaves_dorm", sa.Boolean(), nullable=False),
        sa.Column("is_emergency", sa.Boolean(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("days", sa.Numeric(precision=6, scale=1), nullable=False),
        sa.Column("measured_days", sa.Numeric(precision=6, scale=1), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("policy_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("paper_due_on", sa.Date(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("out_source", sa.Text(), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_source", sa.Text(), nullable=True),
        sa.Column("safe_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('approving','changing','approved','out','overdue','closed','rejected','withdrawn','cancelled','expired','extended','revoked')",
            name=op.f("ck_leave_requests_status"),
        ),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_leave_requests_span")),
        sa.CheckConstraint(
            "misses_class OR leaves_campus OR leaves_dorm", name=op.f("ck_leave_requests_flags")
        ),
        sa.ForeignKeyConstraint(
            ["building_id"], ["directory_buildings.id"], name=op.f("fk_leave_requests_building_id")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["approvals_cases.id"], name=op.f("fk_leave_requests_case_id")),
        sa.ForeignKeyConstraint(
            ["class_id"], ["directory_org_units.id"], name=op.f("fk_leave_requests_class_id")
        ),
        sa.ForeignKeyConstraint(
            ["college_id"], ["directory_org_units.id"], name=op.f("fk_leave_requests_college_id")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["leave_requests.id"], name=op.f("fk_leave_requests_parent_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_leave_requests_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["leave_policies.id"], name=op.f("fk_leave_requests_policy_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_requests")),
        sa.UniqueConstraint("public_id", name=op.f("uq_leave_requests_public_id")),
    )
    op.create_index(
        "ix_leave_requests_building_away",
        "leave_requests",
        ["building_id", "due_at"],
        unique=False,
        postgresql_where="status IN ('out','overdue')",
    )
    op.create_index(op.f("ix_leave_requests_case_id"), "leave_requests", ["case_id"], unique=False)
    op.create_index("ix_leave_requests_class_id", "leave_requests", ["class_id", "id"], unique=False)
    op.create_index("ix_leave_requests_college_id", "leave_requests", ["college_id", "id"], unique=False)
    op.create_index(
        "ix_leave_requests_ending",
        "leave_requests",
        ["ends_at"],
        unique=False,
        postgresql_where="status = 'approved'",
    )
    op.create_index(op.f("ix_leave_requests_parent_id"), "leave_requests", ["parent_id"], unique=False)
    op.create_index("ix_leave_requests_person_id", "leave_requests", ["person_id", "starts_at"], unique=False)
    op.create_index(
        "ix_leave_requests_starting",
        "leave_requests",
        ["starts_at"],
        unique=False,
        postgresql_where="status = 'approved'",
    )
    op.create_index(
        "ix_leave_requests_step",
        "leave_requests",
        ["next_step_at"],
        unique=False,
        postgresql_where="next_step_at IS NOT NULL",
    )
    op.create_table(
        "leave_roll_marks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("roll_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("marked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("mark IN ('present','absent','explained')", name=op.f("ck_leave_roll_marks_mark")),
        sa.ForeignKeyConstraint(
            ["marked_by_id"], ["directory_people.id"], name=op.f("fk_leave_roll_marks_marked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_leave_roll_marks_person_id")
        ),
        sa.ForeignKeyConstraint(["roll_id"], ["leave_rolls.id"], name=op.f("fk_leave_roll_marks_roll_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_roll_marks")),
        sa.UniqueConstraint("roll_id", "person_id", name=op.f("uq_leave_roll_marks_roll_id_person_id")),
    )
    op.create_table(
        "leave_contacts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('safe','no_answer','worrying')", name=op.f("ck_leave_contacts_outcome")
        ),
        sa.CheckConstraint("way IN ('phone','message','visit','family')", name=op.f("ck_leave_contacts_way")),
        sa.ForeignKeyConstraint(["by_id"], ["directory_people.id"], name=op.f("fk_leave_contacts_by_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["leave_requests.id"], name=op.f("fk_leave_contacts_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_contacts")),
    )
    op.create_index(op.f("ix_leave_contacts_request_id"), "leave_contacts", ["request_id"], unique=False)
    op.create_table(
        "leave_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["directory_people.id"], name=op.f("fk_leave_log_actor_id")),
        sa.ForeignKeyConstraint(["request_id"], ["leave_requests.id"], name=op.f("fk_leave_log_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_log")),
    )
    op.create_index(op.f("ix_leave_log_request_id"), "leave_log", ["request_id"], unique=False)
    op.create_table(
        "leave_steps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["leave_requests.id"], name=op.f("fk_leave_steps_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_steps")),
        sa.UniqueConstraint(
            "request_id", "due_at", "step", name=op.f("uq_leave_steps_request_id_due_at_step")
        ),
    )
