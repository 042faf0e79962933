"""who has not followed an event yet"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "db7b3cf6829f"
down_revision: str | None = "e62e2e95ab7b"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("owed", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.add_column("outbox", sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_outbox_owed", "outbox", ["seq"], unique=False, postgresql_where=sa.text("owed <> '{}'::text[]"))


def downgrade() -> None:
    op.drop_index("ix_outbox_owed", table_name="outbox", postgresql_where=sa.text("owed <> '{}'::text[]"))
    op.drop_column("outbox", "remind_at")
    op.drop_column("outbox", "owed")
