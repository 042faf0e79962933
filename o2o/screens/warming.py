"""What a fresh API process would else do at its first call: zones read, the road network opened, goods read, the planner compiled.

Done beside the first requests, in the background: a process is ready before it is warm, and only slower until then.
"""

from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from o2o.catalogue import goods
from o2o.dispatch.planning import warm as planner
from o2o.infra.db import only_reads, transaction
from o2o.infra.tools import Tools
from o2o.stores import places
from o2o.stores.coverage import serving

_log = structlog.get_logger(__name__)
GOODS = 20


def warm(tools: Tools, *, now: datetime) -> None:
    """Look at a store's neighbourhood as a quote would, then plan four jobs. A database without tables yet warms nothing."""
    try:
        with transaction(tools.engine) as db:
            only_reads(db)
            stores = places.all_open(db)
            if stores:
                serving.stores_serving(db, point=stores[0].location, now=now)
                goods.get_many(db, skus=[good.sku for good in goods.all_active(db)[:GOODS]])
    except SQLAlchemyError as error:
        _log.warning("api.not_warmed", error=str(error))
        return
    if stores:
        places_there = [store.location for store in stores[:2]]
        tools.roads.table(places_there)
        tools.roads.route(*places_there)
    planner.warm()
