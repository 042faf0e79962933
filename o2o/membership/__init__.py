"""Membership (会员): who comes again, what they have earned, and what they were given.

*Points* are lots in an append-only ledger: pending, then active, held by an unpaid order, spent or expired. A *debt* is points taken back
that were spent already. A *tier* follows the money of the last year; a *coupon* is one discount for one order.
Rule: every write names its cause and happens once for it; the balance is the sum of the ledger.
"""
