"""What tests of licensing may ask for."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

import billing.reactions
import licensing.jobs
import licensing.reactions
from accounts.access import SYSTEM, Actor
from accounts.queries import actor_of_user
from accounts.use_cases import make_staff
from accounts.values import UserId
from kit import clock, worker
from kit.settings import Settings
from tests import make
from tests.licensing.shop import Shop, open_shop

BEGIN = datetime(2027, 3, 10, 9, tzinfo=UTC)


@pytest.fixture
def shop(database: str, program: Settings) -> Iterator[Shop]:
    """An account with three stations in the free plan, on 10 March 2027."""
    worker.bind((billing.reactions.REACTIONS, licensing.reactions.REACTIONS), licensing.jobs.JOBS)
    clock.move(BEGIN)
    yield open_shop()
    clock.move(None)


@pytest.fixture
def staff(shop: Shop) -> Actor:
    """Somebody who runs the platform."""
    login = make.account(name="Plattform AG").login
    user = make_staff(SYSTEM, email=login.email)
    actor = actor_of_user(SYSTEM, UserId(user.id), user.session_key)
    assert actor is not None, "the address is confirmed"
    return actor
