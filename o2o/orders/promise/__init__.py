"""The promise. Pure: from a basket and the load of a store to the plan that is shown, executed and compared with what happened.

`plan` makes it, `paces` learns from what became of it, `policy` holds the numbers of taste.
"""

from o2o.orders.promise.paces import UNKNOWN, Paces, Stage, crowd_of
from o2o.orders.promise.plan import (
    FulfilmentPlan,
    Load,
    crowding,
    pick_work_s,
    plan_delivery,
    plan_pickup,
    queue_s,
    rider_wait_s,
    scale_s,
)
from o2o.orders.promise.policy import STANDARD, PromisePolicy

__all__ = [
    "STANDARD",
    "UNKNOWN",
    "FulfilmentPlan",
    "Load",
    "Paces",
    "PromisePolicy",
    "Stage",
    "crowd_of",
    "crowding",
    "pick_work_s",
    "plan_delivery",
    "plan_pickup",
    "queue_s",
    "rider_wait_s",
    "scale_s",
]
