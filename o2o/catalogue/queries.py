"""Reads for the shop's shelves: goods by category and by words, page after page."""

import base64
import binascii
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from o2o.catalogue.models import ProductRow
from o2o.catalogue.words import folded, like_pattern
from o2o.kit.errors import Invalid

_MARK = "\x1f"


class BadPage(Invalid):
    """This is not a page mark we gave."""

    code = "catalogue.bad_page"


@dataclass(frozen=True, slots=True)
class Shelf:
    """One page of products and the mark of the next, None on the last."""

    items: list[ProductRow]
    next_page: str | None


def shelf(db: Session, *, category: str | None, words: str | None, page: str | None, limit: int) -> Shelf:
    """Active products in the order category, SKU; every one of `words` must be found in the names, SKU or barcode.

    Raises:
        BadPage: the mark was not made here.
    """
    wanted = select(ProductRow).where(ProductRow.active).order_by(ProductRow.category, ProductRow.sku).limit(limit + 1)
    if category:
        wanted = wanted.where(ProductRow.category == category)
    for word in folded(words or "").split(" ")[:8]:
        if word:
            wanted = wanted.where(ProductRow.found_by.like(like_pattern(word)))
    if page:
        wanted = wanted.where(tuple_(ProductRow.category, ProductRow.sku) > tuple_(*_read_mark(page)))
    rows = list(db.scalars(wanted))
    if len(rows) <= limit:
        return Shelf(rows, None)
    last = rows[limit - 1]
    return Shelf(rows[:limit], _mark(last.category, last.sku))


def _mark(category: str, sku: str) -> str:
    return base64.urlsafe_b64encode(f"{category}{_MARK}{sku}".encode()).decode().rstrip("=")


def _read_mark(page: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(page + "=" * (-len(page) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise BadPage(field="page") from error
    category, found, sku = text.partition(_MARK)
    if not found or "\0" in text:
        raise BadPage(field="page")
    return category, sku
