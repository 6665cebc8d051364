"""Indexes that erasing and merging people need; attachments of what was written in a case."""

from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    op.create_index(op.f("ix_leave_scans_by_id"), "leave_scans", ["by_id"])
    op.create_index(op.f("ix_leave_scans_device_id"), "leave_scans", ["device_id"])
    op.create_index(
        "ix_files_attachments_object",
        "files_attachments",
        ["object_type", "object_id"],
        postgresql_where="object_id IS NOT NULL",
    )
