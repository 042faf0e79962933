import csv
import io
from collections import Counter
from datetime import UTC, datetime
from importlib import resources

import pytest
from sqlalchemy import text

from o2o.catalogue import goods
from o2o.catalogue.barcodes import normal
from o2o.catalogue.reading import read
from o2o.city import importing
from o2o.city.demo import seeding
from o2o.identity import accounts
from o2o.infra import citydata
from o2o.kit.principal import Role
from o2o.membership import members
from o2o.stores import places
from tests.city import make
from tests.membership.make import usable_coupons

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
COUNTED = (
    "accounts",
    "members",
    "riders",
    "products",
    "categories",
    "stock_items",
    "stock_entries",
    "coupons",
    "outbox",
)


def catalogue():
    return resources.files("o2o.city.demo").joinpath("goods.csv").read_bytes()


def counts(db):
    return {table: db.scalar(text(f"select count(*) from {table}")) for table in COUNTED}


def seeded(database, tmp_path, seed=7, **wanted):
    with database.sessions() as db:
        importing.import_city(db, make.district(tmp_path / "d.osm.pbf"), data_dir=tmp_path, now=NOW)
        return seeding.seed_demo(db, data_dir=tmp_path, seed=seed, now=NOW, **wanted)


def test_the_demo_catalogue_is_about_three_hundred_lawful_goods_in_two_languages():
    reading = read(catalogue())
    assert reading.refused == []
    products = [product for _, product in reading.products]
    assert len(products) == 323
    weighed = [product for product in products if product.weighed]
    assert len(weighed) > 80
    assert all(product.item_number and product.barcode is None for product in weighed)
    assert all(product.barcode == normal(product.barcode) for product in products if not product.weighed)
    assert len({product.name_zh for product in products}) == len({product.name_en for product in products}) == 323
    assert all(product.picture and product.weight_g > 0 and product.price_fen >= 100 for product in products)
    skus = {product.sku for product in products}
    assert all(set(product.substitutes) <= skus - {product.sku} for product in products)
    categories = {row["code"] for row in csv.DictReader(io.StringIO(seeding._file("categories.csv").decode()))}
    assert {product.category for product in products} == categories


def test_a_seeded_city_has_goods_stock_and_people(database, tmp_path):
    people = seeded(database, tmp_path, riders_wanted=6, members_wanted=10)
    assert (len(people.rider_ids), len(people.member_ids)) == (6, 10)
    assert seeding.people(tmp_path) == people
    with database.sessions() as db:
        counted = counts(db)
        assert (counted["products"], counted["categories"]) == (323, 19)
        assert (counted["riders"], counted["members"]) == (7, 11)
        assert counted["accounts"] == 7 + 11 + 3 + 2
        assert 3 * 323 * 0.9 < counted["stock_items"] <= 3 * 323
        assert members.get(db, member_id=people.demo_customer_id).name == "演示顾客"
        assert len(usable_coupons(db, member_id=people.demo_customer_id, now=NOW)) == 2
        assert accounts.named(db, username="rider").id == people.demo_rider_id
        clerks = [accounts.named(db, username=f"clerk0{nth}") for nth in (1, 2, 3)]
        assert [clerk.store_id for clerk in clerks] == [store.id for store in places.all_stores(db)]
        assert goods.categories(db)[0].name_zh == "蔬菜"
    shown = citydata.facts(tmp_path)["accounts"]
    assert Counter(account["role"] for account in shown) == Counter(customer=1, rider=1, dispatcher=1, hq=1, clerk=3)


def test_seeding_again_adds_nothing(database, tmp_path):
    people = seeded(database, tmp_path, riders_wanted=3, members_wanted=4)
    with database.sessions() as db:
        before = counts(db)
    with database.sessions() as db:
        again = seeding.seed_demo(
            db, data_dir=tmp_path, seed=7, now=NOW.replace(day=2), riders_wanted=3, members_wanted=4
        )
    with database.sessions() as db:
        assert counts(db) == before
    assert again == people


def test_the_same_seed_gives_the_same_shelves_and_another_seed_others(database, tmp_path):
    def shelves(db):
        rows = db.execute(text("select sku, sum(on_hand) from stock_items group by sku order by sku")).all()
        return [tuple(row) for row in rows]

    with database.sessions() as db:
        importing.import_city(db, make.district(tmp_path / "d.osm.pbf"), data_dir=tmp_path, now=NOW)
    found = []
    for seed in (7, 7, 8):
        with database.sessions() as db:
            seeding.seed_demo(db, data_dir=tmp_path, seed=seed, now=NOW, riders_wanted=1, members_wanted=1)
            found.append(shelves(db))
            db.rollback()
    assert found[0] == found[1] != found[2]


def test_demo_staff_sign_in_with_the_password_shown(database, tmp_path):
    from o2o.identity import passwords
    from o2o.identity.models import AccountRow

    seeded(database, tmp_path, riders_wanted=1, members_wanted=1)
    with database.sessions() as db:
        kept = db.query(AccountRow).filter_by(username="hq").one()
        assert kept.role == Role.HQ
        assert passwords.fits(seeding.PASSWORD, kept.password_hash)


def test_a_house_without_stores_is_told_to_import_a_city_first(db, tmp_path):
    with pytest.raises(seeding.NoCity) as refused:
        seeding.seed_demo(db, data_dir=tmp_path, seed=7, now=NOW)
    assert refused.value.code == "city.no_city"
