"""`python -m o2o.cli`: the same as `o2o`, for children that must run on this very interpreter."""

from o2o.cli import main

main()
