"""Leave: who stays over a vacation is decided upon by a case of approvals."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    op.add_column("leave_answers", sa.Column("stay_from", sa.Date(), nullable=True))
    op.add_column("leave_answers", sa.Column("stay_until", sa.Date(), nullable=True))
    op.add_column("leave_answers", sa.Column("stay_note", sa.Text(), server_default="", nullable=False))
    op.add_column("leave_answers", sa.Column("case_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_leave_answers_case_id"), "leave_answers", "approvals_cases", ["case_id"], ["id"]
    )
    op.create_index(op.f("ix_leave_answers_case_id"), "leave_answers", ["case_id"])
    op.create_check_constraint(op.f("ck_leave_answers_stay"), "leave_answers", "stay_until >= stay_from")
    op.drop_constraint(op.f("ck_leave_answers_state"), "leave_answers")
    op.create_check_constraint(
        op.f("ck_leave_answers_state"),
        "leave_answers",
        "state IN ('given','waiting','confirmed','declined','lapsed')",
    )
