"""Tables of identity."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "identity_login_attempts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_login_attempts")),
    )
    op.create_index(
        "ix_identity_login_attempts_login",
        "identity_login_attempts",
        ["login", "tried_at"],
        unique=False,
        postgresql_where=sa.text("NOT succeeded"),
    )
    op.create_index(
        "ix_identity_login_attempts_network",
        "identity_login_attempts",
        ["network", "tried_at"],
        unique=False,
        postgresql_where=sa.text("NOT succeeded"),
    )
    op.create_index(
        op.f("ix_identity_login_attempts_tried_at"), "identity_login_attempts", ["tried_at"], unique=False
    )
    op.create_table(
        "identity_oauth_states",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("state_hash", sa.Text(), nullable=False),
        sa.Column("browser_hash", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("code_hash", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("consumed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_oauth_states")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_identity_oauth_states_code_hash")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_identity_oauth_states_state_hash")),
    )
    op.create_index(
        "ix_identity_oauth_states_browser",
        "identity_oauth_states",
        ["browser_hash", "purpose", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_identity_oauth_states_expires_at"), "identity_oauth_states", ["expires_at"], unique=False
    )
    op.create_table(
        "identity_invitations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("invited_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["directory_people.id"], name=op.f("fk_identity_invitations_invited_by")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_identity_invitations_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_identity_invitations_token_hash")),
    )
    op.create_index(
        op.f("ix_identity_invitations_expires_at"), "identity_invitations", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_identity_invitations_person_id"), "identity_invitations", ["person_id"], unique=False
    )
    op.create_table(
        "identity_passwords",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("login = lower(login)", name=op.f("ck_identity_passwords_login_is_lower")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_identity_passwords_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_passwords")),
        sa.UniqueConstraint("login", name=op.f("uq_identity_passwords_login")),
        sa.UniqueConstraint("person_id", name=op.f("uq_identity_passwords_person_id")),
    )
    op.create_table(
        "identity_role_grants",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope_kind", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granted_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(scope_kind = 'all') = (scope_id IS NULL)", name=op.f("ck_identity_role_grants_scope_has_place")
        ),
        sa.CheckConstraint(
            "scope_kind IN ('all', 'campus', 'building', 'unit', 'team')",
            name=op.f("ck_identity_role_grants_scope_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["directory_people.id"], name=op.f("fk_identity_role_grants_granted_by")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_identity_role_grants_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_role_grants")),
        sa.UniqueConstraint(
            "person_id",
            "role",
            "scope_kind",
            "scope_id",
            name=op.f("uq_identity_role_grants_person_id_role_scope_kind_scope_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "ix_identity_role_grants_role",
        "identity_role_grants",
        ["role", "scope_kind", "scope_id"],
        unique=False,
    )
    op.create_table(
        "identity_sso_links",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_identity_sso_links_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_sso_links")),
        sa.UniqueConstraint("source", "subject", name=op.f("uq_identity_sso_links_source_subject")),
    )
    op.create_index(
        op.f("ix_identity_sso_links_person_id"), "identity_sso_links", ["person_id"], unique=False
    )
    op.create_table(
        "identity_wechat_links",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("appid", sa.Text(), nullable=False),
        sa.Column("openid", sa.Text(), nullable=False),
        sa.Column("unionid", sa.Text(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("is_following", sa.Boolean(), nullable=False),
        sa.Column("followed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_identity_wechat_links_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_wechat_links")),
        sa.UniqueConstraint("appid", "openid", name=op.f("uq_identity_wechat_links_appid_openid")),
        sa.UniqueConstraint("person_id", "appid", name=op.f("uq_identity_wechat_links_person_id_appid")),
    )
    op.create_table(
        "identity_sessions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("wechat_link_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "surface IN ('phone', 'desk', 'shared_device')", name=op.f("ck_identity_sessions_surface")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_identity_sessions_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["wechat_link_id"], ["identity_wechat_links.id"], name=op.f("fk_identity_sessions_wechat_link_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_identity_sessions_token_hash")),
    )
    op.create_index(
        op.f("ix_identity_sessions_expires_at"), "identity_sessions", ["expires_at"], unique=False
    )
    op.create_index(op.f("ix_identity_sessions_person_id"), "identity_sessions", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_identity_sessions_wechat_link_id"), "identity_sessions", ["wechat_link_id"], unique=False
    )
