"""What a round knows: riders, jobs, places and travel, all at one moment, as frozen values.

All times are whole seconds on one axis (epoch seconds in production), durations `_s` seconds, weight `_g` grams,
volume `_ml` millilitres. Places are numbered from 0 and index the travel matrices. `to_json` and `from_json` are
inverses byte for byte, so a stored problem replays to the same plan.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

IntMatrix = npt.NDArray[np.int32]
UNREACHABLE = -1
NEVER_S = 2**53


class Action(StrEnum):
    """What is done with a job at a stop."""

    PICKUP = "pickup"
    DROPOFF = "dropoff"


class JobKind(StrEnum):
    """Which way the goods go; the planner treats all kinds alike, people read it."""

    DELIVERY = "delivery"
    RETURN = "return"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Place:
    """A door. `access_s` parking and walking in, before anything can happen; `leave_s` walking out. Once a visit."""

    id: str
    zone: str = ""
    access_s: int = 0
    leave_s: int = 0


@dataclass(frozen=True, slots=True)
class Stop:
    """One job's pick-up or drop-off in a trip."""

    job_id: str
    action: Action


@dataclass(frozen=True, slots=True)
class Rest:
    """A break that is due: begins between two stops with empty hands, not before `from_s`, not after `latest_s`."""

    from_s: int
    latest_s: int
    duration_s: int


@dataclass(frozen=True, slots=True)
class RiderState:
    """One rider now.

    `place` and `free_s`: where and when the rider can next be told something (now if idle; the end of the leg being
    ridden; the start of the shift if it is still to come). `stops`: the trip as it stands, also as intended in the last
    round; the first `frozen` of them are done next, in this order, whatever happens. `locked`: nothing about the trip
    may change. `carrying`: jobs already picked up; their drop-offs stay with this rider. `profile`: the travel matrix of
    the rider's kind of vehicle.
    """

    id: str
    place: int
    free_s: int
    shift_end_s: int = NEVER_S
    last_pickup_s: int = NEVER_S
    profile: int = 0
    capacity_g: int = NEVER_S
    capacity_ml: int = NEVER_S
    capacity_boxes: int = NEVER_S
    max_jobs: int = 6
    skills: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    stops: tuple[Stop, ...] = ()
    carrying: tuple[str, ...] = ()
    frozen: int = 0
    locked: bool = False
    inside: bool = False
    lifo: bool = False
    max_added_stops: int = 1000
    rest: Rest | None = None
    end_place: int = -1
    handicap: int = 0


@dataclass(frozen=True, slots=True)
class Job:
    """One delivery to plan.

    `ready_s`: when the goods can be handed over (predicted). `due_s`: what the customer was promised (late costs).
    `latest_s`: after which handing over is not lawful at all. `hold_until_s`: no pick-up before it, on purpose.
    `holder`: the rider who has it firmly, "" if free. `only_for`: the rider a dispatcher chose, "" for anybody.
    `refused_by`: riders who declined it. `max_ride_s`: longest time on the vehicle. `units`: how many of `max_jobs`.
    """

    id: str
    pickup: int
    dropoff: int
    placed_s: int
    ready_s: int
    due_s: int
    latest_s: int = NEVER_S
    kind: JobKind = JobKind.DELIVERY
    priority: int = 1
    hold_until_s: int = 0
    pickup_service_s: int = 0
    dropoff_service_s: int = 0
    weight_g: int = 0
    volume_ml: int = 0
    boxes: int = 0
    units: int = 1
    max_ride_s: int = NEVER_S
    skills: tuple[str, ...] = ()
    holder: str = ""
    only_for: str = ""
    refused_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Travel:
    """How long and how far from place to place, by profile: seconds[profile, from, to]; -1 where there is no way."""

    seconds: IntMatrix
    metres: IntMatrix

    def __post_init__(self) -> None:
        """Refuse shapes and types the inner loops could not read."""
        if self.seconds.ndim != 3 or self.seconds.shape != self.metres.shape:
            raise ValueError("travel matrices must be (profiles, places, places), seconds and metres alike")
        if self.seconds.shape[1] != self.seconds.shape[2]:
            raise ValueError("travel matrices must be square in places")
        if self.seconds.dtype != np.int32 or self.metres.dtype != np.int32:
            raise ValueError("travel matrices hold int32")


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Everything one round knows about one area.

    `demand`: (place, weight) of the stores where the next orders will start, as recent days or hours have it; it
    prices where a rider stands. `extra`: facts for the reader, not weighed.
    """

    now_s: int
    places: tuple[Place, ...]
    riders: tuple[RiderState, ...]
    jobs: tuple[Job, ...]
    travel: Travel
    area: str = ""
    next_round_s: int = 30
    demand: tuple[tuple[int, int], ...] = ()
    extra: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> bytes:
        """The problem as canonical JSON bytes."""
        return orjson.dumps(self, option=orjson.OPT_SERIALIZE_NUMPY)

    @staticmethod
    def from_json(raw: bytes) -> Problem:
        """Read `to_json` back; raises KeyError, TypeError or ValueError on anything else."""
        data = orjson.loads(raw)
        travel = Travel(**{k: np.asarray(v, dtype=np.int32) for k, v in data["travel"].items()})
        return Problem(
            now_s=data["now_s"],
            places=tuple(Place(**p) for p in data["places"]),
            riders=tuple(_rider(r) for r in data["riders"]),
            jobs=tuple(_job(j) for j in data["jobs"]),
            travel=travel,
            area=data["area"],
            next_round_s=data["next_round_s"],
            demand=tuple((int(place), int(weight)) for place, weight in data["demand"]),
            extra=tuple((str(k), str(v)) for k, v in data["extra"]),
        )

    def digest(self) -> str:
        """SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.to_json()).hexdigest()


def one_profile(seconds: npt.ArrayLike, metres: npt.ArrayLike) -> Travel:
    """Travel of a single vehicle profile from two square matrices."""
    return Travel(
        np.ascontiguousarray(np.asarray(seconds, dtype=np.int32)[None]),
        np.ascontiguousarray(np.asarray(metres, dtype=np.int32)[None]),
    )


def _rider(data: dict[str, Any]) -> RiderState:
    data.pop("vehicle", None)  # problems stored before a vehicle was told by its profile
    rest = data["rest"]
    return RiderState(
        **{
            **data,
            "skills": tuple(data["skills"]),
            "zones": tuple(data["zones"]),
            "carrying": tuple(data["carrying"]),
            "stops": tuple(Stop(s["job_id"], Action(s["action"])) for s in data["stops"]),
            "rest": None if rest is None else Rest(**rest),
        }
    )


def _job(data: dict[str, Any]) -> Job:
    return Job(
        **{
            **data,
            "kind": JobKind(data["kind"]),
            "skills": tuple(data["skills"]),
            "refused_by": tuple(data["refused_by"]),
        }
    )
