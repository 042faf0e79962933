"""Planning: which rider carries what, in which order, and when to wait.

Pure: values in, values out; no clock, no database, no hidden chance. `solve.solve` takes a `Problem`
(the state of one area at one moment) and a `DispatchPolicy` (every number of taste) and returns a `Plan`
that `checker.check` has to pass.
Words: a *job* is a delivery as the solver sees it; a *trip* is one rider's sequence of *stops*.
"""
