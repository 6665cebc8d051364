"""Tables of audit: append-only for everybody."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


APPEND_ONLY = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals
  FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
"""

# Before the first id is handed out: the sealer must be able to wait for writers (audit/service.py).
WRITERS = """
CREATE FUNCTION audit_note_writer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(7305001);
  RETURN NULL;
END $$;
CREATE TRIGGER audit_entries_writer BEFORE INSERT ON audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION audit_note_writer();
"""

# Whoever was granted more by default keeps INSERT and SELECT only; the owner is bound by the triggers.
RIGHTS = """
DO $$ DECLARE g record; BEGIN
  FOR g IN SELECT DISTINCT table_name, grantee FROM information_schema.role_table_grants
           WHERE table_schema = 'public' AND table_name IN ('audit_entries', 'audit_seals')
             AND grantee NOT IN (current_user, 'PUBLIC') LOOP
    EXECUTE format('REVOKE ALL ON %I FROM %I', g.table_name, g.grantee);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO %I', g.table_name, g.grantee);
  END LOOP;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_person_id", sa.BigInteger(), nullable=True),
        sa.Column("surface", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index(
        "ix_audit_entries_actor", "audit_entries", ["actor_person_id", "action", "at"], unique=False
    )
    op.create_index(
        "ix_audit_entries_object", "audit_entries", ["object_type", "object_id", "id"], unique=False
    )
    op.create_table(
        "audit_seals",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("from_id", sa.BigInteger(), nullable=False),
        sa.Column("to_id", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint("from_id", name=op.f("uq_audit_seals_from_id")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_seals_hash")),
        sa.UniqueConstraint("previous", name=op.f("uq_audit_seals_previous")),
        sa.UniqueConstraint("to_id", name=op.f("uq_audit_seals_to_id")),
    )
    op.execute(APPEND_ONLY)
    op.execute(WRITERS)
    op.execute(RIGHTS)
