import pytest

from o2o.city import shops
from o2o.city.extract import Shop
from tests.city.make import at


def a_shop(number, kind, place, **tags):
    return Shop(f"n{number}", kind, place, {"shop": kind} | {k.replace("__", ":"): v for k, v in tags.items()})


def test_supermarkets_come_before_kiosks_and_the_farther_before_the_nearer():
    found = [
        a_shop(1, "kiosk", at(9, 9), name="亭"),
        a_shop(2, "supermarket", at(0, 0), name="甲"),
        a_shop(3, "supermarket", at(0.5, 0), name="乙"),
        a_shop(4, "supermarket", at(4, 4), name="丙"),
    ]
    assert [store.code for store in shops.choose(found, most=2)] == ["OSM-n2", "OSM-n4"]
    assert len(shops.choose(found, most=10)) == 4


def test_two_entries_for_one_spot_are_one_store():
    found = [a_shop(1, "supermarket", at(0, 0), name="甲"), a_shop(2, "bakery", at(0.01, 0), name="甲面包")]
    assert [store.code for store in shops.choose(found, most=9)] == ["OSM-n1"]


def test_stores_of_one_chain_are_told_apart():
    found = [
        a_shop(1, "convenience", at(0, 0), name="便利", addr__street="东街"),
        a_shop(2, "convenience", at(2, 0), name="便利"),
        a_shop(3, "convenience", at(4, 0), name__zh="好邻居", name="Good Neighbour"),
        a_shop(4, "convenience", at(6, 0)),
    ]
    names = {store.code: (store.name_zh, store.name_en) for store in shops.choose(found, most=9)}
    assert len(set(names.values())) == 4
    assert "（东街）" in names["OSM-n1"][0]
    assert names["OSM-n3"] == ("好邻居", "Good Neighbour")
    assert names["OSM-n4"] == ("社区便利店 n4", "Neighbourhood convenience store n4")


def test_no_food_shop_is_an_error():
    with pytest.raises(shops.NoFoodShops):
        shops.choose([], most=5)
