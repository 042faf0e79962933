"""One SKU that everybody wants: how fast it sells beside PostgreSQL alone, and that exactly what there is gets sold.

    python -m bench.hot_sku                                        # 100,000 attempts for 20,000 units: long
    python -m bench.hot_sku --attempts 5000 --units 1000 --seconds 10

First `place` by 32 connections on one SKU with enough of it, between two runs of pgbench's hot transaction; then so many
attempts from 64 connections over two API processes for fewer units. Then the database is asked what was really sold:
units reserved, orders, reservations, and whether all ledgers agree. One JSON document on stdout.
"""

import argparse
import json
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.checkout import machine
from bench.checkout_floor import Floor
from bench.checkout_house import House, house
from bench.watchman import ROOT
from o2o.analytics import reconcile
from o2o.infra.db import make_engine, transaction
from o2o.inventory.shelf import receiving
from o2o.inventory.shelf.receiving import ReceiptLine
from o2o.kit import ids
from o2o.kit.clock import utc_now

PLENTY, SCARCE = "B00000", "B00001"
PEOPLE = 64
LONGEST_S = 3_600


def main() -> None:
    """Reads the arguments, measures, says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attempts", type=int, default=100_000)
    parser.add_argument("--units", type=int, default=20_000)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=20, help="of the comparison with the floor, at 32 connections")
    parser.add_argument("--floor-seconds", type=int, default=5)
    parser.add_argument("--floor-dir", type=Path, default=None)
    asked = parser.parse_args()
    print(json.dumps(run(asked), indent=1), flush=True)


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """Both measurements as one value."""
    # Unpaid orders must outlive the run, or their units would rightly be sold again.
    with house(
        apis=2, stores=1, goods_count=2, people=PEOPLE, stock=1, more_env={"O2O_PAYMENT_WINDOW_S": "86400"}
    ) as found:
        floor = Floor(found.addresses.database_url, asked.floor_seconds, asked.floor_dir)
        receive(found, PLENTY, 1_000_000 - 1)
        rush(found, PLENTY, 500, 8, 20)
        before = floor.measure("hot", [32])[32]
        speed = rush(found, PLENTY, 10**9, 32, asked.seconds)
        after = floor.measure("hot", [32])[32]
        speed |= {
            "floor_before_tps": before, "floor_after_tps": after,
            "ratio": round(speed["accepted_per_s"] / ((before + after) / 2), 4),
        }  # fmt: skip
        receive(found, SCARCE, asked.units - 1)
        scarce = rush(found, SCARCE, asked.attempts, asked.clients, LONGEST_S)
        scarce |= {"units": asked.units, "database": sold(found, SCARCE)}
        scarce["exact"] = set(scarce["database"].values()) == {scarce["accepted"]} and scarce["accepted"] <= asked.units
        return {
            "benchmark": "hot_sku", "command": " ".join(["python -m bench.hot_sku", *sys.argv[1:]]), "machine": machine(),
            "speed": speed, "scarce": scarce, "differences": differences(found),
        }  # fmt: skip


def receive(found: House, sku: str, quantity: int) -> None:
    """More of a SKU arrives (one is there)."""
    engine = make_engine(found.addresses.database_url, pool_size=1)
    with transaction(engine) as db:
        lines = [ReceiptLine(sku, quantity)]
        store_id = uuid.UUID(found.city.stores[0][0])
        receiving.receive(db, store_id=store_id, receipt_id=ids.new_id(), lines=lines, now=utc_now())
    engine.dispose()


def rush(found: House, sku: str, attempts: int, clients: int, seconds: float) -> dict[str, Any]:
    """Attempts by a load process; what it saw."""
    asked = {
        "ports": [api.port for api in found.apis], "city": found.city.as_json(), "sku": sku, "attempts": attempts,
        "clients": clients, "seconds": seconds, "people": PEOPLE, "seed": 1,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "bench.hot_sku_load"], input=json.dumps(asked) + "\n", stdout=subprocess.PIPE, text=True,
        check=True, cwd=ROOT, env=found.env,
    )  # fmt: skip
    seen: dict[str, Any] = json.loads(done.stdout)
    return {"clients": clients, **seen}


def sold(found: House, sku: str) -> dict[str, int]:
    """What the database says was sold of a SKU, asked in three places."""
    asked = {
        "reserved": "SELECT sum(reserved) FROM stock_items WHERE sku = :sku",
        "order_lines": "SELECT sum(quantity) FROM order_lines WHERE sku = :sku",
        "reservations": "SELECT count(*) FROM reservations WHERE state = 'held' AND skus = ARRAY[:sku]",
    }
    engine = make_engine(found.addresses.database_url, pool_size=1)
    with transaction(engine) as db:
        answers = {name: int(db.execute(text(query), {"sku": sku}).scalar() or 0) for name, query in asked.items()}
    engine.dispose()
    return answers


def differences(found: House) -> list[str]:
    """What does not add up; nothing must be here."""
    engine = make_engine(found.addresses.database_url, pool_size=1, statement_timeout_ms=0)
    with transaction(engine) as db:
        lines = reconcile.differences(db)
    engine.dispose()
    return lines


if __name__ == "__main__":
    main()
