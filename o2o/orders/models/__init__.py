"""Tables of the hall, by an order's life: placed, given back, chosen by whom, promised for when."""

from o2o.infra import server_side
from o2o.orders.models.chosen import LostBasket, ParkedOrder, SourcingRules
from o2o.orders.models.given_back import OrderRefund, ReturnRequest
from o2o.orders.models.placed import Order, OrderHistory, OrderLine, OrderSubstitute, Shipment
from o2o.orders.models.promised import PromiseOutcome, SlotBooking, SlotWindow, StorePace

__all__ = [
    "LostBasket",
    "Order",
    "OrderHistory",
    "OrderLine",
    "OrderRefund",
    "OrderSubstitute",
    "ParkedOrder",
    "PromiseOutcome",
    "ReturnRequest",
    "Shipment",
    "SlotBooking",
    "SlotWindow",
    "SourcingRules",
    "StorePace",
]

server_side.keeps("o2o.orders", table=Order.__tablename__)
