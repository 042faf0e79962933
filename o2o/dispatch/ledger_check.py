"""What of dispatch contradicts itself: O3 and O6, all in one statement. Silence is good news."""

from sqlalchemy import text
from sqlalchemy.orm import Session

_CHECKS = (
    """SELECT format('O3 delivery %s is %s on a trip that is %s', d.id, d.state, t.state) FROM deliveries d JOIN trips t ON t.id = d.trip_id
        WHERE d.ended_at IS NULL AND t.state NOT IN ('offered', 'accepted') OR d.rider_id <> t.rider_id""",
    """SELECT format('O6 delivery %s is dropped before it is picked up', p.delivery_id) FROM stops p
         JOIN stops d ON d.trip_id = p.trip_id AND d.delivery_id = p.delivery_id
         JOIN trips t ON t.id = p.trip_id AND t.state IN ('offered', 'accepted')
        WHERE p.kind = 'pickup' AND d.kind = 'dropoff' AND d.position < p.position AND d.state IN ('pending', 'arrived')""",
    """SELECT format('O3 rider %s is %s with %s live trips', r.id, r.state, l.trips) FROM riders r, LATERAL (
         SELECT count(*) AS trips FROM trips t WHERE t.rider_id = r.id AND t.state IN ('offered', 'accepted')) l
        WHERE (r.state = 'on_trip') <> (l.trips > 0)""",
    """SELECT format('O6 stop %s is open for delivery %s of another trip', s.id, d.id) FROM stops s
         JOIN deliveries d ON d.id = s.delivery_id
        WHERE s.state IN ('pending', 'arrived') AND d.trip_id IS DISTINCT FROM s.trip_id""",
)
_ALL = text(" UNION ALL ".join(_CHECKS))


def differences(db: Session) -> list[str]:
    """Each contradiction in one line, between deliveries, trips, stops and riders."""
    return list(db.scalars(_ALL))
