"""支付 Payments: what an order's money did. Authorised, captured, voided, refunded; booked twice over, told by signed webhooks.

A provider stands behind one port (`provider.py`). We choose the merchant's reference ourselves, so nothing is asked of a
provider while an order is placed. Every request to a provider is an operation with an id of ours: asked once, done once.
"""
