"""Accounts of which somebody said that their stations belong together."""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "accepted_mixtures",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("keys", kit.db.Json, nullable=False),
        sa.Column("accepted_by", sa.String(), nullable=False),
        sa.Column("accepted_at", kit.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_accepted_mixtures_account_id_accounts")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_accepted_mixtures")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("accepted_mixtures")
