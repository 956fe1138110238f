"""Documents of closed accounts can be handed out."""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "account_hand_outs",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("closure_id", sa.Uuid(), nullable=False),
        sa.Column("documents", kit.db.Json, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("given_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("expires_at", kit.db.UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", kit.db.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_hand_outs_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["closure_id"], ["account_closures.id"], name=op.f("fk_account_hand_outs_closure_id_account_closures")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_hand_outs")),
    )
    op.create_index("ix_account_hand_outs_closure_id", "account_hand_outs", ["closure_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("account_hand_outs")
