"""Builders for the catalogue."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from o2o.catalogue import barcodes, goods
from o2o.kit.ids import Sku


def a_product(sku: str = "DAIRY-001", **changes: Any) -> goods.ProductIn:
    """A carton of milk, unless told otherwise."""
    fields: dict[str, Any] = {
        "name_zh": "鲜牛奶 950ml",
        "name_en": "Fresh milk 950 ml",
        "category": "dairy",
        "price_fen": 1890,
        "weight_g": 980,
        "picture": "🥛",
    }
    return goods.ProductIn(sku=sku, **(fields | changes))


def a_weighed_product(sku: str = "FRUIT-001", **changes: Any) -> goods.ProductIn:
    """Apples by the kilogram, in portions of 500 g, item number 12345."""
    fields: dict[str, Any] = {
        "name_zh": "富士苹果",
        "name_en": "Fuji apple",
        "category": "fruit",
        "price_fen": 1290,
        "weighed": True,
        "weight_g": 500,
        "item_number": "12345",
    }
    return goods.ProductIn(sku=sku, **(fields | changes))


def on_sale(db: Session, *skus: str, now: datetime, **changes: Any) -> list[Sku]:
    """Saves a plain product for each SKU."""
    goods.save(db, products=[a_product(sku, **changes) for sku in skus], now=now)
    return [Sku(sku) for sku in skus]


def weight_label(item_number: str, weight_g: int, prefix: int = 20) -> str:
    """The code a scale prints for so many grams of an item; prefix 20 to 24."""
    body = f"{prefix}{item_number}{weight_g:05d}"
    return body + barcodes.check_digit(body)


def price_label(item_number: str, price_fen: int, prefix: int = 25) -> str:
    """The code a scale prints for a piece that costs so much; prefix 25 to 29."""
    return weight_label(item_number, price_fen, prefix)
