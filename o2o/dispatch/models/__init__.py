"""Tables of dispatch: the people, what they carry, and how it was planned."""

from o2o.dispatch.models.carried import CourierJob, Delivery, Proof, Refusal, Stop, Tour, Trip
from o2o.dispatch.models.people import Incident, PlannedShift, Rider, Shift, TrackPoint, WantedRiders
from o2o.dispatch.models.planned import HandAction, Pace, RoundRecord

__all__ = [
    "CourierJob",
    "Delivery",
    "HandAction",
    "Incident",
    "Pace",
    "PlannedShift",
    "Proof",
    "Refusal",
    "Rider",
    "RoundRecord",
    "Shift",
    "Stop",
    "Tour",
    "TrackPoint",
    "Trip",
    "WantedRiders",
]
