"""From paid to delivered: given to a store, packed, parked when none can, handed over; and given up. Its money follows it. 履约"""
