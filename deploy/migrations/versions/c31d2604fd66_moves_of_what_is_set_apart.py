"""moves of what is set apart"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "c31d2604fd66"
down_revision: str | None = "db7b3cf6829f"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(
        "ix_stock_entries_apart",
        "stock_entries",
        ["store_id", "sku", "recorded_at"],
        postgresql_where=sa.text("bucket IN ('damaged', 'quality_control', 'in_transit')"),
    )


def downgrade() -> None:
    op.drop_index("ix_stock_entries_apart", table_name="stock_entries")
