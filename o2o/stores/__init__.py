"""Stores (门店): places that sell, pick and hand over; their hours, their service zones, and who serves a given door.

A *service zone* is a polygon a store delivers to; an *area* is a set of stores and riders planned together; *open* is head office's
switch, beside the opening hours.
Rule: one stamp covers stores, hours and zones; each process keeps a copy and no change is ever missed.
"""
