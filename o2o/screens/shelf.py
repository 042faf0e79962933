"""What is left at the stores around an address, good by good: what a shopper wants to know before the quote."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from o2o.geo.lonlat import LonLat
from o2o.infra.db import only_reads
from o2o.infra.http import Db, Now, Public
from o2o.inventory.reserving import availability
from o2o.kit.ids import Sku
from o2o.kit.wire import Wire
from o2o.stores.coverage import serving

router = APIRouter(prefix="/api/screens", tags=["screens"])

MOST_SHOWN = 99
"""More than this is shown as this: a shelf's exact count is nobody's business but the store's."""
NEAREST = 8
Skus = Annotated[str, Query(max_length=4_000, pattern=r"^[A-Za-z0-9._:,-]*$", examples=["DAIRY-001,VEG-006"])]
LonIn = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False, examples=[116.4612])]
LatIn = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False, examples=[39.9087])]


class PlaceOut(Wire):
    """A store that delivers to the address."""

    store_id: uuid.UUID
    name_zh: str
    name_en: str
    distance_m: int
    open: bool


class LeftOut(Wire):
    """So many of a good are left at each of the places, in their order; `most` is the largest of them."""

    sku: str
    most: int
    left: list[int]


class ShelfOut(Wire):
    """The stores that deliver to an address, the nearest first, and what they have of the goods asked for."""

    places: list[PlaceOut]
    goods: list[LeftOut]


@router.get(
    "/customer/shelf",
    operation_id="customer_shelf",
    response_model=ShelfOut,
    summary="What is left around an address",
    dependencies=[Public],
)
def customer_shelf(db: Db, now: Now, lon: LonIn, lat: LatIn, skus: Skus = "") -> ShelfOut:
    """At most 60 goods of the nearest stores; numbers of this moment, nothing is reserved."""
    only_reads(db)
    options = serving.stores_serving(db, point=LonLat(lon, lat), now=now)[:NEAREST]
    wanted = [Sku(sku) for sku in dict.fromkeys(skus.split(",")) if sku][:60]
    found = availability.sellable(db, store_ids=[one.store.id for one in options], skus=wanted, now=now)
    left = {sku: [min(MOST_SHOWN, found.get((one.store.id, sku), 0)) for one in options] for sku in wanted}
    return ShelfOut(
        places=[
            PlaceOut(
                store_id=one.store.id,
                name_zh=one.store.name_zh,
                name_en=one.store.name_en,
                distance_m=one.distance_m,
                open=one.opens_at is None,
            )
            for one in options
        ],
        goods=[LeftOut(sku=sku, most=max(left[sku], default=0), left=left[sku]) for sku in wanted],
    )
