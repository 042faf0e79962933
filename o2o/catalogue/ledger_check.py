"""Compares each product's price with the last line of its price history. Nothing may differ; read only."""

from sqlalchemy import text
from sqlalchemy.orm import Session

_PRICES = """
    select p.sku, p.price_fen, c.price_fen from products p left join lateral (
        select price_fen from price_changes where sku = p.sku order by id desc limit 1) c on true
    where p.price_fen is distinct from c.price_fen order by p.sku"""


def differences(db: Session) -> list[str]:
    """One line for each product whose price is not what its history says. Empty when all is well."""
    return [
        f"catalogue: a price is not what its history says: {sku} (product {price_fen}, history {last_fen})"
        for sku, price_fen, last_fen in db.execute(text(_PRICES))
    ]
