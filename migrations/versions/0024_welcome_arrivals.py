"""Stations, slots, arrivals and shuttles."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "welcome_stations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('rail','air','coach','metro')", name=op.f("ck_welcome_stations_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_stations")),
        sa.UniqueConstraint("name", name=op.f("uq_welcome_stations_name")),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_stations_public_id")),
    )
    op.create_table(
        "welcome_arrival_counts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("season_id", sa.BigInteger(), nullable=False),
        sa.Column("station_id", sa.BigInteger(), nullable=True),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("companions", sa.BigInteger(), nullable=False),
        sa.Column("luggage", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["season_id"], ["welcome_seasons.id"], name=op.f("fk_welcome_arrival_counts_season_id")
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["welcome_stations.id"], name=op.f("fk_welcome_arrival_counts_station_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_arrival_counts")),
        sa.UniqueConstraint(
            "season_id",
            "station_id",
            "hour",
            name=op.f("uq_welcome_arrival_counts_season_id_station_id_hour"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "welcome_shuttles",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("season_id", sa.BigInteger(), nullable=False),
        sa.Column("station_id", sa.BigInteger(), nullable=False),
        sa.Column("leaves_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seats", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("plate", sa.Text(), nullable=False),
        sa.Column("driver", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('boarding','left','cancelled')", name=op.f("ck_welcome_shuttles_status")
        ),
        sa.CheckConstraint("taken >= 0 AND taken <= seats", name=op.f("ck_welcome_shuttles_seats")),
        sa.ForeignKeyConstraint(
            ["season_id"], ["welcome_seasons.id"], name=op.f("fk_welcome_shuttles_season_id")
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["welcome_stations.id"], name=op.f("fk_welcome_shuttles_station_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_shuttles")),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_shuttles_public_id")),
    )
    op.create_index(
        "ix_welcome_shuttles_leaves", "welcome_shuttles", ["season_id", "leaves_at"], unique=False
    )
    op.create_index(op.f("ix_welcome_shuttles_station_id"), "welcome_shuttles", ["station_id"], unique=False)
    op.create_table(
        "welcome_slots",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("season_id", sa.BigInteger(), nullable=False),
        sa.Column("station_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("status IN ('open','closed')", name=op.f("ck_welcome_slots_status")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_welcome_slots_span")),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name=op.f("ck_welcome_slots_places")),
        sa.ForeignKeyConstraint(
            ["season_id"], ["welcome_seasons.id"], name=op.f("fk_welcome_slots_season_id")
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["welcome_stations.id"], name=op.f("fk_welcome_slots_station_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_slots")),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_slots_public_id")),
        sa.UniqueConstraint(
            "season_id",
            "station_id",
            "starts_at",
            name=op.f("uq_welcome_slots_season_id_station_id_starts_at"),
        ),
    )
    op.create_index(op.f("ix_welcome_slots_station_id"), "welcome_slots", ["station_id"], unique=False)
    op.create_table(
        "welcome_arrivals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("admission_id", sa.BigInteger(), nullable=False),
        sa.Column("slot_id", sa.BigInteger(), nullable=True),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vehicle", sa.Text(), nullable=True),
        sa.Column("companions", sa.BigInteger(), nullable=False),
        sa.Column("luggage", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("notice IN ('moved','closed')", name=op.f("ck_welcome_arrivals_notice")),
        sa.CheckConstraint(
            "status <> 'cancelled' OR slot_id IS NULL", name=op.f("ck_welcome_arrivals_cancelled")
        ),
        sa.CheckConstraint(
            "status IN ('planned','cancelled','boarded','arrived')", name=op.f("ck_welcome_arrivals_status")
        ),
        sa.CheckConstraint(
            "companions BETWEEN 0 AND 6 AND luggage BETWEEN 0 AND 20", name=op.f("ck_welcome_arrivals_counts")
        ),
        sa.ForeignKeyConstraint(
            ["admission_id"], ["welcome_admissions.id"], name=op.f("fk_welcome_arrivals_admission_id")
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["welcome_slots.id"], name=op.f("fk_welcome_arrivals_slot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_arrivals")),
        sa.UniqueConstraint("admission_id", name=op.f("uq_welcome_arrivals_admission_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_welcome_arrivals_public_id")),
    )
    op.create_index(
        "ix_welcome_arrivals_expected", "welcome_arrivals", ["expected_at", "status"], unique=False
    )
    op.create_index(op.f("ix_welcome_arrivals_slot_id"), "welcome_arrivals", ["slot_id"], unique=False)
    op.create_table(
        "welcome_boardings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("shuttle_id", sa.BigInteger(), nullable=False),
        sa.Column("admission_id", sa.BigInteger(), nullable=False),
        sa.Column("heads", sa.BigInteger(), nullable=False),
        sa.Column("boarded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["admission_id"], ["welcome_admissions.id"], name=op.f("fk_welcome_boardings_admission_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["directory_people.id"], name=op.f("fk_welcome_boardings_by_id")),
        sa.ForeignKeyConstraint(
            ["shuttle_id"], ["welcome_shuttles.id"], name=op.f("fk_welcome_boardings_shuttle_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_welcome_boardings")),
        sa.UniqueConstraint("admission_id", name=op.f("uq_welcome_boardings_admission_id")),
    )
    op.create_index(
        op.f("ix_welcome_boardings_shuttle_id"), "welcome_boardings", ["shuttle_id"], unique=False
    )
