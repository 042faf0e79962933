"""A day in the city, from a seed, through the real functions: customers order, clerks pick, riders ride, tills ring.

On a simulated clock the same seed gives the same day, byte for byte; on the wall's clock the same people keep a demo alive.
Rule: whatever happens here happens by the functions a real screen would call, each in its own transaction.
"""
