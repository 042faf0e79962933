"""After every test of the room its books must agree."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from o2o.inventory import ledger_check


@pytest.fixture
def db(db: Session) -> Iterator[Session]:
    """The rolled-back session of all tests, audited before it goes."""
    yield db
    assert ledger_check.differences(db) == []
