"""Why a delivery got its rider in a round, or none: asked of the stored problem, worked out when asked."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.dispatch.models import Delivery, Rider
from o2o.dispatch.planning import explain
from o2o.dispatch.planning.reasons import text
from o2o.dispatch.rounds import one_round
from o2o.dispatch.schemas.riding import VerdictOut, WhyOut
from o2o.kit.errors import NotFound


class NotInRound(NotFound):
    """This delivery was not open in that round."""

    code = "dispatch.not_in_round"


def why(db: Session, *, round_id: uuid.UUID, delivery_id: uuid.UUID) -> WhyOut:
    """Every rider considered for a delivery in a round, best first, and what would have made it fit.

    Raises:
        NotInRound: the round did not know the delivery.
    """
    problem, plan, policy, _ = one_round.replay(db, round_id=round_id)
    if str(delivery_id) not in {job.id for job in problem.jobs}:
        raise NotInRound(round_id=round_id, delivery_id=delivery_id)
    found = explain.explain(problem, policy, plan, str(delivery_id))
    # What is in somebody's bag by now is taken back from nobody.
    relaxations = found.relaxations if _nobody_has(db, delivery_id) else ()
    names = _names(db, [uuid.UUID(v.rider_id) for v in found.verdicts])
    return WhyOut(
        delivery_id=delivery_id,
        chosen=uuid.UUID(found.chosen) if found.chosen else None,
        reason=found.reason.value,
        zh=text(found.reason, "zh"),
        en=text(found.reason, "en"),
        margin=found.margin,
        verdicts=[
            VerdictOut(
                rider_id=uuid.UUID(v.rider_id),
                rider=names.get(uuid.UUID(v.rider_id), ""),
                reason=v.reason.value,
                zh=text(v.reason, "zh"),
                en=text(v.reason, "en"),
                extra_cost=v.extra_cost,
                terms=dict(v.terms),
            )
            for v in found.verdicts
        ],
        would_fit=[r.en for r in relaxations],
        would_fit_zh=[r.zh for r in relaxations],
    )


def _nobody_has(db: Session, delivery_id: uuid.UUID) -> bool:
    """Whether the goods have not been picked up."""
    return db.scalar(select(Delivery.id).where(Delivery.id == delivery_id, Delivery.picked_up_at.is_(None))) is not None


def _names(db: Session, rider_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Names by rider; one who has left since is not among them."""
    return dict(db.execute(select(Rider.id, Rider.name).where(Rider.id.in_(rider_ids))).all())
