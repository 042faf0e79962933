"""寻源: which store, or which stores, take an order. Pure: facts in, a choice with its reasons out.

`facts` says what is known, `rules` what headquarters wants, `verdicts` refuse, `scores` weigh, `splitting` shares an order between
stores when one cannot have all of it, `ranking` puts them together, `record` keeps a decision so that it can be made again.
Every fact is a whole number or a flag, so a decision that is read back is the decision that was made, to the fen.
"""
