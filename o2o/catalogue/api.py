"""HTTP of the catalogue: anybody may look, clerks scan, head office writes."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from o2o.catalogue import goods, prices, queries
from o2o.catalogue.schemas import CategoryOut, GoodOut, PriceBody, PriceFromOut, ProductBody, ScannedOut, ShelfOut
from o2o.infra.http import Clerk, Db, Hq, Now, Public, SkuPath
from o2o.kit.ids import Sku

router = APIRouter(prefix="/api", tags=["catalogue"])


@router.get(
    "/goods",
    operation_id="listGoods",
    summary="Goods by category and by words, a page at a time",
    response_model=ShelfOut,
    dependencies=[Public],
)
def list_goods(
    db: Db,
    category: Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]*$")] = None,
    q: Annotated[str | None, Query(max_length=80, pattern=r"^[^\x00]*$", examples=["牛奶"])] = None,
    page: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> queries.Shelf:
    """Names in Chinese and English, SKUs and barcodes are searched; width and case do not matter."""
    return queries.shelf(db, category=category, words=q, page=page, limit=limit)


@router.get("/goods/{sku}", operation_id="getGood", summary="One good", response_model=GoodOut, dependencies=[Public])
def get_good(db: Db, sku: SkuPath) -> goods.Good:
    """Its price is the same in every store and at every till."""
    return goods.get(db, sku=Sku(sku))


@router.put("/goods/{sku}", operation_id="putGood", summary="Add or change a product", response_model=GoodOut)
def put_good(db: Db, now: Now, _: Hq, sku: SkuPath, body: ProductBody) -> goods.Good:
    """A new price holds at once, everywhere; the old one stays in the price history."""
    goods.save(db, products=[goods.ProductIn(sku=sku, **body.model_dump())], now=now)
    return goods.get(db, sku=Sku(sku))


@router.put("/goods/{sku}/price", operation_id="putPrice", summary="Change a price", response_model=GoodOut)
def put_price(db: Db, now: Now, _: Hq, sku: SkuPath, body: PriceBody) -> goods.Good:
    """It holds at once, in every store and at every till; quotes made before stand for their five minutes only if it is the same."""
    prices.change(db, sku=Sku(sku), price_fen=body.price_fen, now=now)
    return goods.get(db, sku=Sku(sku))


@router.get(
    "/goods/{sku}/prices", operation_id="listPrices", summary="What a good has cost", response_model=list[PriceFromOut]
)
def list_prices(db: Db, _: Hq, sku: SkuPath) -> list[prices.PriceFrom]:
    """The newest first."""
    return prices.history(db, sku=Sku(sku))


@router.get(
    "/categories",
    operation_id="listCategories",
    summary="Categories that have goods",
    response_model=list[CategoryOut],
    dependencies=[Public],
)
def list_categories(db: Db) -> list[goods.Category]:
    """In the order of the shop."""
    return goods.categories(db)


@router.get("/barcodes/{code}", operation_id="readBarcode", summary="What a scanned code is", response_model=ScannedOut)
def read_barcode(db: Db, _: Clerk, code: Annotated[str, Path(max_length=20, examples=["6901234567892"])]) -> ScannedOut:
    """In-store labels (prefix 20 to 29) give their weight as well."""
    good, weight_g = goods.by_barcode(db, barcode=code)
    return ScannedOut(good=GoodOut.model_validate(good), weight_g=weight_g)
