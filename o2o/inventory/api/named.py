"""What callers name must exist: a store that head office speaks for, goods of the catalogue. Else stock would lie where nobody looks."""

import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from o2o.catalogue import goods
from o2o.infra.http import store_of
from o2o.kit.ids import Sku, StoreId
from o2o.kit.principal import Principal, Role
from o2o.stores import places


def place(db: Session, caller: Principal, wanted: uuid.UUID | None) -> StoreId:
    """The store that is spoken for, as `store_of`.

    Raises:
        NotAllowed, WhichStore. places.NoSuchStore: head office names one that there is not.
    """
    found = store_of(caller, wanted)
    return found if caller.role is Role.CLERK else store(db, found, field="store_id")


def store(db: Session, store_id: uuid.UUID, *, field: str) -> StoreId:
    """A store that there is.

    Raises:
        places.NoSuchStore: which `field` named it.
    """
    try:
        return places.get(db, store_id=StoreId(store_id)).id
    except places.NoSuchStore:
        raise places.NoSuchStore(field=field, store_id=store_id) from None


def known(db: Session, skus: Sequence[str], *, field: str) -> None:
    """All of these are goods of ours, on sale or not.

    Raises:
        goods.NoSuchGood: which `field` named the first that is none; `{}` in it is the place in the list.
    """
    ours = goods.get_many(db, skus={Sku(sku) for sku in skus}, fresh=True)
    for nth, sku in enumerate(skus):
        if sku not in ours:
            raise goods.NoSuchGood(field=field.format(nth), sku=sku)


def category(db: Session, code: str) -> None:
    """There is such a category.

    Raises:
        goods.NoSuchCategory
    """
    if not goods.has_category(db, code=code):
        raise goods.NoSuchCategory(field="category", category=code)
