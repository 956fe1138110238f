"""stations that moved"""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "station_moves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("to_account_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("moved_by", sa.String(), nullable=False),
        sa.Column("moved_at", kit.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_station_moves_account_id_accounts")),
        sa.ForeignKeyConstraint(
            ["to_account_id"], ["accounts.id"], name=op.f("fk_station_moves_to_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_station_moves_station_id_stations")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_moves")),
    )
    with op.batch_alter_table("station_moves", schema=None) as batch_op:
        batch_op.create_index("ix_station_moves_address", ["account_id", "identity"], unique=False)
        batch_op.create_index(batch_op.f("ix_station_moves_moved_at"), ["moved_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_station_moves_station_id"), ["station_id"], unique=False)


def downgrade() -> None:
    """Go back."""
    op.drop_table("station_moves")
