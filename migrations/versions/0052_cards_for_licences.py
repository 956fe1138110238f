"""Invoices of the platform are paid with a stored card."""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

STORED = sa.text("state = 'stored'")


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "licence_cards",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("checkout_ref", sa.String(), nullable=True),
        sa.Column("customer_ref", sa.String(), nullable=False),
        sa.Column("card_ref", sa.String(), nullable=False),
        sa.Column("card", sa.String(), nullable=False),
        sa.Column("opened_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("stored_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("ended_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("forgotten_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("failed_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("failure", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_licence_cards_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_cards")),
    )
    op.create_index(op.f("ix_licence_cards_account_id"), "licence_cards", ["account_id"])
    op.create_index(op.f("ix_licence_cards_state"), "licence_cards", ["state"])
    op.create_index(
        "uq_licence_cards_stored",
        "licence_cards",
        ["account_id"],
        unique=True,
        sqlite_where=STORED,
        postgresql_where=STORED,
    )
    with op.batch_alter_table("platform_card_payments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("card_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_platform_card_payments_card_id_licence_cards"), "licence_cards", ["card_id"], ["id"]
        )


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("platform_card_payments", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_platform_card_payments_card_id_licence_cards"), type_="foreignkey")
        batch_op.drop_column("card_id")
    op.drop_table("licence_cards")
