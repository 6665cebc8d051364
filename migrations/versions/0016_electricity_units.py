"""Rooms that a college lets people into."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

POLICIES = "('roster','roommate','manager','unit')"


def upgrade() -> None:
    op.add_column("electricity_bindings", sa.Column("unit_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_electricity_bindings_unit_id_directory_org_units"),
        "electricity_bindings",
        "directory_org_units",
        ["unit_id"],
        ["id"],
    )
    for table, column in (("electricity_bindings", "proof"), ("electricity_buildings", "policy")):
        op.drop_constraint(op.f(f"ck_{table}_{column}"), table)
        op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, f"{column} IN {POLICIES}")
