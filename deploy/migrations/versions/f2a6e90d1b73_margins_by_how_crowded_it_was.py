"""margins by how crowded it was"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "f2a6e90d1b73"
down_revision: str | None = "5d20c4f7ab19"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("promise_outcomes", sa.Column("crowd", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column(
        "store_paces",
        sa.Column("crowds", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("store_paces", "crowds")
    op.drop_column("promise_outcomes", "crowd")
