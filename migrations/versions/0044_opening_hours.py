"""opening hours"""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    for table in ("stations", "connectors"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("opening_hours", kit.db.Json, nullable=True))


def downgrade() -> None:
    """Go back."""
    for table in ("connectors", "stations"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("opening_hours")
