"""The improvement engine: a deterministic large-neighbourhood search for pickups and deliveries, arrays in, arrays out.

`improve(problem, start, ...)` takes routes and gives better ones; see `problem.SearchProblem` for shapes and units.
"""

from o2o.dispatch.planning.search.improve import Answer, fewest_then_cheapest, improve
from o2o.dispatch.planning.search.problem import SearchProblem

__all__ = ["Answer", "SearchProblem", "fewest_then_cheapest", "improve"]
