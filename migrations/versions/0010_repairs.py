"""Tables of repairs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("repairs_number_seq")))
    op.create_table(
        "repairs_categories",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("icon", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("needs_after_photo", sa.Boolean(), nullable=False),
        sa.Column("self_help", sa.Text(), nullable=True),
        sa.Column("self_help_en", sa.Text(), nullable=True),
        sa.Column("successor_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["repairs_categories.id"], name=op.f("fk_repairs_categories_parent_id")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["repairs_categories.id"], name=op.f("fk_repairs_categories_successor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repairs_categories")),
        sa.UniqueConstraint("code", name=op.f("uq_repairs_categories_code")),
    )
    op.create_index(
        op.f("ix_repairs_categories_parent_id"), "repairs_categories", ["parent_id"], unique=False
    )
    op.create_table(
        "repairs_reasons",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("guidance", sa.Text(), nullable=True),
        sa.Column("pauses_clock", sa.Boolean(), nullable=False),
        sa.Column("longest_days", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('reject', 'decline', 'hold', 'reassign')", name=op.f("ck_repairs_reasons_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repairs_reasons")),
    )
    op.create_index("uq_repairs_reasons_kind_code", "repairs_reasons", ["kind", "code"], unique=True)
    op.create_table(
        "repairs_routes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campus_id", sa.BigInteger(), nullable=True),
        sa.Column("building_id", sa.BigInteger(), nullable=True),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["building_id"], ["directory_buildings.id"], name=op.f("fk_repairs_routes_building_id")
        ),
        sa.ForeignKeyConstraint(
            ["campus_id"], ["directory_campuses.id"], name=op.f("fk_repairs_routes_campus_id")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["repairs_categories.id"], name=op.f("fk_repairs_routes_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["directory_org_units.id"], name=op.f("fk_repairs_routes_team_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["directory_org_units.id"], name=op.f("fk_repairs_routes_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repairs_routes")),
    )
    op.create_table(
        "repairs_door_codes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('active', 'replaced', 'retired')", name=op.f("ck_repairs_door_codes_status")
        ),
        sa.ForeignKeyConstraint(
            ["building_id"], ["directory_buildings.id"], name=op.f("fk_repairs_door_codes_building_id")
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["directory_rooms.id"], name=op.f("fk_repairs_door_codes_room_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repairs_door_codes")),
        sa.UniqueConstraint("code", name=op.f("uq_repairs_door_codes_code")),
    )
    op.create_index(
        op.f("ix_repairs_door_codes_building_id"), "repairs_door_codes", ["building_id"], unique=False
    )
    op.create_index(
        "uq_repairs_door_codes_active_room",
        "repairs_door_codes",
        ["room_id"],
        unique=True,
        postgresql_where="status = 'active'",
    )
    op.create_table(
        "repairs_tickets",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reporter_id", sa.BigInteger(), nullable=False),
        sa.Column("submitted_by_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_phone", sa.LargeBinary(), nullable=True),
        sa.Column("contact_phone_index", sa.Text(), nullable=True),
        sa.Column("campus_id", sa.BigInteger(), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=True),
        sa.Column("place_text", sa.Text(), nullable=False),
        sa.Column("place_text_en", sa.Text(), nullable=False),
        sa.Column("place_note", sa.Text(), nullable=True),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column("category_name", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("is_hazard", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("visit_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("visit_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hold_reason", sa.Text(), nullable=True),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("worker_id", sa.BigInteger(), nullable=True),
        sa.Column("cycle", sa.BigInteger(), nullable=False),
        sa.Column("origin_id", sa.BigInteger(), nullable=True),
        sa.Column("sla", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("response_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accept_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolve_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_seconds", sa.BigInteger(), nullable=False),
        sa.Column("is_response_late", sa.Boolean(), nullable=False),
        sa.Column("is_accept_late", sa.Boolean(), nullable=False),
        sa.Column("is_resolve_late", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("responded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_via", sa.Text(), nullable=True),
        sa.Column("urge_count", sa.BigInteger(), nullable=False),
        sa.Column("urged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rating", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "access IN ('anytime', 'present', 'escort')", name=op.f("ck_repairs_tickets_access")
        ),
        sa.CheckConstraint("priority IN ('normal', 'urgent')", name=op.f("ck_repairs_tickets_priority")),
        sa.CheckConstraint(
            "status IN ('submitted', 'triaged', 'dispatched', 'taken', 'working', 'on_hold', 'finished', 'closed', 'cancelled', 'rejected', 'merged', 'transferred')",
            name=op.f("ck_repairs_tickets_status"),
        ),
        sa.ForeignKeyConstraint(
            ["building_id"], ["directory_buildings.id"], name=op.f("fk_repairs_tickets_building_id")
        ),
        sa.ForeignKeyConstraint(
            ["campus_id"], ["directory_campuses.id"], name=op.f("fk_repairs_tickets_campus_id")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"], ["repairs_categories.id"], name=op.f("fk_repairs_tickets_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["origin_id"], ["repairs_tickets.id"], name=op.f("fk_repairs_tickets_origin_id")
        ),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["directory_people.id"], name=op.f("fk_repairs_tickets_reporter_id")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["directory_rooms.id"], name=op.f("fk_repairs_tickets_room_id")),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["directory_people.id"], name=op.f("fk_repairs_tickets_submitted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["directory_org_units.id"], name=op.f("fk_repairs_tickets_team_id")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["directory_org_units.id"], name=op.f("fk_repairs_tickets_unit_id")
        ),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["directory_people.id"], name=op.f("fk_repairs_tickets_worker_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repairs_tickets")),
        sa.UniqueConstraint("number", name=op.f("uq_repairs_tickets_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_repairs_tickets_public_id")),
    )
    op.create_index("ix_repairs_tickets_archive", "repairs_tickets", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_repairs_tickets_board",
        "repairs_tickets",
        ["next_due_at", "id"],
        unique=False,
        postgresql_where="status IN ('submitted','triaged','dispatched','taken','working','on_hold')",
    )
    op.create_index(op.f("ix_repairs_tickets_category_id"), "repairs_tickets", ["category_id"], unique=False)
    op.create_index(
        op.f("ix_repairs_tickets_contact_phone_index"),
        "repairs_tickets",
        ["contact_phone_index"],
        unique=False,
    )
    op.create_index(
        "ix_repairs_tickets_finished",
        "repairs_tickets",
        ["finished_at"],
        unique=False,
        postgresql_where="status = 'finished'",
    )
    op.create_index(
        "ix_repairs_tickets_place", "repairs_tickets", ["building_id", "room_id", "category_id"], unique=False
    )
    op.create_index("ix_repairs_tickets_reporter", "repairs_tickets", ["reporter_id", "id"], unique=False)
    op.create_index(
        "ix_repairs_tickets_team_board",
        "repairs_tickets",
        ["team_id", "next_due_at", "id"],
        unique=False,
        postgresql_where="status IN ('submitted','triaged','dispatched','taken','working','on_hold')",
    )
    op.create_index(
        "ix_repairs_tickets_unit_board",
        "repairs_tickets",
        ["unit_id", "next_due_at", "id"],
        unique=False,
        postgresql_where="status IN ('submitted','triaged','dispatched','taken','working','on_hold')",
    )
    op.create_index(
        "ix_repairs_tickets_worker",
        "repairs_tickets",
        ["worker_id", "next_due_at", "id"],
        unique=False,
        postgresql_where="status IN ('submitted','triaged','dispatched','taken','working','on_hold')",
    )
    op.create_table(
        "repairs_ratings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("cycle", sa.BigInteger(), nullable=False),
        sa.Column("is_follow_up", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("speed", sa.BigInteger(), nullable=False),
        sa.Column("quality", sa.BigInteger(), nullable=False),
        sa.Column("attitude", sa.BigInteger(), nullable=False),
        sa.Column("tags", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "speed BETWEEN 1 AND 5 AND quality BETWEEN 1 AND 5 AND attitude BETWEEN 1 AND 5",
            name=op.f("ck_repairs_ratings_scores"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["directory_people.id"], name=op.f("fk_repairs_ratings_by_id")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["repairs_tickets.id"], name=op.f("fk_repairs_ratings_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repairs_ratings")),
    )
    op.create_index(
        "uq_repairs_ratings_cycle", "repairs_ratings", ["ticket_id", "cycle", "is_follow_up"], unique=True
    )
    op.create_table(
        "repairs_ticket_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("cycle", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_status", sa.Text(), nullable=True),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["directory_people.id"], name=op.f("fk_repairs_ticket_events_actor_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["repairs_tickets.id"], name=op.f("fk_repairs_ticket_events_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repairs_ticket_events")),
    )
    op.create_index(
        "uq_repairs_ticket_events_ticket_seq", "repairs_ticket_events", ["ticket_id", "seq"], unique=True
    )
    op.create_table(
        "repairs_ticket_photos",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("photo_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["files_photos.id"], name=op.f("fk_repairs_ticket_photos_photo_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["repairs_tickets.id"], name=op.f("fk_repairs_ticket_photos_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repairs_ticket_photos")),
        sa.UniqueConstraint("photo_id", name=op.f("uq_repairs_ticket_photos_photo_id")),
    )
    op.create_index(
        op.f("ix_repairs_ticket_photos_ticket_id"), "repairs_ticket_photos", ["ticket_id"], unique=False
    )
