"""Proof of a hand-over beside the code: a photo at the door, a signature on the phone.

The phone names a proof and sends it before the hand-over; what was done without signal may be told first, and its photo follow
hours later (`owed`). Sent twice, it is one.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2o.dispatch.carrying.stops import NoStop
from o2o.dispatch.models import Proof, Stop, Trip
from o2o.infra.files import Files
from o2o.kit.errors import Conflict, Invalid, NotFound

LARGEST_BYTES = 3 * 1024 * 1024
"""A phone's photo made smaller on the phone is a tenth of this."""
STROKES_MOST, POINTS_MOST = 60, 4_000
SIDE = 1_000
"""Signatures are drawn on a square of so many units."""
KEPT = timedelta(days=90)
_BEGINNINGS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


class NotAPicture(Invalid):
    """A proof is a JPEG, PNG or WebP picture of at most three megabytes."""

    code = "dispatch.not_a_picture"


class BadSignature(Invalid):
    """A signature is some strokes of at least two points each, drawn on a square of 1000 by 1000."""

    code = "dispatch.bad_signature"


class ProofTaken(Conflict):
    """Another proof has this id."""

    code = "dispatch.proof_taken"


class NoProof(NotFound):
    """There is no such proof in your areas."""

    code = "dispatch.no_proof"


@dataclass(frozen=True, slots=True)
class ProofInfo:
    """A proof without its bytes."""

    proof_id: uuid.UUID
    stop_id: uuid.UUID
    kind: str
    media_type: str
    size_bytes: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What the rider said at the door: whether the customer's code was right, and the kinds of proof still on their way."""

    code: bool
    awaited: tuple[str, ...]


def keep_photo(
    db: Session,
    files: Files,
    *,
    proof_id: uuid.UUID,
    stop_id: uuid.UUID,
    rider_id: uuid.UUID,
    content: bytes,
    now: datetime,
) -> ProofInfo:
    """Keep a picture taken at a stop of the rider's; its type is read from its bytes.

    Raises:
        NotAPicture, NoStop, ProofTaken.
    """
    media_type = _media_type(content)
    return _keep(db, files, proof_id, stop_id, rider_id, "photo", media_type, content, now)


def keep_signature(
    db: Session,
    files: Files,
    *,
    proof_id: uuid.UUID,
    stop_id: uuid.UUID,
    rider_id: uuid.UUID,
    strokes: Sequence[Sequence[tuple[int, int]]],
    now: datetime,
) -> ProofInfo:
    """Keep a signature drawn at a stop of the rider's, as an SVG drawn here: nothing of the phone's own markup is kept.

    Raises:
        BadSignature, NoStop, ProofTaken.
    """
    content = _svg(strokes).encode()
    return _keep(db, files, proof_id, stop_id, rider_id, "signature", "image/svg+xml", content, now)


def of_stop(db: Session, *, stop_id: uuid.UUID, area_ids: frozenset[uuid.UUID] | None) -> list[ProofInfo]:
    """The proofs of a stop in one of `area_ids` (None: anywhere), the first first."""
    query = select(Proof).join(Stop, Stop.id == Proof.stop_id).join(Trip, Trip.id == Stop.trip_id)
    theirs = query.where(Proof.stop_id == stop_id)
    rows = db.scalars((theirs if area_ids is None else theirs.where(Trip.area_id.in_(area_ids))).order_by(Proof.id))
    return [_info(row) for row in rows]


def said_at(db: Session, *, stop_id: uuid.UUID, area_ids: frozenset[uuid.UUID] | None) -> Said:
    """What was said when a stop in one of `area_ids` (None: anywhere) was done; nothing where there is none."""
    query = select(Stop.proof).join(Trip, Trip.id == Stop.trip_id).where(Stop.id == stop_id)
    proof = db.scalar(query if area_ids is None else query.where(Trip.area_id.in_(area_ids))) or {}
    named = [(kind, proof[kind]) for kind in ("photo", "signature") if proof.get(kind)]
    here = set(db.scalars(select(Proof.id).where(Proof.stop_id == stop_id)))
    awaited = tuple(kind for kind, proof_id in named if uuid.UUID(proof_id) not in here)
    return Said(code=proof.get("code") is True, awaited=awaited)


def content_of(
    db: Session, files: Files, *, proof_id: uuid.UUID, area_ids: frozenset[uuid.UUID] | None
) -> tuple[str, bytes]:
    """Media type and bytes of a proof in one of `area_ids` (None: anywhere).

    Raises:
        NoProof
    """
    query = select(Proof).join(Stop, Stop.id == Proof.stop_id).join(Trip, Trip.id == Stop.trip_id)
    found = query.where(Proof.id == proof_id)
    row = db.scalar(found if area_ids is None else found.where(Trip.area_id.in_(area_ids)))
    content = files.get(row.sha256) if row is not None else None
    if row is None or content is None:
        raise NoProof(proof_id=proof_id)
    return row.media_type, content


def forget(db: Session, files: Files, *, now: datetime) -> None:
    """Drop proofs after three months: by then nobody disputes a hand-over, and they show where people live."""
    old = list(db.execute(delete(Proof).where(Proof.received_at < now - KEPT).returning(Proof.sha256)).scalars())
    still = set(db.scalars(select(Proof.sha256).where(Proof.sha256.in_(old))))
    for name in sorted(set(old) - still):
        files.drop(name)


def _keep(
    db: Session,
    files: Files,
    proof_id: uuid.UUID,
    stop_id: uuid.UUID,
    rider_id: uuid.UUID,
    kind: str,
    media_type: str,
    content: bytes,
    now: datetime,
) -> ProofInfo:
    his = select(Stop.id).join(Trip, Trip.id == Stop.trip_id).where(Stop.id == stop_id, Trip.rider_id == rider_id)
    if db.scalar(his) is None:
        raise NoStop(stop_id=stop_id)
    row = insert(Proof).values(
        id=proof_id,
        stop_id=stop_id,
        kind=kind,
        media_type=media_type,
        size_bytes=len(content),
        sha256=files.put(content),
        received_at=now,
    )
    db.execute(row.on_conflict_do_nothing())
    kept = db.get_one(Proof, proof_id)
    if (kept.stop_id, kept.kind, kept.size_bytes, kept.media_type) != (stop_id, kind, len(content), media_type):
        raise ProofTaken(proof_id=proof_id)
    return _info(kept)


def _media_type(content: bytes) -> str:
    if len(content) <= LARGEST_BYTES:
        for beginning, media_type in _BEGINNINGS.items():
            if content.startswith(beginning):
                return media_type
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return "image/webp"
    raise NotAPicture(field="body", size_bytes=len(content))


def _svg(strokes: Sequence[Sequence[tuple[int, int]]]) -> str:
    points = [point for stroke in strokes for point in stroke]
    inside = all(0 <= x <= SIDE and 0 <= y <= SIDE for x, y in points)
    many = len(strokes) > STROKES_MOST or len(points) > POINTS_MOST
    if not strokes or many or not inside or min(len(stroke) for stroke in strokes) < 2:
        raise BadSignature(field="strokes")
    lines = "".join(f'<polyline points="{" ".join(f"{x},{y}" for x, y in stroke)}"/>' for stroke in strokes)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" fill="none" stroke="#000" stroke-width="6">'
    return f"{head}{lines}</svg>"


def _info(row: Proof) -> ProofInfo:
    return ProofInfo(row.id, row.stop_id, row.kind, row.media_type, row.size_bytes, row.received_at)
