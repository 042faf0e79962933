"""Which areas a caller may look at; every screen of a dispatcher begins here."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kit.principal import Principal, Role
from o2o.kit.wire import Wire
from o2o.stores.models import AreaRow


class AreaOut(Wire):
    """An area the caller may look at."""

    id: uuid.UUID
    name: str


def of_caller(db: Session, caller: Principal) -> list[AreaOut]:
    """By name; all of them for the head office."""
    every = select(AreaRow.id, AreaRow.name).order_by(AreaRow.name)
    mine = every if caller.role is Role.HQ else every.where(AreaRow.id.in_(caller.area_ids))
    return [AreaOut(id=area_id, name=name) for area_id, name in db.execute(mine)]
