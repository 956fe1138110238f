"""find running sessions"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.create_index("ix_sessions_station_state", "sessions", ["station_id", "state", "ended_at"])
    op.create_index("ix_sessions_state", "sessions", ["state", "arrived_at"])


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_sessions_state", "sessions")
    op.drop_index("ix_sessions_station_state", "sessions")
