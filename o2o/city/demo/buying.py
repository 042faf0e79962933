"""Eight weeks of buying and selling before a demo begins: what forecasts, proposals, suppliers' records and deliveries on their way
are made of. All of it through the real functions, at the days it happened."""

import math
import random
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from o2o.inventory.lines import Line
from o2o.inventory.reserving import limited_offers
from o2o.inventory.shelf import selling
from o2o.inventory.supply import promotions, replenishment, suppliers
from o2o.inventory.supply import terms as supply_terms
from o2o.inventory.supply.suppliers import Arrived
from o2o.inventory.supply.terms import Terms
from o2o.kit import ids
from o2o.kit.ids import StoreId
from o2o.stores import places

WEEKS = 8
BOUGHT = (
    Terms("DAIRY-001", "青青牧场", lead_days=1, review_days=1, multiple=12),
    Terms("DAIRY-002", "青青牧场", lead_days=1, review_days=1, multiple=12),
    Terms("DAIRY-003", "青青牧场", lead_days=2, review_days=2, multiple=6),
    Terms("BAKERY-001", "麦香面包房", lead_days=1, review_days=1, multiple=10),
    Terms("BAKERY-002", "麦香面包房", lead_days=1, review_days=1, multiple=10),
    Terms("ALCOHOL-001", "城东饮料", lead_days=3, review_days=7, multiple=24, weeks_of_supply=4),
)
IN_ENGLISH = {"青青牧场": "Green Pastures Dairy", "麦香面包房": "Wheatfield Bakery", "城东饮料": "Eastside Drinks"}
USUAL_A_DAY = 14
WEEKDAYS = (0.8, 0.8, 0.9, 1.0, 1.2, 1.5, 1.4)
PROMOTED = "DAIRY-001"
PROMOTED_FACTOR = 2.2


def seed_buying(db: Session, *, seed: int, now: datetime) -> None:
    """Terms, past deliveries and sales of a few goods at every open store, a promotion past and one to come, deliveries announced
    for today, proposals, and one limited offer. Where goods have terms already nothing is added.
    """
    stores = places.all_open(db)
    if supply_terms.known(db) or not stores:
        return
    dice = random.Random(f"{seed}:buying")
    with ids.use(ids.seeded(seed + 2, lambda: now)):
        supply_terms.save(db, terms=BOUGHT)
        for supplier, name_en in IN_ENGLISH.items():
            suppliers.call_in_english(db, supplier=supplier, name_en=name_en)
        today = now.date()
        for first, last in ((-24, -22), (-10, -8), (2, 4)):
            promotions.note(
                db,
                promotion_id=ids.new_id(),
                sku=PROMOTED,
                first_day=today + timedelta(days=first),
                last_day=today + timedelta(days=last),
            )
        for store in stores:
            _weeks(db, store.id, dice, now)
            _announce_today(db, store.id, now)
            replenishment.propose(db, store_id=store.id, now=now)
        limited_offers.begin(db, offer_id=ids.new_id(), store_id=stores[0].id, sku="ALCOHOL-001", quantity=20, now=now)


def _weeks(db: Session, store_id: StoreId, dice: random.Random, now: datetime) -> None:
    """Each week its deliveries come, now and then late, short or broken, and each day sells; what was not sold is thrown away."""
    size = dice.uniform(0.6, 1.4)
    for week in range(WEEKS, 0, -1):
        begins = now - timedelta(days=7 * week)
        days = [
            (at, [Line(terms.sku, _sold(dice, terms.sku, size, at, now)) for terms in BOUGHT])
            for at in (begins + timedelta(days=day, hours=1) for day in range(7))
        ]
        week_of = {
            terms.sku: sum(line.quantity for _, lines in days for line in lines if line.sku == terms.sku)
            for terms in BOUGHT
        }
        for supplier in dict.fromkeys(terms.supplier for terms in BOUGHT):
            _deliver(db, store_id, supplier, week_of, dice, begins)
        for at, lines in days:
            selling.sell(db, store_id=store_id, sale_id=ids.new_id(), lines=lines, at=at, now=at)


def _sold(dice: random.Random, sku: str, size: float, at: datetime, now: datetime) -> int:
    ago = (now.date() - at.date()).days
    promoted = sku == PROMOTED and (22 <= ago <= 24 or 8 <= ago <= 10)
    mean = USUAL_A_DAY * size * WEEKDAYS[at.weekday()] * (PROMOTED_FACTOR if promoted else 1)
    return max(1, round(dice.gauss(mean, math.sqrt(mean))))


def _deliver(
    db: Session, store_id: StoreId, supplier: str, week_of: dict[str, int], dice: random.Random, begins: datetime
) -> None:
    """More than the week will sell is announced; some of it may be broken."""
    notice_id, due_at = ids.new_id(), begins + timedelta(minutes=20)
    lines = [Line(terms.sku, week_of[terms.sku] + 2) for terms in BOUGHT if terms.supplier == supplier]
    suppliers.announce(
        db,
        notice_id=notice_id,
        supplier=supplier,
        store_id=store_id,
        due_at=due_at,
        lines=lines,
        now=begins - timedelta(days=1),
    )
    late = timedelta(minutes=dice.choice((0, 0, 0, 0, 30)))
    arrived = [_arrived(line, dice) for line in lines]
    suppliers.receive(
        db, notice_id=notice_id, receipt_id=ids.new_id(), store_id=store_id, arrived=arrived, now=begins + late
    )


def _arrived(line: Line, dice: random.Random) -> Arrived:
    missing = dice.choice((0, 0, 0, 0, 0, 0, 1, 2))
    broken = dice.choice((0,) * 11 + (1,))
    reason = "short" if missing else "broken" if broken else None
    return Arrived(sku=line.sku, received=line.quantity - missing, damaged=broken, reason=reason)


def _announce_today(db: Session, store_id: StoreId, now: datetime) -> None:
    due_at = now + timedelta(hours=3)
    lines = [Line(terms.sku, 2 * terms.multiple) for terms in BOUGHT if terms.supplier == "青青牧场"]
    suppliers.announce(
        db, notice_id=ids.new_id(), supplier="青青牧场", store_id=store_id, due_at=due_at, lines=lines, now=now
    )
