"""What a connection planned while the house was empty serves it as well when it is full."""

from typing import Any

import psycopg
from sqlalchemy import make_url

from o2o.infra.embedded import Addresses

PAYMENTS = 3_000
_NOTICE = """jsonb_build_object('notice', 'n' || n, 'ref', 'r' || n, 'fen', 100, 'provider', 'sandbox', 'body', '{}'::jsonb,
    'now', now())"""
_BOOK = f"SELECT payments_authorised_many((SELECT jsonb_agg({_NOTICE}) FROM generate_series(%s::int, %s::int) AS n))"
_FILL = """
    INSERT INTO payments (id, order_id, member_id, ref, provider, state, amount_fen, authorised_fen, captured_fen,
      refunded_fen, expires_at, opened_at)
    SELECT gen_random_uuid(), gen_random_uuid(), NULL, 'r' || n, 'sandbox', 'pending', 100, 0, 0, 0, now(), now()
      FROM generate_series(1, %s) AS n
"""
_READ = "SELECT seq_tup_read, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'payments'"


def test_several_notices_read_their_payments_alone_however_many_there_are(addresses: Addresses) -> None:
    url = make_url(addresses.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as db:
        db.execute("SET plan_cache_mode = force_generic_plan")
        db.execute("TRUNCATE payments CASCADE")
        assert db.execute(_BOOK, (1, 2)).fetchone() == ([None, None],)
        db.execute(_FILL, (PAYMENTS,))
        before = _read(db)
        assert db.execute(_BOOK, (7, 8)).fetchone() == (["applied", "applied"],)
        assert _read(db) == (before[0], before[1] + 6), "found, marked and told: each of the two once"
        db.rollback()


def _read(db: "psycopg.Connection[Any]") -> tuple[int, int]:
    """Payments read so far one after the other, and by an index."""
    whole, found = db.execute(_READ).fetchall()[0]
    return whole, found
