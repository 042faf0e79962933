"""The front door: builds FastAPI, mounts each room's router, turns errors into problem+json."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread

import anyio.to_thread
from fastapi import FastAPI
from fastapi.routing import APIRoute

from o2o.catalogue import api as catalogue_api
from o2o.dispatch.api import hand as hand_api
from o2o.dispatch.api import proofs as proofs_api
from o2o.dispatch.api import riding as dispatch_api
from o2o.dispatch.api import work as work_api
from o2o.identity import api as identity_api
from o2o.identity import tokens
from o2o.infra import cores, log
from o2o.infra.admission import Admission, Turnstile
from o2o.infra.body_limit import BodyLimit
from o2o.infra.hands import Hands
from o2o.infra.lanes import House
from o2o.infra.live import Ears
from o2o.infra.metrics import Timed
from o2o.infra.problems import add_problem_answers
from o2o.infra.settings import Settings, settings
from o2o.infra.tools import Tools, open_tools
from o2o.inventory.api import counting as counting_api
from o2o.inventory.api import replenishment as replenishment_api
from o2o.inventory.api import reserving as reserving_api
from o2o.inventory.api import shelf as shelf_api
from o2o.inventory.api import supply as supply_api
from o2o.kit.clock import utc_now
from o2o.membership import api as membership_api
from o2o.orders.api import carrying as carrying_api
from o2o.orders.api import counter as counter_api
from o2o.orders.api import orders as orders_api
from o2o.orders.api import owing as owing_api
from o2o.orders.api import parking as parking_api
from o2o.orders.api import paying as paying_api
from o2o.orders.api import promise as promise_api
from o2o.orders.api import sourcing as sourcing_api
from o2o.payments import api as payments_api
from o2o.picking import api as picking_api
from o2o.screens import (
    config,
    crew,
    customer,
    dispatcher,
    health,
    hq,
    hq_orders,
    past,
    rider,
    rounds,
    shelf,
    stock,
    store,
    stream,
    tours,
    warming,
    web,
)
from o2o.stores.api import coverage as coverage_api
from o2o.stores.api import stores as stores_api
from o2o.stores.api import zones as zones_api

ROUTERS = [
    parking_api.router,  # before the orders, whose ids would else swallow its paths
    orders_api.router,  # looked through in this order: the busiest first
    payments_api.router,
    paying_api.router,
    counter_api.router,
    owing_api.router,
    promise_api.router,
    sourcing_api.router,
    carrying_api.router,
    health.router,
    identity_api.router,
    catalogue_api.router,
    stores_api.router,
    zones_api.router,
    coverage_api.router,
    shelf_api.router,
    reserving_api.router,
    counting_api.router,
    supply_api.router,
    replenishment_api.router,
    membership_api.router,
    picking_api.router,
    dispatch_api.router,
    hand_api.router,
    work_api.router,
    proofs_api.router,
    config.router,
    customer.router,
    rider.router,
    dispatcher.router,
    crew.router,
    past.router,
    tours.router,
    rounds.router,
    hq.router,
    hq_orders.router,
    store.router,
    stock.router,
    shelf.router,
    stream.router,
]


BEGINNINGS = ("/api/quotes",)
"""What starts a flow; turned away first when there is too much to do."""


def create_app(chosen: Settings | None = None, tools: Tools | None = None) -> FastAPI:
    """The whole application; tests hand in their own settings and tools."""
    chosen = chosen or settings()
    log.configure(as_json=chosen.log_json)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if chosen.own_core:
            cores.keep_to_one(chosen.data_dir / "cores")
        anyio.to_thread.current_default_thread_limiter().total_tokens = chosen.threads
        app.state.tools = tools or open_tools(chosen)
        app.state.ears = Ears(str(chosen.broker_url))
        await app.state.ears.start()
        if tools is None:  # a process of its own, not a test's
            Thread(
                target=warming.warm, args=(app.state.tools,), kwargs={"now": utc_now()}, name="warm", daemon=True
            ).start()
        gc.collect()
        gc.freeze()  # what is loaded now stays: no collection need ever look at it again
        try:
            yield
        finally:
            hands.rest()
            await app.state.ears.stop()
            if tools is None:
                app.state.tools.engine.dispose()

    turnstile = Turnstile(limit=chosen.admitted, beginnings=BEGINNINGS)
    hands = Hands(chosen.threads, name="lane")
    app = House(
        title="o2o",
        version="0.1.0",
        description="One truth of stock, a promise kept, riders planned, members known.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        generate_unique_id_function=_stable_id,
    )
    app.state.clock, app.state.authenticate, app.state.believe = utc_now, tokens.authenticate, tokens.believe
    for router in ROUTERS:
        app.include_router(router)
    add_problem_answers(app)
    app.open_lanes(ROUTERS, turnstile, hands)
    app.add_middleware(Timed)
    app.add_middleware(BodyLimit, routers=ROUTERS)
    app.add_middleware(Admission, turnstile=turnstile)
    web.mount(app, built=Path(__file__).parent / "screens" / "web", data_dir=chosen.data_dir)
    return app


def _stable_id(route: APIRoute) -> str:
    return route.operation_id or route.name
