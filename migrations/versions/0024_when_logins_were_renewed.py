"""when logins were renewed"""

import sqlalchemy as sa
from alembic import op

import kit.db

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("stations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("login_renewed_at", kit.db.UtcDateTime(), nullable=True))
        batch_op.create_index("ix_stations_login_renewed_at", ["login_renewed_at"], unique=False)


def downgrade() -> None:
    """Go back."""
    with op.batch_alter_table("stations", schema=None) as batch_op:
        batch_op.drop_index("ix_stations_login_renewed_at")
        batch_op.drop_column("login_renewed_at")
