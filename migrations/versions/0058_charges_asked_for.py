"""It is known whether the provider was asked to charge a stored card."""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. Nobody knows it of those that are on their way, so they may have been."""
    with op.batch_alter_table("platform_card_payments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_at", kit.db.UtcDateTime(), nullable=True))
    op.execute("UPDATE platform_card_payments SET asked_at = opened_at WHERE card_id IS NOT NULL")


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("platform_card_payments", schema=None) as batch_op:
        batch_op.drop_column("asked_at")
