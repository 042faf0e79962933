"""OSRM, twice: in this process over prepared files, and at a URL. Both answer in OSRM's own JSON shapes."""

from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import httpx
import osrm
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random

from o2o.geo.lonlat import LonLat

MOST_LOCATIONS = 100_000
URL_BLOCK = 50
"""Sources, and targets, in one table question by URL: `osrm-routed` takes 100 places unless told otherwise."""


class OsrmError(Exception):
    """OSRM refused a question: NoSegment, NoRoute, InvalidQuery and the like."""


class InProcessEngine:
    """OSRM's library over the files at `base`; thread-safe, for the engine keeps its scratch memory per thread."""

    def __init__(self, base: Path) -> None:
        self._engine = osrm.OSRM(
            algorithm="CH",
            storage_config=str(base),
            use_shared_memory=False,
            max_locations_distance_table=MOST_LOCATIONS,
            max_locations_viaroute=MOST_LOCATIONS,
            max_results_nearest=1,
            max_alternatives=1,
        )

    def table(self, places: Sequence[LonLat], sources: list[int], targets: list[int]) -> Any:
        """Travel from `places[sources]` to `places[targets]`.

        Raises:
            OsrmError: OSRM refused.
        """
        return self._ask(
            self._engine.Table,
            osrm.TableParameters(
                coordinates=[tuple(place) for place in places],
                sources=sources,
                destinations=targets,
                annotations=["duration", "distance"],
                generate_hints=False,
            ),
        )

    def route(self, places: Sequence[LonLat]) -> Any:
        """The way through the places.

        Raises:
            OsrmError: there is none.
        """
        return self._ask(
            self._engine.Route,
            osrm.RouteParameters(
                coordinates=[tuple(place) for place in places],
                geometries="geojson",
                overview="full",
                annotations=["duration", "distance"],
                generate_hints=False,
            ),
        )

    def nearest(self, place: LonLat) -> Any:
        """The nearest point on a road.

        Raises:
            OsrmError: OSRM refused.
        """
        return self._ask(self._engine.Nearest, osrm.NearestParameters(coordinates=[tuple(place)], generate_hints=False))

    @staticmethod
    def _ask(question: Any, parameters: Any) -> Any:
        try:
            return question(parameters)
        except RuntimeError as error:
            raise OsrmError(str(error)) from error


class HttpEngine:
    """`osrm-routed` at a URL. Every question has a time-out and is asked again once when the connection fails."""

    def __init__(self, url: str, client: httpx.Client | None = None) -> None:
        self._url = url.rstrip("/")
        self._client = client or httpx.Client(timeout=httpx.Timeout(5.0, connect=1.0))

    def table(self, places: Sequence[LonLat], sources: list[int], targets: list[int]) -> dict[str, Any]:
        """As `InProcessEngine.table`, asked in blocks that a server with its default limits takes.

        Raises:
            OsrmError: OSRM refused.
            httpx.HTTPError: no answer.
        """
        durations: list[list[float | None]] = []
        distances: list[list[float | None]] = []
        snapped: dict[str, list[Any]] = {"sources": [], "destinations": []}
        for row in range(0, len(sources), URL_BLOCK):
            rows = sources[row : row + URL_BLOCK]
            block = [
                self._table_block(places, rows, targets[column : column + URL_BLOCK])
                for column in range(0, len(targets), URL_BLOCK)
            ]
            for name, whole in (("durations", durations), ("distances", distances)):
                whole.extend([_joined(part[name][r] for part in block) for r in range(len(rows))])
            snapped["sources"] += block[0]["sources"]
            if row == 0:
                snapped["destinations"] = _joined(part["destinations"] for part in block)
        return {"durations": durations, "distances": distances, **snapped}

    def route(self, places: Sequence[LonLat]) -> dict[str, Any]:
        """As `InProcessEngine.route`.

        Raises:
            OsrmError: there is no way.
            httpx.HTTPError: no answer.
        """
        asked = {"geometries": "geojson", "overview": "full", "annotations": "duration,distance"}
        return self._get("route", places, {**asked, "generate_hints": "false"})

    def nearest(self, place: LonLat) -> dict[str, Any]:
        """As `InProcessEngine.nearest`.

        Raises:
            OsrmError: OSRM refused.
            httpx.HTTPError: no answer.
        """
        return self._get("nearest", [place], {"generate_hints": "false"})

    def _table_block(self, places: Sequence[LonLat], rows: list[int], columns: list[int]) -> dict[str, Any]:
        asked = {
            "sources": ";".join(map(str, range(len(rows)))),
            "destinations": ";".join(map(str, range(len(rows), len(rows) + len(columns)))),
            "annotations": "duration,distance",
            "generate_hints": "false",
        }
        return self._get("table", [places[nth] for nth in (*rows, *columns)], asked)

    @retry(
        retry=retry_if_exception_type(httpx.TransportError),
        stop=stop_after_attempt(2),
        wait=wait_random(0.05, 0.2),
        reraise=True,
    )
    def _get(self, service: str, places: Sequence[LonLat], asked: dict[str, str]) -> dict[str, Any]:
        where = ";".join(f"{place.lon:.6f},{place.lat:.6f}" for place in places)
        response = self._client.get(f"{self._url}/{service}/v1/ebike/{where}", params=asked)
        if response.status_code == httpx.codes.BAD_REQUEST:
            raise OsrmError(str(response.json().get("code", "refused")))
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
        return answer


def _joined(parts: Iterable[list[Any]]) -> list[Any]:
    return list(chain.from_iterable(parts))
