"""Chooses our stores among the map's food shops and names them; a shop without a name gets one that says so."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from o2o.city.extract import FOOD_SHOPS, Shop
from o2o.geo.lonlat import LonLat, distance_m
from o2o.kit.errors import Invalid

SAME_SHOP_M = 25
KINDS = {
    "supermarket": ("超市", "Supermarket"), "convenience": ("便利店", "Convenience store"), "greengrocer": ("果蔬店", "Greengrocer"),
    "grocery": ("杂货店", "Grocery"), "food": ("食品店", "Food shop"), "butcher": ("肉铺", "Butcher"),
    "seafood": ("水产店", "Seafood shop"), "deli": ("熟食店", "Delicatessen"), "bakery": ("面包店", "Bakery"),
    "beverages": ("饮料店", "Beverage shop"), "kiosk": ("小店", "Kiosk"), "general": ("百货店", "General store"),
}  # fmt: skip


class NoFoodShops(Invalid):
    """The extract has no shop that sells food, so there is nowhere to deliver from. 该地图文件中没有食品类商店。"""

    code = "city.no_food_shops"


@dataclass(frozen=True, slots=True)
class ChosenStore:
    """A shop that becomes a store. `code` stays the same over repeated imports of the same map."""

    code: str
    name_zh: str
    name_en: str
    address: str
    place: LonLat


def choose(shops: Sequence[Shop], *, most: int) -> list[ChosenStore]:
    """Up to `most` stores: kinds most like ours first, within a kind those farthest from the chosen ones, sorted by code.

    Raises:
        NoFoodShops: there is none.
    """
    if not shops:
        raise NoFoodShops(field="file", kinds=list(FOOD_SHOPS))
    waiting = _distinct(sorted(shops, key=lambda shop: (FOOD_SHOPS.index(shop.kind), _number(shop.osm))))
    chosen: list[Shop] = []
    for kind in FOOD_SHOPS:
        same = [shop for shop in waiting if shop.kind == kind]
        while same and len(chosen) < most:
            farthest = max(same, key=lambda shop: min((distance_m(shop.place, c.place) for c in chosen), default=0))
            same.remove(farthest)
            chosen.append(farthest)
    return sorted(_named(chosen), key=lambda store: store.code)


def _number(osm: str) -> tuple[int, str]:
    return int(osm[1:]), osm[0]


def _distinct(shops: list[Shop]) -> list[Shop]:
    """Without those that stand in the same spot as an earlier one: a node and its building, or two of one hall."""
    kept: list[Shop] = []
    for shop in shops:
        if all(distance_m(shop.place, other.place) >= SAME_SHOP_M for other in kept):
            kept.append(shop)
    return kept


def _named(shops: list[Shop]) -> list[ChosenStore]:
    names = Counter(_name(shop)[0] for shop in shops)
    used: Counter[str] = Counter()
    stores = []
    for shop in shops:
        name_zh, name_en = _name(shop)
        if names[name_zh] > 1:
            used[name_zh] += 1
            street = shop.tags.get("addr:street") or f"{used[name_zh]}"
            name_zh, name_en = f"{name_zh}（{street}）", f"{name_en} ({street})"
        number = shop.tags.get("addr:housenumber", "")
        address = f"{shop.tags.get('addr:street', '')} {number}".strip()
        stores.append(ChosenStore(f"OSM-{shop.osm}", name_zh[:120], name_en[:120], address, shop.place))
    return stores


def _name(shop: Shop) -> tuple[str, str]:
    kind_zh, kind_en = KINDS.get(shop.kind, ("食品店", "Food shop"))
    tags = {key: re.sub(r"\s+", " ", value.replace("\0", "")).strip() for key, value in shop.tags.items()}
    name = tags.get("name") or tags.get("brand") or tags.get("operator")
    if not name:
        number = shop.osm[-4:]
        return f"社区{kind_zh} {number}", f"Neighbourhood {kind_en.lower()} {number}"
    name_zh = tags.get("name:zh") or tags.get("name:zh-Hans") or name
    name_en = tags.get("name:en") or tags.get("brand:en") or (name if name.isascii() else f"{kind_en} {name}")
    return name_zh, name_en
