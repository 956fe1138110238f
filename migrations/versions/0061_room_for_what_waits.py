"""How much is held of a charger that waits, and by what a held message is found when it is told again."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. What is held already was at most 16 MB of a charger; it is not counted."""
    with op.batch_alter_table("waiting_stations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("held_bytes", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("readings_dropped", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("held_messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("said_key", sa.String(), nullable=False, server_default=""))
        batch_op.drop_index(batch_op.f("ix_held_messages_station_id"))
        batch_op.create_index(batch_op.f("ix_held_messages_station_id_said_key"), ["station_id", "said_key"])


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("held_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_held_messages_station_id_said_key"))
        batch_op.create_index(batch_op.f("ix_held_messages_station_id"), ["station_id"], unique=False)
        batch_op.drop_column("said_key")
    with op.batch_alter_table("waiting_stations", schema=None) as batch_op:
        batch_op.drop_column("readings_dropped")
        batch_op.drop_column("held_bytes")
