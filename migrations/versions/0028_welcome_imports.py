"""Uploaded lists, and what they would change."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "welcome_imports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("season_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("college_id", sa.BigInteger(), nullable=True),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("withdraws_missing", sa.Boolean(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("done_rows", sa.BigInteger(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("needs_second", sa.Boolean(), nullable=False),
        sa.Column("uploaded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('admissions','beds')", name=op.f("ck_welcome_imports_kind")),
        sa.CheckConstraint(
            "status IN ('uploaded','refused','checked','confirmed','done','cancelled')",
            name=op.f("ck_welcome_imports_status"),
        ),
        sa.CheckConstraint(
            "NOT needs_second OR confirmed_by_id <> uploaded_by_id", name=op.f("ck_welcome_imports_second")
        ),
        sa.ForeignKeyConstraint(
            ["college_id"], ["directory_org_units.id"], name=op.f("fk_welcome_imports_college_id")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["directory_people.id"], name=op.f("fk_welcome_imports_confirmed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["season_id"], ["welcome_seasons.id"], name=op.f("fk_welcome_imports_season_id")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["directory_people.id"], name=op.f("fk_welcome_imports_uploaded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_imports")),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_imports_public_id")),
    )
    op.create_table(
        "welcome_import_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("no", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "sort IN ('problem','new','changed','missing')", name=op.f("ck_welcome_import_lines_sort")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["welcome_imports.id"], name=op.f("fk_welcome_import_lines_import_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_import_lines")),
        sa.UniqueConstraint(
            "import_id", "sort", "no", name=op.f("uq_welcome_import_lines_import_id_sort_no")
        ),
    )
