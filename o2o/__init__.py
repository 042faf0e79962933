"""o2o: a chain of neighbourhood stores as one system, from shelf to doorstep.

The law of the house: calls go down, events go up, nothing goes sideways.
The edge owns the transaction, the clock and the framework; inside, `db` and `now` are arguments.
Pure rooms decide; other rooms fetch and record. One fact has one owner; one word means one thing.
"""
