"""The catalogue on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from o2o.kit.wire import Amount, Code, Name, Wire, example

ItemNumber = Annotated[str, Field(pattern=r"^[0-9]{5}$")]
Barcode = Annotated[str, Field(pattern=r"^([0-9]{8}|[0-9]{12,14})$")]

_MILK: dict[str, JsonValue] = {
    "sku": "DAIRY-001",
    "barcode": "6901234567892",
    "item_number": None,
    "name_zh": "鲜牛奶 950ml",
    "name_en": "Fresh milk 950 ml",
    "category": "dairy",
    "unit": "piece",
    "price_fen": 1890,
    "weighed": False,
    "weight_g": 980,
    "volume_ml": 1000,
    "temperature": "chilled",
    "age_checked": False,
    "picture": "🥛",
    "active": True,
    "substitutes": ["DAIRY-002"],
}


class GoodOut(Wire):
    """A good. `price_fen` is for a piece, or for a kilogram when `weighed`. `age_checked`: handed over to adults only."""

    model_config = example(**_MILK)

    sku: str
    barcode: str | None
    item_number: str | None
    name_zh: str
    name_en: str
    category: str
    unit: Literal["piece", "kg"]
    price_fen: int
    weighed: bool
    weight_g: int
    volume_ml: int
    temperature: Literal["ambient", "chilled", "frozen"]
    age_checked: bool
    picture: str
    active: bool
    substitutes: Annotated[tuple[str, ...], Field(strict=False)]


class PriceBody(Wire):
    """A new price, in fen: of a piece, or of a kilogram of what is weighed."""

    model_config = example(price_fen=1690)

    price_fen: Amount


class PriceFromOut(Wire):
    """What a good costs from `at` on, until the next."""

    price_fen: int
    at: datetime


class ShelfOut(Wire):
    """One page of goods. `next_page` is what to ask for next, null on the last page."""

    model_config = example(items=[_MILK], next_page=None)

    items: list[GoodOut]
    next_page: str | None


class CategoryOut(Wire):
    """A category and how many goods it holds."""

    model_config = example(code="dairy", name_zh="乳品", name_en="Dairy", picture="🥛", goods=14)

    code: str
    name_zh: str
    name_en: str
    picture: str
    goods: int


class ScannedOut(Wire):
    """What a scanned code is; `weight_g` where an in-store label carries one."""

    model_config = example(good=_MILK, weight_g=None)

    good: GoodOut
    weight_g: int | None


class ProductBody(Wire):
    """A product as head office writes it. Without `volume_ml` it is taken to need a millilitre for each gram."""

    model_config = example(**{k: v for k, v in _MILK.items() if k not in ("sku", "unit")})

    name_zh: Name
    name_en: Name
    category: Code
    price_fen: Amount
    weighed: bool = False
    weight_g: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    volume_ml: Annotated[int, Field(ge=0, le=2_000_000)] | None = None
    temperature: Literal["ambient", "chilled", "frozen"] = "ambient"
    age_checked: bool = False
    barcode: Barcode | None = None
    item_number: ItemNumber | None = None
    picture: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f<>]*$")] = ""
    active: bool = True
    substitutes: Annotated[tuple[Code, ...], Field(max_length=20, strict=False)] = ()
