"""The road network behind one port: travel tables, rides along the road, the nearest road.

OSRM answers, in this process or at `O2O_OSRM_URL`. What it cannot answer (no way between two places, a place far from
any road, no network prepared, a server that is down) is estimated as great circle times detour and counted in
`o2o_travel_estimated_total`; a travel time is never invented as zero.
"""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import httpx
import numpy as np
import structlog
from numpy.typing import NDArray
from prometheus_client import Counter

from o2o.geo.lonlat import LonLat
from o2o.geo.ride import Ride, straight
from o2o.geo.travel import EBIKE, TravelMatrix, estimate
from o2o.infra import citydata
from o2o.infra.citydata import CityFiles
from o2o.infra.known_travel import KnownTravel
from o2o.infra.osrm import HttpEngine, InProcessEngine, OsrmError
from o2o.infra.settings import Settings

log = structlog.get_logger(__name__)

ESTIMATED = Counter("o2o_travel_estimated", "Pairs of places whose travel was estimated, not routed", ["reason"])

FARTHEST_SNAP_M = 1_000
"""A place farther than this from any road is not on the network: snapping it would answer for somewhere else."""
OFF_ROAD_MPS = 2.0
"""Pushing the bike between a door and the road it snaps to."""


class Roads(Protocol):
    """The port every planner and screen reads travel from. Places are WGS84; any thread may call."""

    def table(self, sources: Sequence[LonLat], targets: Sequence[LonLat] | None = None) -> TravelMatrix:
        """Travel from each source to each target (to each other when targets are left out), on a free road."""

    def route(self, *places: LonLat) -> Ride:
        """The line along the road through the places in this order, with the time at each corner."""

    def nearest(self, place: LonLat) -> LonLat:
        """The nearest point on a road; the place itself when there is none within reach."""

    def ready(self) -> bool:
        """Whether a road network answers at all."""


class Engine(Protocol):
    """What differs between OSRM in this process and OSRM at a URL; both speak OSRM's own JSON shapes."""

    def table(self, places: Sequence[LonLat], sources: list[int], targets: list[int]) -> dict[str, Any]:
        """OSRM's table answer: durations, distances, sources, destinations."""

    def route(self, places: Sequence[LonLat]) -> dict[str, Any]:
        """OSRM's route answer with full geometry and per-segment annotations."""

    def nearest(self, place: LonLat) -> dict[str, Any]:
        """OSRM's nearest answer."""


class StraightRoads:
    """No network: every travel is estimated. For tests, and for a house without a city."""

    def table(self, sources: Sequence[LonLat], targets: Sequence[LonLat] | None = None) -> TravelMatrix:
        """As `Roads.table`."""
        return estimate(list(sources), list(sources if targets is None else targets), EBIKE)

    def route(self, *places: LonLat) -> Ride:
        """As `Roads.route`."""
        return straight(places, EBIKE)

    def nearest(self, place: LonLat) -> LonLat:
        """The place itself."""
        return place

    def ready(self) -> bool:
        """Never."""
        return False


class OsrmRoads:
    """Travel by OSRM, opened at the first question; estimates stand in where it has no answer."""

    def __init__(self, data_dir: Path | None, url: str | None = None, files: CityFiles | None = None) -> None:
        self._data_dir = data_dir
        self._files = files
        self._url = url
        self._lock = threading.Lock()
        self._opened: tuple[Path | None, Engine] | None = None
        self._known: tuple[Engine, KnownTravel] | None = None

    def table(self, sources: Sequence[LonLat], targets: Sequence[LonLat] | None = None) -> TravelMatrix:
        """As `Roads.table`, for places to a metre; what was asked before is not asked again (`known_travel`).

        Where a pair has no way, that pair alone is estimated.
        """
        targets = sources if targets is None else targets
        engine, reason = self._engine(), "no_network"
        if engine is not None and sources and targets:
            found = self._known_by(engine).table(sources, targets, lambda a, b: _asked(engine, a, b))
            if found is not None:
                return found
            reason = "error"
        guess = estimate(list(sources), list(targets), EBIKE)
        ESTIMATED.labels(reason).inc(guess.seconds.size)
        return guess

    def route(self, *places: LonLat) -> Ride:
        """As `Roads.route`; a straight line with `estimated=True` where no road leads through all the places."""
        engine = self._engine()
        reason = "no_network"
        if engine is not None and len(places) > 1:
            try:
                answer = engine.route(places)
                if max(float(waypoint["distance"]) for waypoint in answer["waypoints"]) <= FARTHEST_SNAP_M:
                    return _ride(answer, places)
                reason = "off_road"
            except OsrmError:
                reason = "unreachable"
            except httpx.HTTPError as error:
                log.warning("roads.no_ride", error=str(error))
                reason = "error"
        if len(places) > 1:
            ESTIMATED.labels(reason).inc(len(places) - 1)
        return straight(places, EBIKE)

    def nearest(self, place: LonLat) -> LonLat:
        """As `Roads.nearest`."""
        engine = self._engine()
        if engine is None:
            return place
        try:
            found = engine.nearest(place)["waypoints"][0]
        except (OsrmError, httpx.HTTPError) as error:
            log.warning("roads.no_nearest", error=str(error))
            return place
        lon, lat = found["location"]
        return LonLat(float(lon), float(lat)) if float(found["distance"]) <= FARTHEST_SNAP_M else place

    def ready(self) -> bool:
        """Whether an engine is open; a URL counts as open, for only a question shows whether it answers."""
        return self._engine() is not None

    def _known_by(self, engine: Engine) -> KnownTravel:
        """What this engine was asked before; another engine knows other roads."""
        with self._lock:
            if self._known is None or self._known[0] is not engine:
                self._known = (engine, KnownTravel())
            return self._known[1]

    def _engine(self) -> Engine | None:
        """The engine of the city in force; a newly imported city replaces the old one at the next question."""
        if self._url is not None:
            with self._lock:
                if self._opened is None:
                    self._opened = (None, HttpEngine(self._url))
                return self._opened[1]
        files = self._files
        if files is None and self._data_dir is not None:
            files = citydata.current(self._data_dir)
        if files is None or not files.has_roads:
            return None
        with self._lock:
            if self._opened is None or self._opened[0] != files.roads:
                self._opened = (files.roads, InProcessEngine(files.roads))
            return self._opened[1]


def open_roads(settings: Settings) -> Roads:
    """The travel port of this process: OSRM by URL, else over the imported city. Opens nothing yet."""
    return OsrmRoads(settings.data_dir, settings.osrm_url)


def roads_over(files: CityFiles) -> Roads:
    """The travel port over the files of one import, whether they are in force or not."""
    return OsrmRoads(None, files=files)


def _asked(engine: Engine, sources: Sequence[LonLat], targets: Sequence[LonLat]) -> TravelMatrix | None:
    """A table from the engine; None when it gave no answer at all."""
    places = [*sources, *targets]
    try:
        answer = engine.table(places, list(range(len(sources))), list(range(len(sources), len(places))))
    except (OsrmError, httpx.HTTPError) as error:
        log.warning("roads.no_table", error=str(error), places=len(places))
        return None
    return _with_estimates(answer, sources, targets, estimate(list(sources), list(targets), EBIKE))


def _with_estimates(
    answer: dict[str, Any], sources: Sequence[LonLat], targets: Sequence[LonLat], guess: TravelMatrix
) -> TravelMatrix:
    seconds = _numbers(answer["durations"])
    metres = _numbers(answer["distances"])
    off_a = np.array([float(waypoint["distance"]) for waypoint in answer["sources"]])
    off_b = np.array([float(waypoint["distance"]) for waypoint in answer["destinations"]])
    metres = metres + off_a[:, None] + off_b[None, :]
    seconds = seconds + (off_a[:, None] + off_b[None, :]) / OFF_ROAD_MPS
    astray = (off_a[:, None] > FARTHEST_SNAP_M) | (off_b[None, :] > FARTHEST_SNAP_M)
    unreachable = np.isnan(seconds) & ~astray
    if astray.any():
        ESTIMATED.labels("off_road").inc(int(astray.sum()))
    if unreachable.any():
        ESTIMATED.labels("unreachable").inc(int(unreachable.sum()))
    unknown = astray | unreachable
    seconds = np.where(unknown, guess.seconds, np.ceil(np.nan_to_num(seconds)))
    metres = np.where(unknown, guess.metres, np.rint(np.nan_to_num(metres)))
    same = (np.asarray(sources)[:, None, :] == np.asarray(targets)[None, :, :]).all(axis=2)
    seconds, metres = np.where(same, 0, seconds), np.where(same, 0, metres)
    return TravelMatrix(seconds.astype(np.int32), metres.astype(np.int32))


def _numbers(rows: Any) -> NDArray[np.float64]:
    """OSRM's rows as floats; None (no way) becomes NaN."""
    return np.array([list(row) for row in rows], dtype=np.float64)


def _ride(answer: dict[str, Any], places: Sequence[LonLat]) -> Ride:
    """One line from OSRM's legs, each begun and ended by the steps between the place and its road."""
    line = [LonLat(float(lon), float(lat)) for lon, lat in answer["routes"][0]["geometry"]["coordinates"]]
    off = [float(waypoint["distance"]) for waypoint in answer["waypoints"]]
    points, seconds, metres, stops = [places[0]], [0.0], [0.0], [0]
    corner = 0
    for nth, leg in enumerate(answer["routes"][0]["legs"]):
        _step(points, seconds, metres, line[corner], off[nth] / OFF_ROAD_MPS, off[nth])
        durations, distances = leg["annotation"]["duration"], leg["annotation"]["distance"]
        segments = [(float(s), float(m)) for s, m in zip(durations, distances, strict=True)]
        # Turn and traffic-light penalties are in the leg's duration only: spread, so the clock agrees with the table.
        slower = float(leg["duration"]) / max(sum(s for s, _ in segments), 0.1)
        for s, m in segments:
            corner += 1
            _step(points, seconds, metres, line[corner], s * max(slower, 1.0), m)
        _step(points, seconds, metres, places[nth + 1], off[nth + 1] / OFF_ROAD_MPS, off[nth + 1])
        stops.append(len(points) - 1)
    return Ride(tuple(points), tuple(round(s) for s in seconds), tuple(round(m) for m in metres), tuple(stops))


def _step(
    points: list[LonLat], seconds: list[float], metres: list[float], to: LonLat, step_s: float, step_m: float
) -> None:
    if to == points[-1] and not step_m:
        return
    points.append(to)
    seconds.append(seconds[-1] + step_s)
    metres.append(metres[-1] + max(step_m, 0.0))
