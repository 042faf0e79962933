"""The hall: one order's whole life, from basket to points. 订单

It may call every wing plainly, in one transaction. An order becomes shipments (each one store, one pick task, one delivery); the
order's state is derived from them and moves only along `lifecycle.MOVES`, one history row a move. Money passes one pricing path.
"""
