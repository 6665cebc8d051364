"""Uploaded lists belong to the directory: other offices than welcome upload them, too."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"
# What a worker had not finished is uploaded again: its event names a handler that is no more.
COPY = """
INSERT INTO directory_imports (id, public_id, desk, kind, scope, withdraws_missing, file_key, file_name, sha256, size,
    status, rows, done_rows, counts, plan, problem, needs_second, uploaded_by_id, uploaded_at, confirmed_by_id,
    confirmed_at, ended_at)
  OVERRIDING SYSTEM VALUE
  SELECT id, public_id, 'welcome', kind,
    jsonb_build_object('season_id', season_id, 'profile', profile, 'college', coalesce(college_id::text, '')),
    withdraws_missing, file_key, file_name, sha256, size,
    CASE WHEN status IN ('uploaded', 'confirmed') THEN 'refused' ELSE status END, rows, done_rows, counts, plan,
    CASE WHEN status IN ('uploaded', 'confirmed') THEN '系统升级时这次导入还没有完成，什么都没有写入。请重新上传同一个文件。'
      ELSE problem END,
    needs_second, uploaded_by_id, uploaded_at, confirmed_by_id, confirmed_at, ended_at
  FROM welcome_imports
"""
COPY_LINES = """
INSERT INTO directory_import_lines (import_id, sort, no, row, who, text)
  SELECT import_id, sort, no, row, who, text FROM welcome_import_lines
"""
NEXT = "SELECT setval(pg_get_serial_sequence('directory_imports', 'id'), max(id)) FROM directory_imports HAVING max(id) > 0"


def upgrade() -> None:
    op.create_table(
        "directory_imports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("desk", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("scope", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
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
        sa.CheckConstraint(
            "status IN ('uploaded','refused','checked','confirmed','done','cancelled')",
            name=op.f("ck_directory_imports_status"),
        ),
        sa.CheckConstraint(
            "NOT needs_second OR confirmed_by_id <> uploaded_by_id", name=op.f("ck_directory_imports_second")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["directory_people.id"], name=op.f("fk_directory_imports_confirmed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["directory_people.id"], name=op.f("fk_directory_imports_uploaded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_imports")),
        sa.UniqueConstraint("public_id", name=op.f("uq_directory_imports_public_id")),
    )
    op.create_index("ix_directory_imports_desk", "directory_imports", ["desk", "id"])
    op.create_table(
        "directory_import_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("sort", sa.Text(), nullable=False),
        sa.Column("no", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "sort IN ('problem','new','changed','missing')", name=op.f("ck_directory_import_lines_sort")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["directory_imports.id"], name=op.f("fk_directory_import_lines_import_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_import_lines")),
        sa.UniqueConstraint(
            "import_id", "sort", "no", name=op.f("uq_directory_import_lines_import_id_sort_no")
        ),
    )
    op.execute(COPY)
    op.execute(COPY_LINES)
    op.execute(NEXT)
    op.drop_table("welcome_import_lines")
    op.drop_table("welcome_imports")
