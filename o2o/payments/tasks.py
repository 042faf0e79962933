"""What payments does when told: ask providers, sweep what waits, send the sandbox's notices."""

from datetime import datetime, timedelta

import httpx
from sqlalchemy.orm import Session

from o2o.infra.db import transaction
from o2o.infra.tools import Tools
from o2o.payments import claims, operations, sandbox, webhooks
from o2o.payments.events import OperationAsked


def carry_out(db: Session, *, event: OperationAsked, now: datetime, tools: Tools) -> None:
    """Follower of OperationAsked."""
    operations.carry_out(db, operation_id=event.operation_id, provider=sandbox.Sandbox(tools.engine), now=now)


def sweep(tools: Tools, *, now: datetime, key: str) -> None:
    """Duty: operations whose provider did not answer, or said no a while ago, are asked for again; what is owed and overdue is told."""
    with transaction(tools.engine) as db:
        waiting = operations.waiting(db, now=now, older_than=timedelta(seconds=30))
        overdue = claims.overdue(db, now=now)
    for operation_id in waiting:
        with transaction(tools.engine) as db:
            operations.carry_out(db, operation_id=operation_id, provider=sandbox.Sandbox(tools.engine), now=now)
    for payment_id in overdue:
        with transaction(tools.engine) as db:
            claims.note_unpaid(db, payment_id=payment_id, now=now)


def send_notices(tools: Tools, *, now: datetime, key: str) -> None:
    """Duty: the sandbox posts what is due, to the API's address when there is one, else straight in, signed either way."""
    with transaction(tools.engine) as db:
        bodies = sandbox.due_notices(db, now=now)
    for body in bodies:
        if not _post(tools, body, now):
            with transaction(tools.engine) as db:
                sandbox.send_again(db, body=body, now=now)


def _post(tools: Tools, body: bytes, now: datetime) -> bool:
    secret, at = tools.settings.payment_secret.get_secret_value(), int(now.timestamp())
    signature = sandbox.sign(secret, timestamp=at, body=body)
    if tools.settings.webhook_url is None:
        with transaction(tools.engine) as db:
            webhooks.verify(secret, timestamp=str(at), signature=signature, body=body, now=now)
            webhooks.receive(db, body=body, now=now)
        return True
    headers = {"X-Timestamp": str(at), "X-Signature": signature, "Content-Type": "application/json"}
    try:
        answer = httpx.post(tools.settings.webhook_url, content=body, headers=headers, timeout=5)
    except httpx.HTTPError:
        return False
    return answer.status_code < 500
