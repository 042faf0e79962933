"""Fills an imported city with demo goods, stock, staff, riders and members: from a seed, and again without doubling anything."""

import csv
import io
import random
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.catalogue import importing as lists
from o2o.catalogue.goods import CategoryIn
from o2o.city.demo import names
from o2o.city.importing import Progress, pending_files, silent
from o2o.dispatch import riders
from o2o.identity import accounts
from o2o.infra import citydata
from o2o.inventory.shelf import receiving
from o2o.inventory.shelf.receiving import ReceiptLine
from o2o.kit import ids
from o2o.kit.errors import Conflict
from o2o.kit.ids import AccountId, AreaId, MemberId, Sku
from o2o.kit.principal import Role
from o2o.membership import coupons, members
from o2o.membership.coupons import CampaignIn
from o2o.stores import places
from o2o.stores.places import StoreInfo

STEPS = 3
PASSWORD = "o2o-demo-2026"
DEMO_PHONE = "+8613800138000"
RIDERS = 40
MEMBERS = 200
_RECEIPTS = uuid.UUID("6f326f00-0000-5000-8000-000000000001")

SHELF_LIFE_DAYS = {
    "veg": 3, "fruit": 5, "meat": 3, "seafood": 2, "tofu": 5, "dairy": 12, "bakery": 3, "deli": 1, "flower": 4, "frozen": 180,
}  # fmt: skip
USUAL_STOCK = {"veg": 90, "fruit": 80, "meat": 60, "seafood": 40, "dairy": 80, "drink": 120, "deli": 50, "alcohol": 40}
CAMPAIGNS = (
    CampaignIn(
        code="WELCOME5", name_zh="新人立减 5 元", name_en="5 yuan off for newcomers",
        kind="fixed", value=500, threshold_fen=3_900, on_joining=True,
    ),
    CampaignIn(
        code="FRESH10", name_zh="生鲜九折券", name_en="10 % off fresh food",
        kind="percent", value=10, threshold_fen=5_900, most_fen=2_000, on_joining=True,
    ),
)  # fmt: skip


class NoCity(Conflict):
    """Import a city first: demo goods need stores to stand in. 请先导入城市。"""

    code = "city.no_city"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account whose way in is shown to whoever tries the demo."""

    role: str
    name: str
    username: str
    password: str
    phone: str
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Who lives in the demo. The simulation moves `rider_ids` and orders for `member_ids`; the two demo people are left to a person."""

    rider_ids: tuple[AccountId, ...]
    member_ids: tuple[AccountId, ...]
    demo_rider_id: AccountId
    demo_customer_id: AccountId


def seed_demo(
    db: Session,
    *,
    data_dir: Path,
    seed: int,
    now: datetime,
    progress: Progress = silent,
    riders_wanted: int = RIDERS,
    members_wanted: int = MEMBERS,
) -> People:
    """Goods, stock, staff, riders and members for every open store; the same seed and time give the same rows.

    Again with the same seed it adds nothing. May follow `import_city` in one transaction.

    Raises:
        NoCity: there is no open store.
    """
    stores = places.all_open(db)
    if not stores:
        raise NoCity()
    with ids.use(ids.seeded(seed, lambda: now)):
        with progress("上架演示商品", "demo goods"):
            skus = _goods(db, now)
        with progress("入库", "stock"):
            for store in stores:
                _stock(db, store, skus, seed, now)
        with progress("创建店员、骑手与会员", "staff, riders and members"):
            shown = _staff(db, stores, now)
            people = _people(db, stores, seed, riders_wanted, members_wanted, now)
    files = pending_files(db) or citydata.current(data_dir)
    if files is not None:
        known = citydata.read_facts(files)
        known["accounts"] = [asdict(account) for account in shown]
        known["people"] = _plain(people)
        citydata.write_facts(files, known)
    return people


def people(data_dir: Path) -> People | None:
    """Who lives in the demo of the city in force; None where there is no demo."""
    found = citydata.facts(data_dir).get("people")
    if found is None:
        return None
    return People(
        tuple(AccountId(uuid.UUID(one)) for one in found["rider_ids"]),
        tuple(AccountId(uuid.UUID(one)) for one in found["member_ids"]),
        AccountId(uuid.UUID(found["demo_rider_id"])),
        AccountId(uuid.UUID(found["demo_customer_id"])),
    )


def _plain(people: People) -> dict[str, Any]:
    return {
        "rider_ids": [str(one) for one in people.rider_ids],
        "member_ids": [str(one) for one in people.member_ids],
        "demo_rider_id": str(people.demo_rider_id),
        "demo_customer_id": str(people.demo_customer_id),
    }


def _file(name: str) -> bytes:
    return resources.files("o2o.city.demo").joinpath(name).read_bytes()


def _goods(db: Session, now: datetime) -> list[tuple[Sku, str]]:
    """Saves the demo catalogue; its SKUs with their categories."""
    rows = list(csv.DictReader(io.StringIO(_file("categories.csv").decode())))
    goods.save_categories(db, categories=[CategoryIn(**row, rank=n) for n, row in enumerate(rows)])
    content = _file("goods.csv")
    report = lists.import_products(db, content, now=now)
    if report.refused:
        raise ValueError(f"the demo catalogue refuses itself: {report.refused[0].told()}")
    return [(Sku(row["sku"]), row["category"]) for row in csv.DictReader(io.StringIO(content.decode()))]


def _stock(db: Session, store: StoreInfo, skus: Sequence[tuple[Sku, str]], seed: int, now: datetime) -> None:
    """One receipt a store: nearly every good, more of what sells more, fresh goods in lots that expire."""
    dice = random.Random(f"{seed}:stock:{store.code}")
    today = now.date()
    lines = []
    for sku, category in skus:
        if dice.random() < 0.04:
            continue
        usual = USUAL_STOCK.get(category, 60)
        quantity = dice.randint(usual // 2, usual * 2)
        days = SHELF_LIFE_DAYS.get(category)
        if days is None:
            lines.append(ReceiptLine(sku, quantity))
            continue
        expires_on = today + timedelta(days=max(1, days - dice.randint(0, days // 3)))
        lines.append(ReceiptLine(sku, quantity, lot_code=f"D{today:%y%m%d}", expires_on=expires_on))
    receipt_id = uuid.uuid5(_RECEIPTS, f"{seed}:{store.id}")
    receiving.receive(db, store_id=store.id, receipt_id=receipt_id, lines=lines, now=now)


def _staff(db: Session, stores: Sequence[StoreInfo], now: datetime) -> list[DemoAccount]:
    """A clerk for each store, a dispatcher of all areas, head office; and what to show of everybody."""
    areas = sorted({store.area_id for store in stores})
    shown = [
        DemoAccount("customer", "演示顾客", "", "", DEMO_PHONE.removeprefix("+86"), "Demo customer"),
        DemoAccount("rider", "演示骑手", "rider", PASSWORD, "", "Demo rider"),
        DemoAccount("dispatcher", "演示调度员", "dispatcher", PASSWORD, "", "Demo dispatcher"),
        DemoAccount("hq", "演示总部", "hq", PASSWORD, "", "Demo head office"),
    ]
    _staff_once(db, "dispatcher", Role.DISPATCHER, "演示调度员", now, areas=areas)
    _staff_once(db, "hq", Role.HQ, "演示总部", now)
    for nth, store in enumerate(stores, start=1):
        username = f"clerk{nth:02d}"
        known = accounts.named(db, username=username)
        if known is not None and known.store_id != store.id:
            username = f"clerk-{store.code.casefold()}"[:40]
        name = f"{store.name_zh} 店员"
        _staff_once(db, username, Role.CLERK, name, now, store=store)
        shown.append(DemoAccount("clerk", name, username, PASSWORD, "", f"{store.name_en or store.name_zh} clerk"))
    return shown


def _staff_once(
    db: Session,
    username: str,
    role: Role,
    name: str,
    now: datetime,
    *,
    store: StoreInfo | None = None,
    areas: Sequence[AreaId] = (),
) -> AccountId:
    known = accounts.named(db, username=username)
    if known is not None:
        return known.id
    return accounts.create_staff(
        db,
        username=username,
        password=PASSWORD,
        role=role,
        name=name,
        store_id=store.id if store else None,
        area_ids=areas,
        now=now,
    )


def _people(
    db: Session, stores: Sequence[StoreInfo], seed: int, riders_wanted: int, members_wanted: int, now: datetime
) -> People:
    dice = random.Random(f"{seed}:people")
    demo_rider = _rider(db, "rider", "演示骑手", stores[0].area_id, now)
    rider_ids = tuple(
        # Riders go round the stores, so an area has riders in step with its stores.
        _rider(db, f"rider{nth:02d}", names.person(dice), stores[nth % len(stores)].area_id, now)
        for nth in range(1, riders_wanted + 1)
    )
    for campaign in CAMPAIGNS:
        coupons.save_campaign(db, campaign=campaign)
    # The coupons of joining come by the event of registering, as for everybody; the demo customer has them at once.
    demo_customer = _member(db, DEMO_PHONE, "演示顾客", now)
    coupons.welcome(db, member_id=MemberId(demo_customer), now=now)
    member_ids = tuple(_member(db, names.phone(nth), names.person(dice), now) for nth in range(1, members_wanted + 1))
    return People(rider_ids, member_ids, demo_rider, demo_customer)


def _rider(db: Session, username: str, name: str, area_id: AreaId, now: datetime) -> AccountId:
    account_id = _staff_once(db, username, Role.RIDER, name, now)
    riders.enrol(db, rider_id=account_id, name=name, area_id=area_id, now=now)
    return account_id


def _member(db: Session, phone: str, name: str, now: datetime) -> AccountId:
    account_id = accounts.find_or_create_customer(db, phone=phone, name=name, now=now)
    members.open(db, member_id=MemberId(account_id), name=name, now=now)
    return account_id
