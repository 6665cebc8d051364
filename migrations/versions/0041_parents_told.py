"""Leave: parents are told by policy; their phones, as students give them; texts to somebody else; teachers told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041"
down_revision = "0040"

CONTACTS = (
    ("way", "'phone','message','visit','family','sms'"),
    ("outcome", "'safe','no_answer','worrying','told','not_told'"),
)
POLICIES = (
    ("parents_told", "link", "'none','link','sms'"),
    ("parents_when", "both", "'approved','overdue','both'"),
)


def upgrade() -> None:
    op.create_table(
        "leave_guardians",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "relation IN ('father','mother','other')", name=op.f("ck_leave_guardians_relation")
        ),
        sa.CheckConstraint(
            "(phone IS NULL) = (withdrawn_at IS NOT NULL)", name=op.f("ck_leave_guardians_withdrawn_at")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_leave_guardians_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_guardians")),
        sa.UniqueConstraint("person_id", "relation", name=op.f("uq_leave_guardians_person_id_relation")),
    )
    op.create_table(
        "leave_lesson_notices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("teacher_id", sa.BigInteger(), nullable=False),
        sa.Column("lessons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["leave_requests.id"], name=op.f("fk_leave_lesson_notices_request_id")
        ),
        sa.ForeignKeyConstraint(
            ["teacher_id"], ["directory_people.id"], name=op.f("fk_leave_lesson_notices_teacher_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_lesson_notices")),
        sa.UniqueConstraint(
            "request_id", "teacher_id", name=op.f("uq_leave_lesson_notices_request_id_teacher_id")
        ),
    )
    op.create_index(op.f("ix_leave_lesson_notices_teacher_id"), "leave_lesson_notices", ["teacher_id"])
    op.alter_column("leave_contacts", "by_id", existing_type=sa.BIGINT(), nullable=True)
    for name, values in CONTACTS:
        op.drop_constraint(op.f(f"ck_leave_contacts_{name}"), "leave_contacts", type_="check")
        op.create_check_constraint(
            op.f(f"ck_leave_contacts_{name}"), "leave_contacts", f"{name} IN ({values})"
        )
    for name, first, values in POLICIES:
        op.add_column("leave_policies", sa.Column(name, sa.Text(), nullable=False, server_default=first))
        op.alter_column("leave_policies", name, server_default=None)
        op.create_check_constraint(
            op.f(f"ck_leave_policies_{name}"), "leave_policies", f"{name} IN ({values})"
        )
    op.add_column("notifications_text_messages", sa.Column("phone", sa.LargeBinary(), nullable=True))
    op.add_column("notifications_text_messages", sa.Column("subject", sa.Text(), nullable=True))
