"""The provider pays out by the verification."""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. What is held back already is found by a job."""
    with op.batch_alter_table("payout_profiles", schema=None) as batch_op:
        batch_op.add_column(sa.Column("payouts_held_at", kit.db.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("payout_schedule", kit.db.Json, server_default="{}", nullable=False))
    with op.batch_alter_table("sandbox_accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("payouts_held", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("sandbox_accounts", schema=None) as batch_op:
        batch_op.drop_column("payouts_held")
    with op.batch_alter_table("payout_profiles", schema=None) as batch_op:
        batch_op.drop_column("payout_schedule")
        batch_op.drop_column("payouts_held_at")
