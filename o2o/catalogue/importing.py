"""Imports a product list: good lines are saved, bad ones told line by line; a file that is no list changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.catalogue.goods import ProductIn
from o2o.catalogue.reading import Defaults, NotAProductList, Refusal, read

BATCH = 500


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many products were saved, and which lines were refused, in the order of the file."""

    saved: int
    refused: tuple[Refusal, ...]


def import_file(db: Session, path: Path, *, now: datetime, defaults: Defaults | None = None) -> ImportReport:
    """As `import_products`, from a file.

    Raises:
        NotAProductList: it cannot be opened, or is no product list.
    """
    if not path.is_file():
        raise NotAProductList(field="file", file=path.name, found="no such file")
    return import_products(db, path.read_bytes(), now=now, defaults=defaults)


def import_products(db: Session, content: bytes, *, now: datetime, defaults: Defaults | None = None) -> ImportReport:
    """Adds the products of a CSV list or changes those with the same SKU; tells what it refused and why.

    Raises:
        NotAProductList: no product list; nothing was changed.
    """
    reading = read(content, defaults)
    refused = list(reading.refused)
    for start in range(0, len(reading.products), BATCH):
        refused += _save(db, reading.products[start : start + BATCH], now)
    refused.sort(key=lambda refusal: refusal.line)
    saved = len(reading.products) + len(reading.refused) - len(refused)
    return ImportReport(saved, tuple(refused))


def _save(db: Session, lines: Sequence[tuple[int, ProductIn]], now: datetime) -> list[Refusal]:
    """Saves the lines; where another product has a code already, halves the batch until the line is found."""
    try:
        with db.begin_nested():
            goods.save(db, products=[product for _, product in lines], now=now)
    except goods.BarcodeTaken as taken:
        if len(lines) == 1:
            line, product = lines[0]
            column = str(taken.facts.get("field", "barcode"))
            return [Refusal(line, column, "taken", str(getattr(product, column, "") or product.sku))]
        half = len(lines) // 2
        return _save(db, lines[:half], now) + _save(db, lines[half:], now)
    return []
