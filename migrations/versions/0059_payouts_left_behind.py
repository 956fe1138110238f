"""Payouts that were held when an operator left his account at the provider are remembered."""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. An archive of a hand-over has the old owner's profile; where that is held, it is one of them."""
    op.create_table(
        "former_payees",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("provider_account", sa.String(), nullable=False),
        sa.Column("ready", sa.Boolean(), nullable=False),
        sa.Column("payouts_held_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("payout_schedule", kit.db.Json, nullable=False),
        sa.Column("left_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("released_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("released_by", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_former_payees_account_id_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_payees")),
    )
    with op.batch_alter_table("former_payees", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_former_payees_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_former_payees_provider_account"), ["provider_account"], unique=False)
    op.execute(
        "INSERT INTO former_payees (id, account_id, provider, provider_account, ready, payouts_held_at,"
        " payout_schedule, left_at, released_by)"
        " SELECT hand_overs.id, archive_id, provider, provider_account, FALSE, payouts_held_at, payout_schedule,"
        " hand_overs.ended_at, '' FROM hand_overs JOIN payout_profiles ON payout_profiles.account_id = archive_id"
        " WHERE payouts_held_at IS NOT NULL AND provider_account IS NOT NULL AND hand_overs.ended_at IS NOT NULL"
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("former_payees")
