"""HTTP of proofs: a rider's phone sends a photo or a signature, a dispatcher looks at it."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Response
from pydantic import Field

from o2o.dispatch.carrying import proofs
from o2o.infra.files import open_files
from o2o.infra.http import Db, Dispatcher, Now, Rider, ToolsDep
from o2o.kit.wire import Wire, example

router = APIRouter(prefix="/api", tags=["dispatch"])

Picture = Annotated[bytes, Body(media_type="application/octet-stream", description="A JPEG, PNG or WebP picture.")]
Along = Annotated[int, Field(ge=0, le=proofs.SIDE)]
Point = Annotated[list[Along], Field(min_length=2, max_length=2)]
Stroke = Annotated[list[Point], Field(min_length=2, max_length=proofs.POINTS_MOST)]


class SignatureIn(Wire):
    """Strokes of a finger on a square of 1000 by 1000, each a list of (x, y)."""

    model_config = example(strokes=[[[100, 500], [400, 300], [900, 600]]])
    strokes: Annotated[list[Stroke], Field(min_length=1, max_length=proofs.STROKES_MOST)]


class ProofOut(Wire):
    """A proof that was received."""

    proof_id: uuid.UUID
    stop_id: uuid.UUID
    kind: Literal["photo", "signature"]
    media_type: str
    size_bytes: int
    received_at: datetime


class ProofsOut(Wire):
    """Proofs of a stop, the first first. `code`: the customer's code was given; `awaited`: named by the phone, not sent yet."""

    code: bool
    awaited: list[Literal["photo", "signature"]]
    proofs: list[ProofOut]


@router.put(
    "/stops/{stop_id}/photos/{proof_id}",
    operation_id="send_photo",
    response_model=ProofOut,
    summary="A photo at the door",
    max_body_size=proofs.LARGEST_BYTES,
)
def send_photo(
    stop_id: uuid.UUID, proof_id: uuid.UUID, content: Picture, caller: Rider, db: Db, now: Now, tools: ToolsDep
) -> ProofOut:
    """The phone chooses the id and names it when the stop is done, after the picture has come; only what was done without signal
    may be told before its picture. Sending twice is fine."""
    kept = proofs.keep_photo(
        db,
        open_files(tools.settings),
        proof_id=proof_id,
        stop_id=stop_id,
        rider_id=caller.account_id,
        content=content,
        now=now,
    )
    return ProofOut.model_validate(kept, from_attributes=True, strict=False)


@router.put(
    "/stops/{stop_id}/signatures/{proof_id}",
    operation_id="send_signature",
    response_model=ProofOut,
    summary="A signature on the phone",
)
def send_signature(
    stop_id: uuid.UUID, proof_id: uuid.UUID, body: SignatureIn, caller: Rider, db: Db, now: Now, tools: ToolsDep
) -> ProofOut:
    """As strokes, kept as an SVG; sending twice is fine."""
    kept = proofs.keep_signature(
        db,
        open_files(tools.settings),
        proof_id=proof_id,
        stop_id=stop_id,
        rider_id=caller.account_id,
        strokes=[[(x, y) for x, y in stroke] for stroke in body.strokes],
        now=now,
    )
    return ProofOut.model_validate(kept, from_attributes=True, strict=False)


@router.get("/stops/{stop_id}/proofs", operation_id="list_proofs", response_model=ProofsOut, summary="Proofs of a stop")
def list_proofs(stop_id: uuid.UUID, caller: Dispatcher, db: Db) -> ProofsOut:
    """Of a stop in the caller's areas."""
    areas = caller.sees_areas
    found = proofs.of_stop(db, stop_id=stop_id, area_ids=areas)
    said = proofs.said_at(db, stop_id=stop_id, area_ids=areas)
    kept = [ProofOut.model_validate(one, from_attributes=True, strict=False) for one in found]
    return ProofsOut.model_validate({"code": said.code, "awaited": list(said.awaited), "proofs": kept})


@router.get(
    "/proofs/{proof_id}",
    operation_id="show_proof",
    response_class=Response,
    summary="A photo or signature",
    responses={200: {"content": {"image/*": {}}, "description": "The picture."}},
)
def show_proof(proof_id: uuid.UUID, caller: Dispatcher, db: Db, tools: ToolsDep) -> Response:
    """Of a stop in the caller's areas. Never run as a page, whatever it is."""
    media_type, content = proofs.content_of(
        db, open_files(tools.settings), proof_id=proof_id, area_ids=caller.sees_areas
    )
    safe = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
    return Response(content, media_type=media_type, headers={**safe, "Cache-Control": "private, max-age=3600"})
