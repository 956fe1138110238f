"""Bookings on the platform's bank account."""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "platform_bank_bookings",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("entry_key", sa.String(), nullable=False),
        sa.Column("in_detail", sa.Boolean(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("debtor", sa.String(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("doubt", sa.String(40), nullable=True),
        sa.Column("invoice_id", sa.Uuid(), nullable=True),
        sa.Column("read_by", sa.String(), nullable=False),
        sa.Column("read_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("looked_by", sa.String(), nullable=False),
        sa.Column("looked_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["platform_invoices.id"],
            name=op.f("fk_platform_bank_bookings_invoice_id_platform_invoices"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_bank_bookings")),
        sa.UniqueConstraint("key", name=op.f("uq_platform_bank_bookings_key")),
    )
    op.create_index(op.f("ix_platform_bank_bookings_entry_key"), "platform_bank_bookings", ["entry_key"])
    op.create_index(op.f("ix_platform_bank_bookings_state"), "platform_bank_bookings", ["state"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("platform_bank_bookings")
