"""Catalogue (商品): what is sold, at one price everywhere.

A *product* has a `sku`; a *good* is its frozen value that other rooms read. *Weighed* goods are priced by the kilogram and carry
in-store barcodes (prefix 20 to 29) with their weight or price.
Rule: a price lives here and nowhere else; whoever agrees on one reads it again in the transaction that agrees.
"""
