"""room beside rows that change with every message"""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

# With room in its page, PostgreSQL writes a row's new version beside the old one and touches none of the indexes.
FILL_PERCENT = {"sessions": 70, "connectors": 50, "stations": 50}


def upgrade() -> None:
    """Go forward."""
    if op.get_bind().dialect.name == "postgresql":
        for table, percent in FILL_PERCENT.items():
            op.execute(f"ALTER TABLE {table} SET (fillfactor = {percent})")


def downgrade() -> None:
    """Go back."""
    if op.get_bind().dialect.name == "postgresql":
        for table in FILL_PERCENT:
            op.execute(f"ALTER TABLE {table} RESET (fillfactor)")
