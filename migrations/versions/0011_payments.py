"""Tables of payments; the ledger is append-only for everybody."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"

APPEND_ONLY = """
CREATE FUNCTION payments_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER payments_ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments_ledger_entries
  FOR EACH STATEMENT EXECUTE FUNCTION payments_refuse_change();
"""

# Whoever was granted more by default keeps INSERT and SELECT only; the owner is bound by the trigger.
RIGHTS = """
DO $$ DECLARE g record; BEGIN
  FOR g IN SELECT DISTINCT grantee FROM information_schema.role_table_grants
           WHERE table_schema = 'public' AND table_name = 'payments_ledger_entries'
             AND grantee NOT IN (current_user, 'PUBLIC') LOOP
    EXECUTE format('REVOKE ALL ON payments_ledger_entries FROM %I', g.grantee);
    EXECUTE format('GRANT SELECT, INSERT ON payments_ledger_entries TO %I', g.grantee);
  END LOOP;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "payments_ledger_accounts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('asset','liability','income','expense')", name=op.f("ck_payments_ledger_accounts_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_ledger_accounts")),
        sa.UniqueConstraint("code", name=op.f("uq_payments_ledger_accounts_code")),
    )
    op.create_table(
        "payments_card_agreements",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("account_no", sa.LargeBinary(), nullable=False),
        sa.Column("order_limit_fen", sa.BigInteger(), nullable=False),
        sa.Column("day_limit_fen", sa.BigInteger(), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "order_limit_fen > 0 AND day_limit_fen >= order_limit_fen",
            name=op.f("ck_payments_card_agreements_limits"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["directory_people.id"], name=op.f("fk_payments_card_agreements_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_card_agreements")),
    )
    op.create_index(
        "uq_payments_card_agreements_live",
        "payments_card_agreements",
        ["person_id"],
        unique=True,
        postgresql_where="revoked_at IS NULL",
    )
    op.create_table(
        "payments_disputes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["directory_people.id"], name=op.f("fk_payments_disputes_closed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_disputes")),
        sa.UniqueConstraint(
            "source", "external_id", "kind", name=op.f("uq_payments_disputes_source_external_id_kind")
        ),
    )
    op.create_index(
        "ix_payments_disputes_open",
        "payments_disputes",
        ["id"],
        unique=False,
        postgresql_where="closed_at IS NULL",
    )
    op.create_table(
        "payments_fee_items",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=True),
        sa.Column("service_key", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("filing_number", sa.Text(), nullable=False),
        sa.Column("price_basis", sa.Text(), nullable=False),
        sa.Column("price_text", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("link_url", sa.Text(), nullable=True),
        sa.Column("channels", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("order_minutes", sa.BigInteger(), nullable=False),
        sa.Column("takes_late", sa.Boolean(), nullable=False),
        sa.Column("refund_alone_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "(service_key IS NULL) = (link_url IS NOT NULL)",
            name=op.f("ck_payments_fee_items_linked_or_collected"),
        ),
        sa.CheckConstraint(
            "order_minutes BETWEEN 5 AND 1440", name=op.f("ck_payments_fee_items_order_minutes")
        ),
        sa.CheckConstraint(
            "valid_until IS NULL OR valid_until >= valid_from", name=op.f("ck_payments_fee_items_validity")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["directory_org_units.id"], name=op.f("fk_payments_fee_items_unit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_fee_items")),
        sa.UniqueConstraint("code", name=op.f("uq_payments_fee_items_code")),
    )
    op.create_table(
        "payments_merchants",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("fee_item_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("campus_id", sa.BigInteger(), nullable=True),
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campus_id"], ["directory_campuses.id"], name=op.f("fk_payments_merchants_campus_id")
        ),
        sa.ForeignKeyConstraint(
            ["fee_item_id"], ["payments_fee_items.id"], name=op.f("fk_payments_merchants_fee_item_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_merchants")),
        sa.UniqueConstraint(
            "fee_item_id",
            "channel",
            "campus_id",
            name="uq_payments_merchants_where",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "payments_orders",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("fee_item_id", sa.BigInteger(), nullable=False),
        sa.Column("service_key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("campus_id", sa.BigInteger(), nullable=True),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("masked_facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("return_path", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("closed_reason", sa.Text(), nullable=True),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'paid') = (paid_at IS NOT NULL)", name=op.f("ck_payments_orders_paid_at")
        ),
        sa.CheckConstraint("status IN ('open','paid','closed')", name=op.f("ck_payments_orders_status")),
        sa.CheckConstraint("fen > 0", name=op.f("ck_payments_orders_fen")),
        sa.ForeignKeyConstraint(
            ["campus_id"], ["directory_campuses.id"], name=op.f("fk_payments_orders_campus_id")
        ),
        sa.ForeignKeyConstraint(
            ["fee_item_id"], ["payments_fee_items.id"], name=op.f("fk_payments_orders_fee_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["directory_people.id"], name=op.f("fk_payments_orders_owner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_payments_orders_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payments_orders_public_id")),
    )
    op.create_index(
        "ix_payments_orders_expiring",
        "payments_orders",
        ["expires_at"],
        unique=False,
        postgresql_where="status = 'open'",
    )
    op.create_index("ix_payments_orders_newest", "payments_orders", ["id"], unique=False)
    op.create_index("ix_payments_orders_owner", "payments_orders", ["owner_id", "id"], unique=False)
    op.create_index(
        "uq_payments_orders_live",
        "payments_orders",
        ["service_key", "subject"],
        unique=True,
        postgresql_where="status = 'open'",
    )
    op.create_table(
        "payments_attempts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("trade_type", sa.Text(), nullable=False),
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("payer_id", sa.BigInteger(), nullable=False),
        sa.Column("payer_account", sa.Text(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("prepay", sa.Text(), nullable=True),
        sa.Column("prepaid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("checks", sa.BigInteger(), nullable=False),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("fen > 0", name=op.f("ck_payments_attempts_fen")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["payments_orders.id"], name=op.f("fk_payments_attempts_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["payer_id"], ["directory_people.id"], name=op.f("fk_payments_attempts_payer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_attempts")),
        sa.UniqueConstraint("number", name=op.f("uq_payments_attempts_number")),
    )
    op.create_index(
        "ix_payments_attempts_due",
        "payments_attempts",
        ["next_check_at"],
        unique=False,
        postgresql_where="status IN ('created','pending','unknown')",
    )
    op.create_index(op.f("ix_payments_attempts_order_id"), "payments_attempts", ["order_id"], unique=False)
    op.create_index(
        "uq_payments_attempts_live",
        "payments_attempts",
        ["order_id", "channel", "trade_type", "payer_id"],
        unique=True,
        postgresql_where="status IN ('created','pending','unknown')",
    )
    op.create_table(
        "payments_fulfilments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("service_key", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("asks", sa.BigInteger(), nullable=False),
        sa.Column("blanks", sa.BigInteger(), nullable=False),
        sa.Column("first_blank_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_blank_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vendor_ref", sa.Text(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("is_refused", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'applied') = (applied_at IS NOT NULL)", name=op.f("ck_payments_fulfilments_applied_at")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["directory_people.id"], name=op.f("fk_payments_fulfilments_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["payments_orders.id"], name=op.f("fk_payments_fulfilments_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_fulfilments")),
        sa.UniqueConstraint("number", name=op.f("uq_payments_fulfilments_number")),
        sa.UniqueConstraint("order_id", name=op.f("uq_payments_fulfilments_order_id")),
    )
    op.create_index(
        "ix_payments_fulfilments_due",
        "payments_fulfilments",
        ["service_key", "created_at", "id"],
        unique=False,
        postgresql_where="status IN ('waiting','sending','unknown','accepted')",
    )
    op.create_index(
        "ix_payments_fulfilments_review",
        "payments_fulfilments",
        ["id"],
        unique=False,
        postgresql_where="status = 'review'",
    )
    op.create_table(
        "payments_ledger_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("debit_id", sa.BigInteger(), nullable=False),
        sa.Column("credit_id", sa.BigInteger(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("business_on", sa.Date(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("debit_id <> credit_id", name=op.f("ck_payments_ledger_entries_two_accounts")),
        sa.CheckConstraint("fen > 0", name=op.f("ck_payments_ledger_entries_fen")),
        sa.ForeignKeyConstraint(
            ["credit_id"], ["payments_ledger_accounts.id"], name=op.f("fk_payments_ledger_entries_credit_id")
        ),
        sa.ForeignKeyConstraint(
            ["debit_id"], ["payments_ledger_accounts.id"], name=op.f("fk_payments_ledger_entries_debit_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["payments_orders.id"], name=op.f("fk_payments_ledger_entries_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["payments_ledger_entries.id"],
            name=op.f("fk_payments_ledger_entries_reverses_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_ledger_entries")),
        sa.UniqueConstraint("kind", "reference", name=op.f("uq_payments_ledger_entries_kind_reference")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_payments_ledger_entries_reverses_id")),
    )
    op.create_index(
        "ix_payments_ledger_entries_credit",
        "payments_ledger_entries",
        ["credit_id", "posted_at"],
        unique=False,
        postgresql_include=["fen"],
    )
    op.create_index(
        "ix_payments_ledger_entries_day", "payments_ledger_entries", ["business_on", "id"], unique=False
    )
    op.create_index(
        "ix_payments_ledger_entries_debit",
        "payments_ledger_entries",
        ["debit_id", "posted_at"],
        unique=False,
        postgresql_include=["fen"],
    )
    op.create_index(
        op.f("ix_payments_ledger_entries_order_id"), "payments_ledger_entries", ["order_id"], unique=False
    )
    op.create_table(
        "payments_proxy_links",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["payments_orders.id"], name=op.f("fk_payments_proxy_links_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_proxy_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_payments_proxy_links_token_hash")),
    )
    op.create_index(
        op.f("ix_payments_proxy_links_order_id"), "payments_proxy_links", ["order_id"], unique=False
    )
    op.create_table(
        "payments_fulfilment_calls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("fulfilment_id", sa.BigInteger(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.CheckConstraint("action IN ('send','ask')", name=op.f("ck_payments_fulfilment_calls_action")),
        sa.ForeignKeyConstraint(
            ["fulfilment_id"],
            ["payments_fulfilments.id"],
            name=op.f("fk_payments_fulfilment_calls_fulfilment_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_fulfilment_calls")),
        sa.UniqueConstraint(
            "fulfilment_id", "fence", name=op.f("uq_payments_fulfilment_calls_fulfilment_id_fence")
        ),
    )
    op.create_index(
        "uq_payments_fulfilment_calls_open",
        "payments_fulfilment_calls",
        ["fulfilment_id"],
        unique=True,
        postgresql_where="ended_at IS NULL AND action = 'send'",
    )
    op.create_table(
        "payments_payments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("transaction_id", sa.Text(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("learned_by", sa.Text(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refunding_fen", sa.BigInteger(), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("role IN ('settles','surplus')", name=op.f("ck_payments_payments_role")),
        sa.CheckConstraint("fen > 0", name=op.f("ck_payments_payments_fen")),
        sa.CheckConstraint(
            "refunding_fen >= 0 AND refunded_fen >= 0 AND refunding_fen + refunded_fen <= fen",
            name=op.f("ck_payments_payments_refunds"),
        ),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["payments_attempts.id"], name=op.f("fk_payments_payments_attempt_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["payments_orders.id"], name=op.f("fk_payments_payments_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_payments")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_payments_payments_attempt_id")),
        sa.UniqueConstraint(
            "channel", "transaction_id", name=op.f("uq_payments_payments_channel_transaction_id")
        ),
    )
    op.create_index(op.f("ix_payments_payments_order_id"), "payments_payments", ["order_id"], unique=False)
    op.create_index(
        "uq_payments_payments_settles",
        "payments_payments",
        ["order_id"],
        unique=True,
        postgresql_where="role = 'settles'",
    )
    op.create_table(
        "payments_refunds",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("former_numbers", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("fen", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("requested_by_id", sa.BigInteger(), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger(), nullable=True),
        sa.Column("paid_out_by_id", sa.BigInteger(), nullable=True),
        sa.Column("checked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("paid_out_note", sa.Text(), nullable=True),
        sa.Column("channel_refund_id", sa.Text(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "cause IN ('surplus','unfulfilled','requested')", name=op.f("ck_payments_refunds_cause")
        ),
        sa.CheckConstraint(
            "requested_by_id IS NOT NULL OR cause <> 'requested'",
            name=op.f("ck_payments_refunds_somebody_asked"),
        ),
        sa.CheckConstraint(
            "approved_by_id <> requested_by_id", name=op.f("ck_payments_refunds_second_person")
        ),
        sa.CheckConstraint(
            "checked_by_id <> paid_out_by_id", name=op.f("ck_payments_refunds_second_person_offline")
        ),
        sa.CheckConstraint("fen > 0", name=op.f("ck_payments_refunds_fen")),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["directory_people.id"], name=op.f("fk_payments_refunds_approved_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["checked_by_id"], ["directory_people.id"], name=op.f("fk_payments_refunds_checked_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["payments_orders.id"], name=op.f("fk_payments_refunds_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["paid_out_by_id"], ["directory_people.id"], name=op.f("fk_payments_refunds_paid_out_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments_payments.id"], name=op.f("fk_payments_refunds_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["directory_people.id"], name=op.f("fk_payments_refunds_requested_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments_refunds")),
        sa.UniqueConstraint("number", name=op.f("uq_payments_refunds_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq_payments_refunds_public_id")),
    )
    op.create_index(
        "ix_payments_refunds_due",
        "payments_refunds",
        ["next_try_at", "id"],
        unique=False,
        postgresql_where="status IN ('ready','processing','short')",
    )
    op.create_index(op.f("ix_payments_refunds_order_id"), "payments_refunds", ["order_id"], unique=False)
    op.create_index(op.f("ix_payments_refunds_payment_id"), "payments_refunds", ["payment_id"], unique=False)
    op.create_index("ix_payments_refunds_status", "payments_refunds", ["status", "id"], unique=False)
    op.execute(APPEND_ONLY)
    op.execute(RIGHTS)
