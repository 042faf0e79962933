"""Who plays: read from the house as it was filled; some accounts are left for people to play themselves."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.catalogue.goods import Good
from o2o.dispatch.carrying import itinerary
from o2o.identity import accounts
from o2o.kit.ids import MemberId, StoreId
from o2o.kit.principal import Role
from o2o.membership import members
from o2o.stores import places


@dataclass(frozen=True, slots=True)
class Cast:
    """Members, riders with their areas, clerks with their stores, goods by popularity; each list in a fixed order."""

    members: tuple[uuid.UUID, ...]
    riders: tuple[tuple[uuid.UUID, uuid.UUID], ...]
    clerks: tuple[tuple[uuid.UUID, StoreId], ...]
    goods: tuple[Good, ...]
    codes: tuple[str, ...]
    """Member codes, as shown at a till."""
    kept_stores: frozenset[uuid.UUID]
    """Stores whose tablet a person may hold."""
    everybody: tuple[tuple[uuid.UUID, uuid.UUID], ...]
    """All riders with their areas, also those left for people."""
    stores: dict[uuid.UUID, list[StoreId]]
    """Stores by area."""


def gather(db: Session, *, kept: Collection[uuid.UUID] = ()) -> Cast:
    """Everybody but the accounts `kept` for people; at the stores of kept clerks the simulated ones hold back."""
    clerks = accounts.of_role(db, role=Role.CLERK)
    riders = itinerary.all_riders(db)
    customers = [a for a in accounts.of_role(db, role=Role.CUSTOMER) if a.id not in kept]
    return Cast(
        members=tuple(a.id for a in customers),
        riders=tuple(pair for pair in riders if pair[0] not in kept),
        clerks=tuple((a.id, a.store_id) for a in clerks if a.store_id is not None),
        goods=tuple(goods.all_active(db)),
        codes=tuple(members.get(db, member_id=MemberId(a.id)).code for a in customers),
        kept_stores=frozenset(a.store_id for a in clerks if a.id in kept and a.store_id is not None),
        everybody=tuple(riders),
        stores=_stores_by_area(db),
    )


def _stores_by_area(db: Session) -> dict[uuid.UUID, list[StoreId]]:
    found: dict[uuid.UUID, list[StoreId]] = {}
    for store in sorted(places.all_open(db), key=lambda one: one.code):
        found.setdefault(store.area_id, []).append(StoreId(store.id))
    return found


def store_places(db: Session) -> dict[uuid.UUID, list[tuple[float, float]]]:
    """Where the stores of each area are; riders begin their day at one of them."""
    found: dict[uuid.UUID, list[tuple[float, float]]] = {}
    for store in sorted(places.all_stores(db), key=lambda one: one.code):
        found.setdefault(store.area_id, []).append((store.location.lon, store.location.lat))
    return found
