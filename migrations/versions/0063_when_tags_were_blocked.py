"""When a tag was blocked and given back last: sessions that are told later are judged by then."""

import sqlalchemy as sa
from alembic import op

from kit.db import UtcDateTime

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward. Of tags that are blocked already it is not known since when."""
    with op.batch_alter_table("tags", schema=None) as batch_op:
        batch_op.add_column(sa.Column("blocked_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("unblocked_at", UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("tags", schema=None) as batch_op:
        batch_op.drop_column("unblocked_at")
        batch_op.drop_column("blocked_at")
