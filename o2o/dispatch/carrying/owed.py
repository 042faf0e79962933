"""Which proofs a hand-over still owes: a photo or a signature is here before the stop is done, unless the phone had no signal.

A phone sends the proof first and the hand-over after it. Only an act that is told some time after it happened was kept by a phone
without signal: it must not lose the hand-over, so it passes, and what it names is awaited and shown as such until it comes.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.dispatch.models import Proof
from o2o.kit.errors import Conflict

KEPT_BY_PHONE = timedelta(seconds=60)
"""An act told this much later than it happened was kept by a phone without signal; phones wait as long for a slow picture."""


class ProofNotHere(Conflict):
    """The photo or signature has not arrived; send it first."""

    code = "dispatch.proof_not_here"


def check(db: Session, *, stop_id: uuid.UUID, named: Mapping[str, str], at: datetime, now: datetime) -> None:
    """`named`: ids by kind of proof, "" for none, as the phone gave them for an act that happened at `at`.

    Raises:
        ProofNotHere: a proof is named that is not kept for this stop, and the phone had signal.
    """
    wanted = {(kind, proof_id) for kind, proof_id in named.items() if proof_id}
    if not wanted or now - at >= KEPT_BY_PHONE:
        return
    here = {
        (kind, str(proof_id))
        for kind, proof_id in db.execute(select(Proof.kind, Proof.id).where(Proof.stop_id == stop_id))
    }
    missing = sorted(kind for kind, _ in wanted - here)
    if missing:
        raise ProofNotHere(field=missing[0], stop_id=stop_id)
