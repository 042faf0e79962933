"""where orders started lately

Revision ID: 5d20c4f7ab19
Revises: c51d7ab0e8f4
"""

from alembic import op

revision: str = "5d20c4f7ab19"
down_revision: str | None = "c51d7ab0e8f4"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    """Rounds look up the orders of an area by the hour they were asked for."""
    op.create_index("ix_deliveries_asked", "deliveries", ["area_id", "requested_at"])


def downgrade() -> None:
    """The index goes; no data with it."""
    op.drop_index("ix_deliveries_asked", table_name="deliveries")
