"""库存: how many of each thing are on which shelf, to whom they are promised, and why it is that number.

One truth a store and SKU (`StockItem`), changed only by the server-side functions of `plsql/`, each change with its line
in an append-only ledger. Promises are made by guarded updates: what is not there is never promised. A till never refuses.
Order of locks, always: reservations by (order, id), then stock by (store, sku), then lots and buckets. One call keeps it; a
transaction that makes several calls at different stores may meet another, and then PostgreSQL picks one to try again.
"""
