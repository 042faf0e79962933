"""Goods as other rooms know them: frozen values by SKU or by barcode, saved in batches, remembered for a moment by each process."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from o2o.catalogue import barcodes
from o2o.catalogue.memory import Memory
from o2o.catalogue.models import CategoryRow, PriceChangeRow, ProductRow
from o2o.catalogue.words import folded
from o2o.infra import server_side, versions
from o2o.kit.errors import Conflict, Invalid, NotFound
from o2o.kit.ids import Sku
from o2o.kit.money import FEN_MAX, Fen

STAMP = "catalogue"
SKU = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
"""How SKUs and codes of categories are written."""
_MOST_WEIGHT_G = 1_000_000
_MOST_VOLUME_ML = 2_000_000
TEMPERATURES = ("ambient", "chilled", "frozen")


class NoSuchGood(NotFound):
    """We do not sell this."""

    code = "catalogue.no_such_good"


class NoSuchCategory(NotFound):
    """There is no such category."""

    code = "catalogue.no_such_category"


class BadProduct(Invalid):
    """A product cannot be kept as written; `field` says which part, `sku` of which product."""

    code = "catalogue.bad_product"


class BarcodeTaken(Conflict):
    """Another product has this barcode or item number already."""

    code = "catalogue.barcode_taken"


@dataclass(frozen=True, slots=True)
class Good:
    """A product as it is now. `price_fen` is for a piece, or for a kilogram when `weighed`; `weight_g` is what one ordered unit weighs.

    `volume_ml` is the room one ordered unit takes, `temperature` how it is kept on the way; `age_checked` goods are handed
    over to adults only.
    """

    sku: Sku
    barcode: str | None
    item_number: str | None
    name_zh: str
    name_en: str
    category: str
    unit: str
    price_fen: Fen
    weighed: bool
    weight_g: int
    volume_ml: int
    temperature: str
    age_checked: bool
    picture: str
    active: bool
    substitutes: tuple[Sku, ...]

    @property
    def unit_fen(self) -> Fen:
        """What one ordered unit costs: a piece, or for weighed goods a portion of `weight_g` grams."""
        return self.cost_fen(self.weight_g) if self.weighed else self.price_fen

    def cost_fen(self, weight_g: int) -> Fen:
        """What `weight_g` grams of a weighed good cost, halves of a fen upwards."""
        return Fen((self.price_fen * weight_g * 2 + 1000) // 2000)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductIn:
    """A product to be saved. `weight_g` of a weighed good is its usual portion; `item_number` (5 digits) is what its labels carry.

    Without `volume_ml` a unit is taken to need a millilitre of room for each gram.
    """

    sku: str
    name_zh: str
    name_en: str
    category: str
    price_fen: int
    weighed: bool = False
    weight_g: int = 0
    volume_ml: int | None = None
    temperature: str = "ambient"
    age_checked: bool = False
    barcode: str | None = None
    item_number: str | None = None
    picture: str = ""
    active: bool = True
    substitutes: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        """Sold by the `piece` or by the `kg`."""
        return "kg" if self.weighed else "piece"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryIn:
    """A category to be saved, with its names, a picture (an emoji) and its place in the list."""

    code: str
    name_zh: str
    name_en: str
    picture: str = ""
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Category:
    """A category and how many active goods it holds."""

    code: str
    name_zh: str
    name_en: str
    picture: str
    goods: int


_memory: Memory[Sku, Good] = Memory(STAMP)
_TOLD = (
    "sku", "barcode", "item_number", "name_zh", "name_en", "category", "unit", "price_fen", "weighed", "weight_g", "volume_ml",
    "temperature", "age_checked", "picture", "active", "substitutes",
)  # fmt: skip
_BY_SKU = f"SELECT json_agg(json_build_array({', '.join(_TOLD)})) FROM products WHERE sku = ANY ($1::text[])"
"""Plain rows: agreeing on a price reads them for every order, and entities cost several times as much."""


def get_many(db: Session, *, skus: Collection[Sku], fresh: bool = False) -> dict[Sku, Good]:
    """The goods with these SKUs, inactive ones too; unknown SKUs are left out.

    A process may answer from memory that is up to two seconds old; `fresh` reads the prices of this very moment, as agreeing
    on a price must.
    """
    wanted = set(skus)
    if fresh:
        return _read(db, wanted)
    return _memory.get_many(db, wanted, _read)


def get(db: Session, *, sku: Sku) -> Good:
    """One good, as it is now.

    Raises:
        NoSuchGood: the SKU is unknown.
    """
    found = get_many(db, skus=[sku], fresh=True)
    if sku not in found:
        raise NoSuchGood(sku=sku)
    return found[sku]


def all_active(db: Session) -> list[Good]:
    """Everything on sale, by SKU."""
    rows = select(ProductRow).where(ProductRow.active).order_by(ProductRow.sku)
    return [_good(row) for row in db.scalars(rows)]


def by_barcode(db: Session, *, barcode: str) -> tuple[Good, int | None]:
    """The good behind a scanned code, and the grams its in-store label carries (or its price comes to); None for other codes.

    Raises:
        BadBarcode: the code is not a GTIN.
        NoSuchGood: nobody we know has it.
    """
    code = barcodes.normal(barcode)
    label = barcodes.label(code)
    column = ProductRow.barcode == code if label is None else ProductRow.item_number == label.item_number
    row = db.scalar(select(ProductRow).where(column))
    if row is None:
        raise NoSuchGood(barcode=code)
    good = _good(row)
    if label is None or not good.weighed:
        return good, None
    if label.weight_g is not None:
        return good, label.weight_g
    price_fen = label.price_fen or 0
    return good, round(price_fen * 1000 / good.price_fen) if good.price_fen else None


def categories(db: Session) -> list[Category]:
    """Categories with at least one active good, in their order."""
    count = func.count(ProductRow.sku)
    rows = db.execute(
        select(CategoryRow, count)
        .join(ProductRow, (ProductRow.category == CategoryRow.code) & ProductRow.active)
        .group_by(CategoryRow.code)
        .order_by(CategoryRow.rank, CategoryRow.code)
    )
    return [Category(c.code, c.name_zh, c.name_en, c.picture, goods) for c, goods in rows]


def has_category(db: Session, *, code: str) -> bool:
    """Whether there is such a category, with goods or without."""
    return db.get(CategoryRow, code) is not None


def save_categories(db: Session, *, categories: Iterable[CategoryIn]) -> None:
    """Add categories or change their names."""
    for one in categories:
        values = {"name_zh": one.name_zh, "name_en": one.name_en, "picture": one.picture, "rank": one.rank}
        statement = insert(CategoryRow).values(code=one.code, **values)
        db.execute(statement.on_conflict_do_update(index_elements=[CategoryRow.code], set_=values))


def save(db: Session, *, products: Sequence[ProductIn], now: datetime) -> None:
    """Add products or change them, all or none. Categories not known yet are added under their code; price changes are recorded.

    Raises:
        BadProduct: a part is not what it must be.
        BarcodeTaken: a barcode or item number belongs to another product, here or already saved.
    """
    if not products:
        return
    cleaned = [_values(product) for product in products]
    _refuse_twins(cleaned)
    known = select(ProductRow.sku, ProductRow.price_fen).where(ProductRow.sku.in_([v["sku"] for v in cleaned]))
    before = {row.sku: row.price_fen for row in db.execute(known)}
    codes = sorted({str(values["category"]) for values in cleaned})
    db.execute(
        insert(CategoryRow).on_conflict_do_nothing(),
        [{"code": c, "name_zh": c, "name_en": c, "picture": "", "rank": 0} for c in codes],
    )
    _upsert(db, cleaned, now)
    changed = [v for v in cleaned if before.get(str(v["sku"])) != v["price_fen"]]
    if changed:
        db.execute(insert(PriceChangeRow), [{"sku": v["sku"], "price_fen": v["price_fen"], "at": now} for v in changed])
    versions.bump(db, STAMP)


def _read(db: Session, skus: Collection[Sku]) -> dict[Sku, Good]:
    if not skus:
        return {}
    found = (_made(*row) for row in server_side.call(db, _BY_SKU, server_side.as_array(skus)) or ())
    return {good.sku: good for good in found}


def _made(*told: Any) -> Good:
    values: dict[str, Any] = dict(zip(_TOLD, told, strict=True))
    return Good(**values | {"substitutes": tuple(values["substitutes"])})


def _good(row: ProductRow) -> Good:
    return _made(*(getattr(row, name) for name in _TOLD))


def _values(product: ProductIn) -> dict[str, object]:
    """The columns of a product, checked."""
    for field, fine in (
        ("sku", SKU.fullmatch(product.sku)),
        ("category", SKU.fullmatch(product.category)),
        ("name_zh", _fine_name(product.name_zh)),
        ("name_en", _fine_name(product.name_en)),
        ("price_fen", type(product.price_fen) is int and 0 <= product.price_fen <= FEN_MAX),
        ("weight_g", type(product.weight_g) is int and int(product.weighed) <= product.weight_g <= _MOST_WEIGHT_G),
        ("volume_ml", product.volume_ml is None or 0 <= product.volume_ml <= _MOST_VOLUME_ML),
        ("temperature", product.temperature in TEMPERATURES),
        ("item_number", product.item_number is None or re.fullmatch(r"[0-9]{5}", product.item_number)),
        ("picture", "\0" not in product.picture and len(product.picture) <= 200),
        ("substitutes", len(product.substitutes) <= 20 and all(SKU.fullmatch(sku) for sku in product.substitutes)),
    ):
        if not fine:
            raise BadProduct(field=field, sku=product.sku[:64].replace("\0", ""))
    barcode = None if product.barcode is None else barcodes.normal(product.barcode)
    return {
        "sku": product.sku,
        "barcode": barcode,
        "item_number": product.item_number,
        "name_zh": product.name_zh,
        "name_en": product.name_en,
        "category": product.category,
        "unit": product.unit,
        "price_fen": product.price_fen,
        "weighed": product.weighed,
        "weight_g": product.weight_g,
        "volume_ml": product.weight_g if product.volume_ml is None else product.volume_ml,
        "temperature": product.temperature,
        "age_checked": product.age_checked,
        "picture": product.picture,
        "active": product.active,
        "substitutes": list(product.substitutes),
        "found_by": folded(f"{product.name_zh} {product.name_en} {product.sku} {barcode or ''}"),
    }


def _fine_name(name: str) -> bool:
    return bool(name.strip()) and len(name) <= 120 and "\0" not in name


def _refuse_twins(cleaned: Sequence[dict[str, object]]) -> None:
    for field in ("sku", "barcode", "item_number"):
        seen: set[object] = set()
        for values in cleaned:
            value = values[field]
            if value is not None and value in seen:
                raise BarcodeTaken(field=field, sku=values["sku"], value=value)
            seen.add(value)


def _upsert(db: Session, cleaned: Sequence[dict[str, object]], now: datetime) -> None:
    statement = insert(ProductRow)
    change = {name: statement.excluded[name] for name in cleaned[0] if name != "sku"} | {"updated_at": now}
    rows = [values | {"created_at": now, "updated_at": now} for values in sorted(cleaned, key=lambda v: str(v["sku"]))]
    try:
        with db.begin_nested():
            db.execute(statement.on_conflict_do_update(index_elements=[ProductRow.sku], set_=change), rows)
    except IntegrityError as error:
        text = str(error.orig)
        field = next((name for name in ("barcode", "item_number") if f"uq_products_{name}" in text), None)
        if field is None:
            raise
        raise BarcodeTaken(field=field) from error
