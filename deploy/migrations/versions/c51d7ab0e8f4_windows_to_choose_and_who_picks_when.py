"""windows to choose, and who picks when"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "c51d7ab0e8f4"
down_revision: str | None = "e4a19c7d2b60"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "picker_shifts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("hands", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_by", sa.Uuid(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("hands > 0 AND ends_at > starts_at", name=op.f("ck_picker_shifts_makes_sense")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picker_shifts")),
    )
    op.create_index(
        "ix_picker_shifts_store",
        "picker_shifts",
        ["store_id", "starts_at"],
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_table(
        "slot_windows",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "starts_at", name=op.f("pk_slot_windows")),
    )
    op.create_table(
        "slot_bookings",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("work_s", sa.Integer(), nullable=False),
        sa.Column("rides", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('held', 'kept', 'released')", name=op.f("ck_slot_bookings_state")),
        sa.CheckConstraint("work_s >= 0 AND rides >= 0", name=op.f("ck_slot_bookings_not_negative")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_slot_bookings_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_slot_bookings")),
    )
    op.create_index(
        "ix_slot_bookings_live",
        "slot_bookings",
        ["store_id", "starts_at"],
        postgresql_where=sa.text("state IN ('held', 'kept')"),
    )
    op.create_index(
        "ix_slot_bookings_to_open",
        "slot_bookings",
        ["opens_at"],
        postgresql_where=sa.text("state = 'kept' AND opened_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("slot_bookings")
    op.drop_table("slot_windows")
    op.drop_table("picker_shifts")
