"""the first password of a waiting charger"""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("waiting_stations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("other_password_at", kit.db.UtcDateTime(), nullable=True))


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("waiting_stations", schema=None) as batch_op:
        batch_op.drop_column("other_password_at")
