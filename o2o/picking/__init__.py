"""Picking (拣货): from a paid order to bags on the staging shelf.

A *pick task* is one store's work for one shipment; its *lines* are found, weighed, short, or replaced. Every scan carries the
client's own id, so a scan told twice counts once. Rule: the room says what was taken; what it costs and what follows is the hall's.
"""
