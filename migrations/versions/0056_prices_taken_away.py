"""A connector that sold can sell nothing again."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("tariff_assignments", schema=None) as batch_op:
        batch_op.alter_column("tariff_id", existing_type=sa.Uuid(), nullable=True)


def downgrade() -> None:
    """Go back: what sold nothing again sells at its price of before."""
    op.execute("DELETE FROM tariff_assignments WHERE tariff_id IS NULL")
    with op.batch_alter_table("tariff_assignments", schema=None) as batch_op:
        batch_op.alter_column("tariff_id", existing_type=sa.Uuid(), nullable=False)
