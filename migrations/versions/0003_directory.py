"""Tables of the directory: people, organisation, places."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "directory_campuses",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_campuses")),
        sa.UniqueConstraint("code", name=op.f("uq_directory_campuses_code")),
    )
    op.create_table(
        "directory_org_units",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["directory_org_units.id"], name=op.f("fk_directory_org_units_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_org_units")),
        sa.UniqueConstraint("code", name=op.f("uq_directory_org_units_code")),
    )
    op.create_index(
        op.f("ix_directory_org_units_parent_id"), "directory_org_units", ["parent_id"], unique=False
    )
    op.create_table(
        "directory_people",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.Text(), nullable=True),
        sa.Column("id_number", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_index", sa.Text(), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["directory_people.id"], name=op.f("fk_directory_people_merged_into_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_people")),
        sa.UniqueConstraint("number", name=op.f("uq_directory_people_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_directory_people_public_id")),
    )
    op.create_index(
        op.f("ix_directory_people_id_number_index"), "directory_people", ["id_number_index"], unique=False
    )
    op.create_index(
        op.f("ix_directory_people_merged_into_id"), "directory_people", ["merged_into_id"], unique=False
    )
    op.create_index(
        "ix_directory_people_name",
        "directory_people",
        ["name"],
        unique=False,
        postgresql_ops={"name": "text_pattern_ops"},
    )
    op.create_index(
        "ix_directory_people_number_prefix",
        "directory_people",
        ["number"],
        unique=False,
        postgresql_ops={"number": "text_pattern_ops"},
    )
    op.create_index(
        op.f("ix_directory_people_phone_index"), "directory_people", ["phone_index"], unique=False
    )
    op.create_table(
        "directory_terms",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_terms")),
        sa.UniqueConstraint("code", name=op.f("uq_directory_terms_code")),
    )
    op.create_table(
        "directory_affiliations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("org_unit_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_unit_id"], ["directory_org_units.id"], name=op.f("fk_directory_affiliations_org_unit_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_directory_affiliations_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_affiliations")),
    )
    op.create_index(
        op.f("ix_directory_affiliations_org_unit_id"), "directory_affiliations", ["org_unit_id"], unique=False
    )
    op.create_index(
        "ix_directory_affiliations_person_id", "directory_affiliations", ["person_id"], unique=False
    )
    op.create_index(
        "uq_directory_affiliations_open",
        "directory_affiliations",
        ["person_id", "kind", "org_unit_id"],
        unique=True,
        postgresql_where="ends_on IS NULL",
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "directory_buildings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campus_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("is_dorm", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campus_id"], ["directory_campuses.id"], name=op.f("fk_directory_buildings_campus_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_buildings")),
        sa.UniqueConstraint("code", name=op.f("uq_directory_buildings_code")),
    )
    op.create_index(
        op.f("ix_directory_buildings_campus_id"), "directory_buildings", ["campus_id"], unique=False
    )
    op.create_table(
        "directory_posts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("org_unit_id", sa.BigInteger(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_unit_id"], ["directory_org_units.id"], name=op.f("fk_directory_posts_org_unit_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_directory_posts_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_posts")),
    )
    op.create_index(op.f("ix_directory_posts_org_unit_id"), "directory_posts", ["org_unit_id"], unique=False)
    op.create_index(op.f("ix_directory_posts_person_id"), "directory_posts", ["person_id"], unique=False)
    op.create_index(
        "uq_directory_posts_open",
        "directory_posts",
        ["person_id", "org_unit_id", "post"],
        unique=True,
        postgresql_where="ends_on IS NULL",
    )
    op.create_table(
        "directory_floors",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["building_id"], ["directory_buildings.id"], name=op.f("fk_directory_floors_building_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_floors")),
        sa.UniqueConstraint("building_id", "number", name=op.f("uq_directory_floors_building_id_number")),
    )
    op.create_table(
        "directory_rooms",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["building_id", "floor"],
            ["directory_floors.building_id", "directory_floors.number"],
            name=op.f("fk_directory_rooms_building_id_floor"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_rooms")),
        sa.UniqueConstraint("building_id", "number", name=op.f("uq_directory_rooms_building_id_number")),
    )
    op.create_table(
        "directory_beds",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["directory_rooms.id"], name=op.f("fk_directory_beds_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_beds")),
        sa.UniqueConstraint("room_id", "code", name=op.f("uq_directory_beds_room_id_code")),
    )
    op.create_table(
        "directory_bed_occupancies",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("bed_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bed_id"], ["directory_beds.id"], name=op.f("fk_directory_bed_occupancies_bed_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_directory_bed_occupancies_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_bed_occupancies")),
    )
    op.create_index(
        op.f("ix_directory_bed_occupancies_bed_id"), "directory_bed_occupancies", ["bed_id"], unique=False
    )
    op.create_index(
        op.f("ix_directory_bed_occupancies_person_id"),
        "directory_bed_occupancies",
        ["person_id"],
        unique=False,
    )
    op.create_index(
        "uq_directory_bed_occupancies_open_bed",
        "directory_bed_occupancies",
        ["bed_id"],
        unique=True,
        postgresql_where="ends_on IS NULL",
    )
    op.create_index(
        "uq_directory_bed_occupancies_open_person",
        "directory_bed_occupancies",
        ["person_id"],
        unique=True,
        postgresql_where="ends_on IS NULL",
    )
