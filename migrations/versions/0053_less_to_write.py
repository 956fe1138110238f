"""what every message of a meter does not have to write: one index less, and no power beside the session's"""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    of_none = sa.text("session_id IS NULL")
    with op.batch_alter_table("connectors") as batch_op:
        batch_op.drop_column("power_w")
        batch_op.drop_column("power_at")
    op.drop_index("ix_meter_values_connector_at", "meter_values")
    columns = ["connector_id", "at"]
    op.create_index("ix_meter_values_of_none", "meter_values", columns, sqlite_where=of_none, postgresql_where=of_none)


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_meter_values_of_none", "meter_values")
    op.create_index("ix_meter_values_connector_at", "meter_values", ["connector_id", "at"])
    with op.batch_alter_table("connectors") as batch_op:
        batch_op.add_column(sa.Column("power_w", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("power_at", kit.db.UtcDateTime(), nullable=True))
