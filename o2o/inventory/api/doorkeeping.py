"""Who comes to the stock doors, and for which store they speak."""

import uuid
from typing import Annotated

from fastapi import Depends, Path, Query
from sqlalchemy.orm import Session

from o2o.infra.http import Allow, NotAllowed
from o2o.kit.errors import Invalid
from o2o.kit.ids import StoreId
from o2o.kit.principal import Principal, Role
from o2o.stores import places

Keeper = Annotated[Principal, Depends(Allow(Role.CLERK, Role.HQ))]
"""A clerk, for the own store only, or head office for any."""
StoreQuery = Annotated[uuid.UUID | None, Query(description="Head office says which store; a clerk has one.")]
SkuPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$", examples=["DAIRY-001"])]


class WhichStore(Invalid):
    """Say which store."""

    code = "inventory.which_store"


def store_of(caller: Principal, wanted: uuid.UUID | None) -> StoreId:
    """The store the caller may speak for.

    Raises:
        NotAllowed: a clerk asks for another store. WhichStore: head office names none.
    """
    if caller.role is Role.CLERK:
        if caller.store_id is None or wanted not in (None, caller.store_id):
            raise NotAllowed()
        return StoreId(caller.store_id)
    if wanted is None:
        raise WhichStore(field="store_id")
    return StoreId(wanted)


def known(db: Session, store_id: uuid.UUID, *, field: str) -> StoreId:
    """A store that there is.

    Raises:
        NoSuchStore: with the field that named it.
    """
    try:
        return places.get(db, store_id=StoreId(store_id)).id
    except places.NoSuchStore:
        raise places.NoSuchStore(field=field, store_id=store_id) from None
