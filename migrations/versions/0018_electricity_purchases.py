"""What was bought for a meter at a counter or a machine."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "electricity_purchases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("meter_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meter_id"],
            ["electricity_meters.id"],
            name=op.f("fk_electricity_purchases_meter_id_electricity_meters"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_electricity_purchases")),
    )
    op.create_index("ix_electricity_purchases_day", "electricity_purchases", ["meter_id", "day"])
