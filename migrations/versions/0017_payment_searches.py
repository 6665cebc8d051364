"""What the finance desk looks for: money too much, and a refund by a number it had before."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_index(
        "ix_payments_payments_surplus",
        "payments_payments",
        ["order_id"],
        postgresql_where="role = 'surplus' AND refunded_fen < fen",
    )
    op.create_index(
        "ix_payments_refunds_former_numbers",
        "payments_refunds",
        ["former_numbers"],
        postgresql_using="gin",
    )
