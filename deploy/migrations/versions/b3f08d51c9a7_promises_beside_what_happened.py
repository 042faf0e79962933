"""promises beside what happened, and what they teach"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "b3f08d51c9a7"
down_revision: str | None = "7c1e5a90b2d4"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "promise_outcomes",
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("promised_s", sa.Integer(), nullable=False),
        sa.Column("took_s", sa.Integer(), nullable=False),
        sa.Column("late_s", sa.Integer(), nullable=False),
        sa.Column("over_s", sa.Integer(), nullable=True),
        sa.Column("spread_s", sa.Integer(), nullable=False),
        sa.Column("stages", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_promise_outcomes_order_id")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipments.id"], name=op.f("fk_promise_outcomes_shipment_id")),
        sa.PrimaryKeyConstraint("shipment_id", name=op.f("pk_promise_outcomes")),
    )
    op.create_index(op.f("ix_promise_outcomes_order_id"), "promise_outcomes", ["order_id"])
    op.create_index("ix_promise_outcomes_came", "promise_outcomes", ["came_at"])
    op.create_index(
        "ix_promise_outcomes_new",
        "promise_outcomes",
        ["came_at", "shipment_id"],
        postgresql_where=sa.text("learned_at IS NULL"),
    )
    op.create_table(
        "store_paces",
        sa.Column("place", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("paces", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("margin", sa.Float(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("place", "method", name=op.f("pk_store_paces")),
    )


def downgrade() -> None:
    op.drop_table("store_paces")
    op.drop_table("promise_outcomes")
