"""Runs migrations as the owner role and grants the application role what it needs."""

import os
import re
from urllib.parse import urlsplit

from alembic import context
from sqlalchemy import create_engine, text

from app.factory import load_models
from app.kit.db import Base

load_models()


def owner_url() -> str:
    return os.environ.get("MIGRATION_DATABASE_URL") or os.environ["DATABASE_URL"]


def application_role() -> str:
    """The role in DATABASE_URL; it may read and write rows but change no table."""
    role = urlsplit(os.environ["DATABASE_URL"]).username or ""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", role):
        raise SystemExit("Weilife: DATABASE_URL must name a user of letters, digits and _")
    return role


def migrate() -> None:
    engine = create_engine(owner_url())
    with engine.connect() as connection:
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            transaction_per_migration=True,
        )
        role = application_role()
        connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {role}"))
        for kind, rights in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE, SELECT")):
            connection.execute(
                text(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rights} ON {kind} TO {role}")
            )
        connection.commit()
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


migrate()
