"""When somebody was last mailed the link that shows his own price."""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("person_prices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("link_wanted_at", kit.db.UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("person_prices", schema=None) as batch_op:
        batch_op.drop_column("link_wanted_at")
