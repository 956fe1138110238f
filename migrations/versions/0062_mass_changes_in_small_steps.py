"""Connectors of a mass change get their rows later, and nothing is written to thousands of rows to stop or undo it."""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. What is stopped or to be undone is told by the change from now on."""
    with op.batch_alter_table("mass_changes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unplaced", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("closed", kit.db.Json, nullable=False, server_default="[]"))
    op.execute("UPDATE mass_change_rows SET state = 'waiting' WHERE state = 'stopped'")
    op.execute("UPDATE mass_change_rows SET state = 'done' WHERE state = 'undoing'")
    with op.batch_alter_table("mass_change_rows", schema=None) as batch_op:
        batch_op.drop_index("ix_mass_change_rows_state")
        batch_op.create_index("ix_mass_change_rows_state", ["mass_change_id", "state", "connector_id"])


def downgrade() -> None:
    """Go back; changes that were not over are over."""
    with op.batch_alter_table("mass_change_rows", schema=None) as batch_op:
        batch_op.drop_index("ix_mass_change_rows_state")
        batch_op.create_index("ix_mass_change_rows_state", ["mass_change_id", "state"])
    op.execute("UPDATE mass_change_rows SET state = 'stopped' WHERE state = 'waiting'")
    op.execute("UPDATE mass_changes SET at_work = false WHERE at_work")
    with op.batch_alter_table("mass_changes", schema=None) as batch_op:
        batch_op.drop_column("closed")
        batch_op.drop_column("unplaced")
