"""the first tables"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("username", sa.String(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("store_id", sa.Uuid(), nullable=True),
        sa.Column("area_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(role = 'clerk') = (store_id IS NOT NULL)", name=op.f("ck_accounts_store")),
        sa.CheckConstraint(
            "(role = 'customer') = (phone IS NOT NULL) AND (role = 'customer') = (username IS NULL) AND (username IS NULL) = (password_hash IS NULL)",
            name=op.f("ck_accounts_credentials"),
        ),
        sa.CheckConstraint("role IN ('customer', 'clerk', 'rider', 'dispatcher', 'hq')", name=op.f("ck_accounts_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("phone", name=op.f("uq_accounts_phone")),
        sa.UniqueConstraint("username", name=op.f("uq_accounts_username")),
    )
    op.create_table(
        "areas",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_areas")),
        sa.UniqueConstraint("name", name=op.f("uq_areas_name")),
    )
    op.create_table(
        "campaigns",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("threshold_fen", sa.BigInteger(), nullable=False),
        sa.Column("most_fen", sa.BigInteger(), nullable=True),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.Column("on_joining", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('fixed', 'percent') AND value > 0 AND (kind = 'fixed' OR value <= 100)",
            name=op.f("ck_campaigns_value"),
        ),
        sa.CheckConstraint(
            "threshold_fen >= 0 AND valid_days > 0 AND (most_fen IS NULL OR most_fen > 0)",
            name=op.f("ck_campaigns_terms"),
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_campaigns")),
    )
    op.create_table(
        "categories",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("picture", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_categories")),
    )
    op.create_table(
        "channel_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("sku", sa.String(), nullable=True),
        sa.Column("safety", sa.Integer(), nullable=True),
        sa.Column("threshold", sa.Integer(), nullable=True),
        sa.Column("offered", sa.Boolean(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_rules")),
    )
    op.create_table(
        "flash_buckets",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("free", sa.Integer(), nullable=False),
        sa.CheckConstraint("free >= 0", name=op.f("ck_flash_buckets_free_not_negative")),
        sa.PrimaryKeyConstraint("store_id", "sku", "number", name=op.f("pk_flash_buckets")),
        postgresql_with={"fillfactor": "50", "autovacuum_vacuum_scale_factor": "0.05"},
    )
    op.create_table(
        "hand_actions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_actions")),
    )
    op.create_index("ix_hand_actions_area", "hand_actions", ["area_id", "at"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(op.f("ix_idempotency_keys_at"), "idempotency_keys", ["at"], unique=False)
    op.create_table(
        "incidents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("rider_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index(
        "ix_incidents_open", "incidents", ["area_id"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("debt", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("pending >= 0 AND active >= 0 AND held >= 0 AND debt >= 0", name=op.f("ck_members_points")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("code", name=op.f("uq_members_code")),
    )
    op.create_index("ix_members_tier", "members", ["tier"], unique=False, postgresql_where=sa.text("tier <> 'basic'"))
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("address", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("preference", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("goods_fen", sa.BigInteger(), nullable=False),
        sa.Column("coupon_id", sa.Uuid(), nullable=True),
        sa.Column("coupon_fen", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("points_fen", sa.BigInteger(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("charged_fen", sa.BigInteger(), nullable=True),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("promise_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promise_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pay_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('app', 'till') AND method IN ('delivery', 'pickup')", name=op.f("ck_orders_kinds")
        ),
        sa.CheckConstraint(
            "charged_fen <= total_fen AND refunded_fen <= charged_fen", name=op.f("ck_orders_never_more_than_agreed")
        ),
        sa.CheckConstraint(
            "least(coupon_fen, points, points_fen, fee_fen, total_fen, refunded_fen) >= 0",
            name=op.f("ck_orders_not_negative"),
        ),
        sa.CheckConstraint(
            "total_fen = goods_fen - coupon_fen - points_fen + fee_fen", name=op.f("ck_orders_total_is_its_parts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("order_no", name=op.f("uq_orders_order_no")),
    )
    op.create_index(
        "ix_orders_due", "orders", ["state", "due_at"], unique=False, postgresql_where=sa.text("due_at IS NOT NULL")
    )
    op.create_index("ix_orders_member", "orders", ["member_id", "id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("channels", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("relayed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("seq", name=op.f("uq_outbox_seq")),
    )
    op.create_index("ix_outbox_waiting", "outbox", ["id"], unique=False, postgresql_where=sa.text("NOT relayed"))
    op.create_table(
        "payment_webhook_inbox",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_webhook_inbox")),
    )
    op.create_index(op.f("ix_payment_webhook_inbox_ref"), "payment_webhook_inbox", ["ref"], unique=False)
    op.create_table(
        "payments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("authorised_fen", sa.BigInteger(), nullable=False),
        sa.Column("captured_fen", sa.BigInteger(), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "captured_fen <= authorised_fen AND authorised_fen <= amount_fen", name=op.f("ck_payments_captured")
        ),
        sa.CheckConstraint("refunded_fen >= 0 AND refunded_fen <= captured_fen", name=op.f("ck_payments_refunded")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("order_id", name=op.f("uq_payments_order_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_payments_ref")),
    )
    op.create_table(
        "pick_tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("preference", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("work_s", sa.Integer(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("assigned_to", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("preference IN ('ask', 'substitute', 'refund')", name=op.f("ck_pick_tasks_preference")),
        sa.CheckConstraint(
            "state IN ('queued', 'picking', 'picked', 'rejected', 'cancelled')", name=op.f("ck_pick_tasks_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick_tasks")),
        sa.UniqueConstraint("shipment_id", name=op.f("uq_pick_tasks_shipment_id")),
    )
    op.create_index(op.f("ix_pick_tasks_order_id"), "pick_tasks", ["order_id"], unique=False)
    op.create_index(
        "ix_pick_tasks_queue",
        "pick_tasks",
        ["store_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'picking')"),
    )
    op.create_index("ix_pick_tasks_store_state", "pick_tasks", ["store_id", "state", "ended_at"], unique=False)
    op.create_table(
        "reservations",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("skus", postgresql.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("quantities", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state = 'held') <= (expires_at IS NOT NULL)", name=op.f("ck_reservations_a_hold_has_an_end")
        ),
        sa.CheckConstraint(
            "state IN ('held', 'committed', 'consumed', 'released', 'expired')", name=op.f("ck_reservations_state")
        ),
        sa.CheckConstraint("cardinality(skus) = cardinality(quantities)", name=op.f("ck_reservations_lines_pair_up")),
        sa.PrimaryKeyConstraint("order_id", "id", name=op.f("pk_reservations")),
        postgresql_with={"fillfactor": "70", "autovacuum_vacuum_scale_factor": "0.05"},
    )
    op.create_index(
        "ix_reservations_live",
        "reservations",
        ["store_id", "expires_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('held', 'committed')"),
    )
    op.create_table(
        "rider_tracks",
        sa.Column("rider_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("rider_id", "at", name=op.f("pk_rider_tracks")),
    )
    op.create_table(
        "riders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("vehicle", sa.String(), nullable=False),
        sa.Column("capacity_g", sa.Integer(), nullable=False),
        sa.Column("max_jobs", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("break_wanted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_riders")),
    )
    op.create_index(op.f("ix_riders_area_id"), "riders", ["area_id"], unique=False)
    op.create_table(
        "rounds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("jobs", sa.Integer(), nullable=False),
        sa.Column("riders", sa.Integer(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.Column("deferred", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("policy", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("problem", postgresql.BYTEA(), nullable=False),
        sa.Column("plan", postgresql.BYTEA(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("breaches", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rounds")),
    )
    op.create_index("ix_rounds_area", "rounds", ["area_id", "at"], unique=False)
    op.create_table(
        "sandbox_charges",
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("captured_fen", sa.BigInteger(), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_sandbox_charges")),
    )
    op.create_table(
        "sandbox_notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sends_left", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox_notices")),
    )
    op.create_index(
        "ix_sandbox_notices_due",
        "sandbox_notices",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("sends_left > 0"),
    )
    op.create_table(
        "sign_in_codes",
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.CheckConstraint("tries_left >= 0", name=op.f("ck_sign_in_codes_tries")),
        sa.PrimaryKeyConstraint("phone", name=op.f("pk_sign_in_codes")),
    )
    op.create_index(op.f("ix_sign_in_codes_expires_at"), "sign_in_codes", ["expires_at"], unique=False)
    op.create_table(
        "stamps",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("stamp", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_stamps")),
    )
    op.create_table(
        "stock_count_lines",
        sa.Column("count_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(collation="C"), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("posted", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("count_id", "sku", name=op.f("pk_stock_count_lines")),
    )
    op.create_table(
        "stock_counts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("scope IN ('directed', 'full')", name=op.f("ck_stock_counts_scope")),
        sa.CheckConstraint(
            "state IN ('requested', 'counting', 'counted', 'posted', 'canceled')", name=op.f("ck_stock_counts_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_counts")),
    )
    op.create_index(
        "ix_stock_counts_open",
        "stock_counts",
        ["store_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('requested', 'counting', 'counted')"),
    )
    op.create_table(
        "stock_discrepancies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(collation="C"), nullable=False),
        sa.Column("cause", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_discrepancies")),
    )
    op.create_index(
        "uq_stock_discrepancies_open",
        "stock_discrepancies",
        ["store_id", "sku"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "stock_entries",
        sa.Column("cause", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(collation="C"), nullable=False),
        sa.Column("bucket", sa.Text(collation="C"), nullable=False),
        sa.Column("kind", sa.Text(collation="C"), nullable=False),
        sa.Column("delta", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("cause", "store_id", "sku", "bucket", "kind", name=op.f("pk_stock_entries")),
    )
    op.create_index(
        "ix_stock_entries_shelf",
        "stock_entries",
        ["store_id", "sku", "recorded_at"],
        unique=False,
        postgresql_where=sa.text("bucket = 'on_hand'"),
    )
    op.create_table(
        "stock_items",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(collation="C"), nullable=False),
        sa.Column("on_hand", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reserved", sa.Integer(), server_default="0", nullable=False),
        sa.Column("safety", sa.Integer(), server_default="0", nullable=False),
        sa.Column("damaged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("quality_control", sa.Integer(), server_default="0", nullable=False),
        sa.Column("in_transit", sa.Integer(), server_default="0", nullable=False),
        sa.Column("threshold", sa.Integer(), server_default="0", nullable=False),
        sa.Column("offered", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("short", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("flash", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "damaged >= 0 AND quality_control >= 0 AND in_transit >= 0",
            name=op.f("ck_stock_items_buckets_not_negative"),
        ),
        sa.CheckConstraint(
            "reserved >= 0 AND safety >= 0 AND threshold >= 0", name=op.f("ck_stock_items_promises_not_negative")
        ),
        sa.CheckConstraint(
            "short OR reserved + damaged + quality_control <= on_hand", name=op.f("ck_stock_items_never_oversold")
        ),
        sa.PrimaryKeyConstraint("store_id", "sku", name=op.f("pk_stock_items")),
        postgresql_with={"fillfactor": "50", "autovacuum_vacuum_scale_factor": "0.05"},
    )
    op.create_table(
        "stock_lots",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(collation="C"), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("quantity", sa.Integer(), server_default="0", nullable=False),
        sa.Column("blocked", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_stock_lots_quantity_not_negative")),
        sa.PrimaryKeyConstraint("store_id", "sku", "code", name=op.f("pk_stock_lots")),
    )
    op.create_index(
        "ix_stock_lots_first_expired",
        "stock_lots",
        ["store_id", "sku", "expires_on"],
        unique=False,
        postgresql_where=sa.text("quantity > 0"),
    )
    op.create_table(
        "stock_promotions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=True),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_promotions")),
    )
    op.create_table(
        "stock_transfer_lines",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(collation="C"), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=True),
        sa.Column("lost", sa.Integer(), nullable=True),
        sa.Column("loss_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "coalesce(lost, 0) = 0 OR loss_reason IS NOT NULL", name=op.f("ck_stock_transfer_lines_a_loss_has_a_reason")
        ),
        sa.CheckConstraint(
            "quantity > 0 AND (received IS NULL OR quantity = received + lost)",
            name=op.f("ck_stock_transfer_lines_conserves"),
        ),
        sa.PrimaryKeyConstraint("transfer_id", "sku", name=op.f("pk_stock_transfer_lines")),
    )
    op.create_table(
        "stock_transfers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_store_id", sa.Uuid(), nullable=False),
        sa.Column("to_store_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'in_transit', 'received', 'canceled')", name=op.f("ck_stock_transfers_state")
        ),
        sa.CheckConstraint("from_store_id <> to_store_id", name=op.f("ck_stock_transfers_two_stores")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_transfers")),
    )
    op.create_table(
        "stock_write_offs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(collation="C"), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("lot_code", sa.String(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "sku", name=op.f("pk_stock_write_offs")),
    )
    op.create_index(op.f("ix_stock_write_offs_at"), "stock_write_offs", ["at"], unique=False)
    op.create_table(
        "supply_notice_lines",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(collation="C"), nullable=False),
        sa.Column("announced", sa.Integer(), server_default="0", nullable=False),
        sa.Column("received", sa.Integer(), server_default="0", nullable=False),
        sa.Column("damaged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refused", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("notice_id", "sku", name=op.f("pk_supply_notice_lines")),
    )
    op.create_table(
        "supply_notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("supplier", sa.String(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('announced', 'received', 'canceled')", name=op.f("ck_supply_notices_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_notices")),
        sa.UniqueConstraint("receipt_id", name=op.f("uq_supply_notices_receipt_id")),
    )
    op.create_index("ix_supply_notices_store", "supply_notices", ["store_id", "due_at"], unique=False)
    op.create_table(
        "supply_proposals",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(collation="C"), nullable=False),
        sa.Column("supplier", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("daily_milli", sa.Integer(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("model_permille", sa.Integer(), nullable=True),
        sa.Column("naive_permille", sa.Integer(), nullable=True),
        sa.Column("because", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("store_id", "sku", name=op.f("pk_supply_proposals")),
    )
    op.create_table(
        "supply_terms",
        sa.Column("sku", sa.Text(collation="C"), nullable=False),
        sa.Column("supplier", sa.String(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("review_days", sa.Integer(), nullable=False),
        sa.Column("multiple", sa.Integer(), nullable=False),
        sa.Column("weeks_of_supply", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "lead_days BETWEEN 0 AND 90 AND review_days BETWEEN 1 AND 28", name=op.f("ck_supply_terms_days")
        ),
        sa.CheckConstraint(
            "multiple BETWEEN 1 AND 9999 AND weeks_of_supply BETWEEN 1 AND 26", name=op.f("ck_supply_terms_units")
        ),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_supply_terms")),
    )
    op.create_table(
        "wanted_riders",
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("riders", sa.Integer(), nullable=False),
        sa.CheckConstraint("riders >= 0", name=op.f("ck_wanted_riders_riders")),
        sa.PrimaryKeyConstraint("area_id", "starts_at", name=op.f("pk_wanted_riders")),
    )
    op.create_table(
        "coupons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("threshold_fen", sa.BigInteger(), nullable=False),
        sa.Column("most_fen", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("discount_fen", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latest_expiry_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(state IN ('locked', 'used')) = (order_id IS NOT NULL)", name=op.f("ck_coupons_order")),
        sa.CheckConstraint(
            "state IN ('issued', 'locked', 'used', 'expired', 'revoked')", name=op.f("ck_coupons_state")
        ),
        sa.ForeignKeyConstraint(["campaign"], ["campaigns.code"], name=op.f("fk_coupons_campaign")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_coupons_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupons")),
        sa.UniqueConstraint("cause", name=op.f("uq_coupons_cause")),
    )
    op.create_index(op.f("ix_coupons_expires_at"), "coupons", ["expires_at"], unique=False)
    op.create_index(op.f("ix_coupons_member_id"), "coupons", ["member_id"], unique=False)
    op.create_index(
        "uq_coupons_one_an_order",
        "coupons",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("order_id IS NOT NULL"),
    )
    op.create_table(
        "order_history",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("was", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_history_order_id")),
        sa.PrimaryKeyConstraint("order_id", "version", name=op.f("pk_order_history")),
    )
    op.create_table(
        "order_lines",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("weighed", sa.Boolean(), nullable=False),
        sa.Column("piece_g", sa.Integer(), nullable=False),
        sa.Column("unit_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("gross_fen", sa.BigInteger(), nullable=False),
        sa.Column("coupon_fen", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("points_fen", sa.BigInteger(), nullable=False),
        sa.Column("due_fen", sa.BigInteger(), nullable=False),
        sa.Column("picked", sa.Integer(), nullable=True),
        sa.Column("picked_g", sa.Integer(), nullable=True),
        sa.Column("substitute_sku", sa.String(), nullable=True),
        sa.Column("substitute_quantity", sa.Integer(), nullable=False),
        sa.Column("charged_fen", sa.BigInteger(), nullable=True),
        sa.Column("points_kept", sa.Integer(), nullable=True),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "charged_fen <= due_fen AND refunded_fen <= charged_fen", name=op.f("ck_order_lines_never_more_than_agreed")
        ),
        sa.CheckConstraint(
            "due_fen = gross_fen - coupon_fen - points_fen", name=op.f("ck_order_lines_due_is_its_parts")
        ),
        sa.CheckConstraint(
            "quantity > 0 AND least(gross_fen, coupon_fen, points, points_fen, due_fen) >= 0",
            name=op.f("ck_order_lines_counts"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id")),
        sa.PrimaryKeyConstraint("order_id", "no", name=op.f("pk_order_lines")),
    )
    op.create_index("uq_order_lines_sku", "order_lines", ["order_id", "sku"], unique=True)
    op.create_table(
        "order_refunds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_order_refunds_not_negative")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_refunds_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_refunds")),
    )
    op.create_index(op.f("ix_order_refunds_order_id"), "order_refunds", ["order_id"], unique=False)
    op.create_table(
        "payment_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_payment_entries_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_entries")),
        sa.UniqueConstraint("cause", "account", name=op.f("uq_payment_entries_cause_account")),
    )
    op.create_index(op.f("ix_payment_entries_at"), "payment_entries", ["at"], unique=False)
    op.create_index(op.f("ix_payment_entries_payment_id"), "payment_entries", ["payment_id"], unique=False)
    op.create_table(
        "payment_operations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_payment_operations_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_operations")),
        sa.UniqueConstraint("payment_id", "kind", "cause", name=op.f("uq_payment_operations_payment_id_kind_cause")),
    )
    op.create_index(
        "ix_payment_operations_waiting",
        "payment_operations",
        ["asked_at"],
        unique=False,
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_table(
        "pick_lines",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("weighed", sa.Boolean(), nullable=False),
        sa.Column("piece_g", sa.Integer(), nullable=False),
        sa.Column("picked", sa.Integer(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("short", sa.Integer(), nullable=False),
        sa.Column("short_reason", sa.String(), nullable=True),
        sa.Column("substitute_sku", sa.String(), nullable=True),
        sa.Column("substitute_name", sa.String(), nullable=True),
        sa.Column("substitute_quantity", sa.Integer(), nullable=False),
        sa.Column("substitute_fen", sa.Integer(), nullable=False),
        sa.Column("consent", sa.String(), nullable=True),
        sa.Column("consent_by", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("consent IN ('waiting', 'approved', 'rejected')", name=op.f("ck_pick_lines_consent")),
        sa.CheckConstraint(
            "picked >= 0 AND short >= 0 AND picked + short <= quantity", name=op.f("ck_pick_lines_not_more_than_wanted")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["pick_tasks.id"], name=op.f("fk_pick_lines_task_id")),
        sa.PrimaryKeyConstraint("task_id", "sku", name=op.f("pk_pick_lines")),
    )
    op.create_table(
        "pick_scans",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("scan_id", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("clerk_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["pick_tasks.id"], name=op.f("fk_pick_scans_task_id")),
        sa.PrimaryKeyConstraint("task_id", "scan_id", name=op.f("pk_pick_scans")),
    )
    op.create_table(
        "planned_shifts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rider_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_by", sa.Uuid(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_planned_shifts_order")),
        sa.ForeignKeyConstraint(["rider_id"], ["riders.id"], name=op.f("fk_planned_shifts_rider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_shifts")),
    )
    op.create_index(
        "ix_planned_shifts_area",
        "planned_shifts",
        ["area_id", "starts_at"],
        unique=False,
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_index(
        "ix_planned_shifts_rider",
        "planned_shifts",
        ["rider_id", "starts_at"],
        unique=False,
        postgresql_where=sa.text("cancelled_at IS NULL"),
    )
    op.create_table(
        "points_adjustments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("approver_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_points_adjustments_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_adjustments")),
    )
    op.create_index(op.f("ix_points_adjustments_member_id"), "points_adjustments", ["member_id"], unique=False)
    op.create_table(
        "points_holds",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("restored", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('held', 'redeemed', 'released')", name=op.f("ck_points_holds_state")),
        sa.CheckConstraint("points > 0 AND restored BETWEEN 0 AND points", name=op.f("ck_points_holds_points")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_points_holds_member_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_points_holds")),
    )
    op.create_index(op.f("ix_points_holds_member_id"), "points_holds", ["member_id"], unique=False)
    op.create_table(
        "points_lots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.Column("taken_back", sa.Integer(), nullable=False),
        sa.Column("expired", sa.Integer(), nullable=False),
        sa.Column("clawed", sa.Integer(), nullable=False),
        sa.Column("base_fen", sa.BigInteger(), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.Column("earned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("active_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("latest_expiry_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "clawed BETWEEN 0 AND granted AND refunded_fen BETWEEN 0 AND base_fen", name=op.f("ck_points_lots_refunds")
        ),
        sa.CheckConstraint(
            "granted = pending + active + held + spent + taken_back + expired", name=op.f("ck_points_lots_whole")
        ),
        sa.CheckConstraint(
            "pending >= 0 AND active >= 0 AND held >= 0 AND spent >= 0 AND taken_back >= 0 AND expired >= 0",
            name=op.f("ck_points_lots_parts"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_points_lots_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_lots")),
        sa.UniqueConstraint("cause", name=op.f("uq_points_lots_cause")),
    )
    op.create_index(
        "ix_points_lots_active", "points_lots", ["expires_at"], unique=False, postgresql_where=sa.text("active > 0")
    )
    op.create_index("ix_points_lots_member_id_earned_at", "points_lots", ["member_id", "earned_at"], unique=False)
    op.create_index(op.f("ix_points_lots_order_id"), "points_lots", ["order_id"], unique=False)
    op.create_index(
        "ix_points_lots_pending", "points_lots", ["active_from"], unique=False, postgresql_where=sa.text("pending > 0")
    )
    op.create_table(
        "points_reversals",
        sa.Column("refund_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.Column("taken_back", sa.Integer(), nullable=False),
        sa.Column("owed", sa.Integer(), nullable=False),
        sa.Column("restored", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_points_reversals_member_id")),
        sa.PrimaryKeyConstraint("refund_id", name=op.f("pk_points_reversals")),
    )
    op.create_index(op.f("ix_points_reversals_order_id"), "points_reversals", ["order_id"], unique=False)
    op.create_table(
        "products",
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("barcode", sa.String(), nullable=True),
        sa.Column("item_number", sa.String(), nullable=True),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("weighed", sa.Boolean(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("picture", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("substitutes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("found_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("unit IN ('piece', 'kg')", name=op.f("ck_products_unit")),
        sa.CheckConstraint("weighed = (unit = 'kg')", name=op.f("ck_products_weighed")),
        sa.CheckConstraint("price_fen >= 0", name=op.f("ck_products_price")),
        sa.CheckConstraint("weight_g >= 0", name=op.f("ck_products_weight")),
        sa.ForeignKeyConstraint(["category"], ["categories.code"], name=op.f("fk_products_category")),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_products")),
        sa.UniqueConstraint("barcode", name=op.f("uq_products_barcode")),
        sa.UniqueConstraint("item_number", name=op.f("uq_products_item_number")),
    )
    op.create_index("ix_products_shelf", "products", ["category", "sku"], unique=False, postgresql_where="active")
    op.create_table(
        "return_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("nos", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("quantities", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("refund_fen", sa.BigInteger(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('refund', 'return')", name=op.f("ck_return_requests_kind")),
        sa.CheckConstraint("cardinality(nos) = cardinality(quantities)", name=op.f("ck_return_requests_lines_pair_up")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_return_requests_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_requests")),
    )
    op.create_index(
        "ix_return_requests_open",
        "return_requests",
        ["state", "requested_at"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(op.f("ix_return_requests_order_id"), "return_requests", ["order_id"], unique=False)
    op.create_table(
        "sandbox_requests",
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ref"], ["sandbox_charges.ref"], name=op.f("fk_sandbox_requests_ref")),
        sa.PrimaryKeyConstraint("operation_id", name=op.f("pk_sandbox_requests")),
    )
    op.create_index(op.f("ix_sandbox_requests_ref"), "sandbox_requests", ["ref"], unique=False)
    op.create_table(
        "shifts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rider_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["rider_id"], ["riders.id"], name=op.f("fk_shifts_rider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shifts")),
    )
    op.create_index("ix_shifts_rider", "shifts", ["rider_id", "started_at"], unique=False)
    op.create_index("uq_shifts_open", "shifts", ["rider_id"], unique=True, postgresql_where=sa.text("ended_at IS NULL"))
    op.create_table(
        "shipments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("leg", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("reservation_id", sa.Uuid(), nullable=False),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("happened", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_shipments_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipments")),
        sa.UniqueConstraint("task_id", name=op.f("uq_shipments_task_id")),
    )
    op.create_index("ix_shipments_order", "shipments", ["order_id", "attempt"], unique=False)
    op.create_index("ix_shipments_store", "shipments", ["store_id", "state"], unique=False)
    op.create_index(
        "uq_shipments_one_live_store",
        "shipments",
        ["order_id", "leg"],
        unique=True,
        postgresql_where=sa.text("state IN ('held', 'open', 'picking', 'packed', 'handed_over')"),
    )
    op.create_table(
        "stores",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("pick_line_s", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90", name=op.f("ck_stores_place")),
        sa.CheckConstraint("pick_line_s > 0", name=op.f("ck_stores_pick_line")),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_stores_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stores")),
        sa.UniqueConstraint("code", name=op.f("uq_stores_code")),
    )
    op.create_index(op.f("ix_stores_area_id"), "stores", ["area_id"], unique=False)
    op.create_table(
        "token_families",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_token_families_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_families")),
    )
    op.create_index(op.f("ix_token_families_account_id"), "token_families", ["account_id"], unique=False)
    op.create_index(op.f("ix_token_families_expires_at"), "token_families", ["expires_at"], unique=False)
    op.create_table(
        "trips",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rider_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offer_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("distance_m", sa.Integer(), nullable=False),
        sa.Column("earnings_fen", sa.BigInteger(), nullable=False),
        sa.Column("locked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["rider_id"], ["riders.id"], name=op.f("fk_trips_rider_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trips")),
    )
    op.create_index("ix_trips_area", "trips", ["area_id", "offered_at"], unique=False)
    op.create_index("ix_trips_rider", "trips", ["rider_id", "ended_at"], unique=False)
    op.create_index(
        "uq_trips_live",
        "trips",
        ["rider_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('offered', 'accepted')"),
    )
    op.create_table(
        "coupon_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("coupon_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupons.id"], name=op.f("fk_coupon_entries_coupon_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_entries")),
    )
    op.create_index(op.f("ix_coupon_entries_coupon_id"), "coupon_entries", ["coupon_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("shipment_id", sa.Uuid(), nullable=False),
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("pickup_lon", sa.Double(), nullable=False),
        sa.Column("pickup_lat", sa.Double(), nullable=False),
        sa.Column("dropoff_lon", sa.Double(), nullable=False),
        sa.Column("dropoff_lat", sa.Double(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("weight_g", sa.Integer(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("goods_ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hold_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("only_for", sa.Uuid(), nullable=True),
        sa.Column("again_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("wrong_codes", sa.Integer(), nullable=False),
        sa.Column("rider_id", sa.Uuid(), nullable=True),
        sa.Column("trip_id", sa.Uuid(), nullable=True),
        sa.Column("picked_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state IN ('assigned', 'picked_up')) <= (rider_id IS NOT NULL AND trip_id IS NOT NULL)",
            name=op.f("ck_deliveries_carried"),
        ),
        sa.ForeignKeyConstraint(["rider_id"], ["riders.id"], name=op.f("fk_deliveries_rider_id")),
        sa.ForeignKeyConstraint(["trip_id"], ["trips.id"], name=op.f("fk_deliveries_trip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("shipment_id", name=op.f("uq_deliveries_shipment_id")),
    )
    op.create_index(
        "ix_deliveries_open", "deliveries", ["area_id"], unique=False, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index(op.f("ix_deliveries_order_id"), "deliveries", ["order_id"], unique=False)
    op.create_table(
        "opening_hours",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens_min", sa.Integer(), nullable=False),
        sa.Column("closes_min", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "opens_min BETWEEN 0 AND 1439 AND closes_min > opens_min AND closes_min <= 2880",
            name=op.f("ck_opening_hours_window"),
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_opening_hours_weekday")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_opening_hours_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_hours")),
    )
    op.create_index(op.f("ix_opening_hours_store_id"), "opening_hours", ["store_id"], unique=False)
    op.create_table(
        "points_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("active", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("debt", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["points_lots.id"], name=op.f("fk_points_entries_lot_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_points_entries_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_entries")),
        sa.UniqueConstraint("cause", "kind", "lot_id", name=op.f("uq_points_entries_cause_kind_lot_id")),
    )
    op.create_index(op.f("ix_points_entries_lot_id"), "points_entries", ["lot_id"], unique=False)
    op.create_index("ix_points_entries_member_id_id", "points_entries", ["member_id", "id"], unique=False)
    op.create_table(
        "points_hold_parts",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("restored", sa.Integer(), nullable=False),
        sa.CheckConstraint("points > 0 AND restored BETWEEN 0 AND points", name=op.f("ck_points_hold_parts_points")),
        sa.ForeignKeyConstraint(["lot_id"], ["points_lots.id"], name=op.f("fk_points_hold_parts_lot_id")),
        sa.ForeignKeyConstraint(["order_id"], ["points_holds.order_id"], name=op.f("fk_points_hold_parts_order_id")),
        sa.PrimaryKeyConstraint("order_id", "turn", "nth", name=op.f("pk_points_hold_parts")),
    )
    op.create_table(
        "price_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sku"], ["products.sku"], name=op.f("fk_price_changes_sku")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_changes")),
    )
    op.create_index(op.f("ix_price_changes_sku"), "price_changes", ["sku"], unique=False)
    op.create_table(
        "refresh_tokens",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["family_id"], ["token_families.id"], name=op.f("fk_refresh_tokens_family_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_refresh_tokens")),
    )
    op.create_index(op.f("ix_refresh_tokens_family_id"), "refresh_tokens", ["family_id"], unique=False)
    op.create_table(
        "service_zones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("polygon", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("min_basket_fen", sa.BigInteger(), nullable=False),
        sa.Column("max_distance_m", sa.Integer(), nullable=True),
        sa.Column("speed", sa.String(), nullable=False),
        sa.Column("excluded", sa.Boolean(), nullable=False),
        sa.CheckConstraint("fee_fen >= 0 AND min_basket_fen >= 0", name=op.f("ck_service_zones_money")),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_service_zones_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_zones")),
    )
    op.create_index(op.f("ix_service_zones_store_id"), "service_zones", ["store_id"], unique=False)
    op.create_table(
        "special_days",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens_min", sa.Integer(), nullable=True),
        sa.Column("closes_min", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(opens_min IS NULL) = (closes_min IS NULL) AND (opens_min IS NULL OR (opens_min BETWEEN 0 AND 1439 AND closes_min > opens_min AND closes_min <= 2880))",
            name=op.f("ck_special_days_window"),
        ),
        sa.ForeignKeyConstraint(["store_id"], ["stores.id"], name=op.f("fk_special_days_store_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special_days")),
    )
    op.create_index(op.f("ix_special_days_store_id"), "special_days", ["store_id"], unique=False)
    op.create_table(
        "courier_jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("courier", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pickup_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deliver_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_courier_jobs_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courier_jobs")),
    )
    op.create_index(
        "ix_courier_jobs_area", "courier_jobs", ["area_id"], unique=False, postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_index(
        "uq_courier_jobs_open",
        "courier_jobs",
        ["delivery_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "delivery_refusals",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("rider_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_delivery_refusals_delivery_id")),
        sa.ForeignKeyConstraint(["rider_id"], ["riders.id"], name=op.f("fk_delivery_refusals_rider_id")),
        sa.PrimaryKeyConstraint("delivery_id", "rider_id", name=op.f("pk_delivery_refusals")),
    )
    op.create_table(
        "stops",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("trip_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("eta_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proof", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_stops_delivery_id")),
        sa.ForeignKeyConstraint(["trip_id"], ["trips.id"], name=op.f("fk_stops_trip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stops")),
    )
    op.create_index(op.f("ix_stops_delivery_id"), "stops", ["delivery_id"], unique=False)
    op.create_index(
        "uq_stops_open",
        "stops",
        ["trip_id", "delivery_id", "kind"],
        unique=True,
        postgresql_where=sa.text("state IN ('pending', 'arrived')"),
    )


def downgrade() -> None:
    op.drop_index("uq_stops_open", table_name="stops", postgresql_where=sa.text("state IN ('pending', 'arrived')"))
    op.drop_index(op.f("ix_stops_delivery_id"), table_name="stops")
    op.drop_table("stops")
    op.drop_table("delivery_refusals")
    op.drop_index("uq_courier_jobs_open", table_name="courier_jobs", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("ix_courier_jobs_area", table_name="courier_jobs", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_table("courier_jobs")
    op.drop_index(op.f("ix_special_days_store_id"), table_name="special_days")
    op.drop_table("special_days")
    op.drop_index(op.f("ix_service_zones_store_id"), table_name="service_zones")
    op.drop_table("service_zones")
    op.drop_index(op.f("ix_refresh_tokens_family_id"), table_name="refresh_tokens")
    op.drop_table("refresh_tokens")
    op.drop_index(op.f("ix_price_changes_sku"), table_name="price_changes")
    op.drop_table("price_changes")
    op.drop_table("points_hold_parts")
    op.drop_index("ix_points_entries_member_id_id", table_name="points_entries")
    op.drop_index(op.f("ix_points_entries_lot_id"), table_name="points_entries")
    op.drop_table("points_entries")
    op.drop_index(op.f("ix_opening_hours_store_id"), table_name="opening_hours")
    op.drop_table("opening_hours")
    op.drop_index(op.f("ix_deliveries_order_id"), table_name="deliveries")
    op.drop_index("ix_deliveries_open", table_name="deliveries", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_table("deliveries")
    op.drop_index(op.f("ix_coupon_entries_coupon_id"), table_name="coupon_entries")
    op.drop_table("coupon_entries")
    op.drop_index("uq_trips_live", table_name="trips", postgresql_where=sa.text("state IN ('offered', 'accepted')"))
    op.drop_index("ix_trips_rider", table_name="trips")
    op.drop_index("ix_trips_area", table_name="trips")
    op.drop_table("trips")
    op.drop_index(op.f("ix_token_families_expires_at"), table_name="token_families")
    op.drop_index(op.f("ix_token_families_account_id"), table_name="token_families")
    op.drop_table("token_families")
    op.drop_index(op.f("ix_stores_area_id"), table_name="stores")
    op.drop_table("stores")
    op.drop_index(
        "uq_shipments_one_live_store",
        table_name="shipments",
        postgresql_where=sa.text("state IN ('held', 'open', 'picking', 'packed', 'handed_over')"),
    )
    op.drop_index("ix_shipments_store", table_name="shipments")
    op.drop_index("ix_shipments_order", table_name="shipments")
    op.drop_table("shipments")
    op.drop_index("uq_shifts_open", table_name="shifts", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_index("ix_shifts_rider", table_name="shifts")
    op.drop_table("shifts")
    op.drop_index(op.f("ix_sandbox_requests_ref"), table_name="sandbox_requests")
    op.drop_table("sandbox_requests")
    op.drop_index(op.f("ix_return_requests_order_id"), table_name="return_requests")
    op.drop_index("ix_return_requests_open", table_name="return_requests", postgresql_where=sa.text("ended_at IS NULL"))
    op.drop_table("return_requests")
    op.drop_index("ix_products_shelf", table_name="products", postgresql_where="active")
    op.drop_table("products")
    op.drop_index(op.f("ix_points_reversals_order_id"), table_name="points_reversals")
    op.drop_table("points_reversals")
    op.drop_index("ix_points_lots_pending", table_name="points_lots", postgresql_where=sa.text("pending > 0"))
    op.drop_index(op.f("ix_points_lots_order_id"), table_name="points_lots")
    op.drop_index("ix_points_lots_member_id_earned_at", table_name="points_lots")
    op.drop_index("ix_points_lots_active", table_name="points_lots", postgresql_where=sa.text("active > 0"))
    op.drop_table("points_lots")
    op.drop_index(op.f("ix_points_holds_member_id"), table_name="points_holds")
    op.drop_table("points_holds")
    op.drop_index(op.f("ix_points_adjustments_member_id"), table_name="points_adjustments")
    op.drop_table("points_adjustments")
    op.drop_index(
        "ix_planned_shifts_rider", table_name="planned_shifts", postgresql_where=sa.text("cancelled_at IS NULL")
    )
    op.drop_index(
        "ix_planned_shifts_area", table_name="planned_shifts", postgresql_where=sa.text("cancelled_at IS NULL")
    )
    op.drop_table("planned_shifts")
    op.drop_table("pick_scans")
    op.drop_table("pick_lines")
    op.drop_index(
        "ix_payment_operations_waiting", table_name="payment_operations", postgresql_where=sa.text("state = 'asked'")
    )
    op.drop_table("payment_operations")
    op.drop_index(op.f("ix_payment_entries_payment_id"), table_name="payment_entries")
    op.drop_index(op.f("ix_payment_entries_at"), table_name="payment_entries")
    op.drop_table("payment_entries")
    op.drop_index(op.f("ix_order_refunds_order_id"), table_name="order_refunds")
    op.drop_table("order_refunds")
    op.drop_index("uq_order_lines_sku", table_name="order_lines")
    op.drop_table("order_lines")
    op.drop_table("order_history")
    op.drop_index("uq_coupons_one_an_order", table_name="coupons", postgresql_where=sa.text("order_id IS NOT NULL"))
    op.drop_index(op.f("ix_coupons_member_id"), table_name="coupons")
    op.drop_index(op.f("ix_coupons_expires_at"), table_name="coupons")
    op.drop_table("coupons")
    op.drop_table("wanted_riders")
    op.drop_table("supply_terms")
    op.drop_table("supply_proposals")
    op.drop_index("ix_supply_notices_store", table_name="supply_notices")
    op.drop_table("supply_notices")
    op.drop_table("supply_notice_lines")
    op.drop_index(op.f("ix_stock_write_offs_at"), table_name="stock_write_offs")
    op.drop_table("stock_write_offs")
    op.drop_table("stock_transfers")
    op.drop_table("stock_transfer_lines")
    op.drop_table("stock_promotions")
    op.drop_index("ix_stock_lots_first_expired", table_name="stock_lots", postgresql_where=sa.text("quantity > 0"))
    op.drop_table("stock_lots")
    op.drop_table("stock_items")
    op.drop_index("ix_stock_entries_shelf", table_name="stock_entries", postgresql_where=sa.text("bucket = 'on_hand'"))
    op.drop_table("stock_entries")
    op.drop_index(
        "uq_stock_discrepancies_open", table_name="stock_discrepancies", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_table("stock_discrepancies")
    op.drop_index(
        "ix_stock_counts_open",
        table_name="stock_counts",
        postgresql_where=sa.text("state IN ('requested', 'counting', 'counted')"),
    )
    op.drop_table("stock_counts")
    op.drop_table("stock_count_lines")
    op.drop_table("stamps")
    op.drop_index(op.f("ix_sign_in_codes_expires_at"), table_name="sign_in_codes")
    op.drop_table("sign_in_codes")
    op.drop_index("ix_sandbox_notices_due", table_name="sandbox_notices", postgresql_where=sa.text("sends_left > 0"))
    op.drop_table("sandbox_notices")
    op.drop_table("sandbox_charges")
    op.drop_index("ix_rounds_area", table_name="rounds")
    op.drop_table("rounds")
    op.drop_index(op.f("ix_riders_area_id"), table_name="riders")
    op.drop_table("riders")
    op.drop_table("rider_tracks")
    op.drop_index(
        "ix_reservations_live", table_name="reservations", postgresql_where=sa.text("state IN ('held', 'committed')")
    )
    op.drop_table("reservations")
    op.drop_index("ix_pick_tasks_store_state", table_name="pick_tasks")
    op.drop_index(
        "ix_pick_tasks_queue", table_name="pick_tasks", postgresql_where=sa.text("state IN ('queued', 'picking')")
    )
    op.drop_index(op.f("ix_pick_tasks_order_id"), table_name="pick_tasks")
    op.drop_table("pick_tasks")
    op.drop_table("payments")
    op.drop_index(op.f("ix_payment_webhook_inbox_ref"), table_name="payment_webhook_inbox")
    op.drop_table("payment_webhook_inbox")
    op.drop_index("ix_outbox_waiting", table_name="outbox", postgresql_where=sa.text("NOT relayed"))
    op.drop_table("outbox")
    op.drop_index("ix_orders_member", table_name="orders")
    op.drop_index("ix_orders_due", table_name="orders", postgresql_where=sa.text("due_at IS NOT NULL"))
    op.drop_table("orders")
    op.drop_index("ix_members_tier", table_name="members", postgresql_where=sa.text("tier <> 'basic'"))
    op.drop_table("members")
    op.drop_index("ix_incidents_open", table_name="incidents", postgresql_where=sa.text("state = 'open'"))
    op.drop_table("incidents")
    op.drop_index(op.f("ix_idempotency_keys_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index("ix_hand_actions_area", table_name="hand_actions")
    op.drop_table("hand_actions")
    op.drop_table("flash_buckets")
    op.drop_table("channel_rules")
    op.drop_table("categories")
    op.drop_table("campaigns")
    op.drop_table("areas")
    op.drop_table("accounts")
