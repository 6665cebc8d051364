"""Gates and passes; browsers that keep a page belong to identity, for any page of the console."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"

RENAMED = (
    ("pk_welcome_devices", "pk_identity_devices"),
    ("uq_welcome_devices_key_hash", "uq_identity_devices_key_hash"),
    ("uq_welcome_devices_public_id", "uq_identity_devices_public_id"),
    ("fk_welcome_devices_registered_by_id", "fk_identity_devices_registered_by_id"),
)


def upgrade() -> None:
    op.rename_table("welcome_devices", "identity_devices")
    for old, new in RENAMED:
        op.execute(f"ALTER TABLE identity_devices RENAME CONSTRAINT {old} TO {new}")
    op.add_column(
        "identity_devices",
        sa.Column("page", sa.Text(), nullable=False, server_default="welcome.check_in"),
    )
    op.alter_column("identity_devices", "page", server_default=None)

    op.add_column("leave_requests", sa.Column("pass_id", sa.Text(), nullable=True))
    op.execute("UPDATE leave_requests SET pass_id = 'lvx_' || md5(random()::text || id::text)")
    op.alter_column("leave_requests", "pass_id", nullable=False)
    op.create_unique_constraint(op.f("uq_leave_requests_pass_id"), "leave_requests", ["pass_id"])

    op.create_table(
        "leave_gates",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["directory_people.id"], name=op.f("fk_leave_gates_made_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_gates")),
        sa.UniqueConstraint("public_id", name=op.f("uq_leave_gates_public_id")),
    )
    op.create_table(
        "leave_scans",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gate_id", sa.BigInteger(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("found_by", sa.Text(), nullable=False),
        sa.Column("is_allowed", sa.Boolean(), nullable=False),
        sa.Column("is_offline", sa.Boolean(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("device_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("direction IN ('out','in')", name=op.f("ck_leave_scans_direction")),
        sa.CheckConstraint("found_by IN ('code','number','log')", name=op.f("ck_leave_scans_found_by")),
        sa.ForeignKeyConstraint(["gate_id"], ["leave_gates.id"], name=op.f("fk_leave_scans_gate_id")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_leave_scans_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["leave_requests.id"], name=op.f("fk_leave_scans_request_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["directory_people.id"], name=op.f("fk_leave_scans_by_id")),
        sa.ForeignKeyConstraint(
            ["device_id"], ["identity_devices.id"], name=op.f("fk_leave_scans_device_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_scans")),
        sa.UniqueConstraint("client", "sequence", name=op.f("uq_leave_scans_client_sequence")),
    )
    op.create_index("ix_leave_scans_gate_id", "leave_scans", ["gate_id", "id"])
    op.create_index(op.f("ix_leave_scans_person_id"), "leave_scans", ["person_id"])
    op.create_index(op.f("ix_leave_scans_request_id"), "leave_scans", ["request_id"])
    op.create_index(op.f("ix_leave_scans_received_at"), "leave_scans", ["received_at"])
