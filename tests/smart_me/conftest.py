"""A platform that has set smart-me up, and smart-me itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from accounts.access import Actor
from accounts.presence import PersonHere
from kit import clock
from kit.settings import Settings
from smart_me import admission
from stations.admission import bind
from tests import make
from tests.people import People, everybody
from tests.smart_me_server import CLIENT_ID, CLIENT_SECRET, PARTNER_KEY, Cloud, cloud

INBOUND = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture(scope="session")
def _cloud() -> Iterator[Cloud]:
    with cloud() as running:
        yield running


@pytest.fixture
def there(_cloud: Cloud) -> Cloud:
    """smart-me, as on its first day."""
    fresh = Cloud(url=_cloud.url)
    vars(_cloud).update(vars(fresh))
    return _cloud


@pytest.fixture
def program(tmp_path: Path, there: Cloud) -> Settings:
    """Settings with smart-me in them."""
    bind([admission.judge])
    return make.settings_for(
        tmp_path,
        SMART_ME_URL=there.url,
        SMART_ME_CLIENT_ID=CLIENT_ID,
        SMART_ME_CLIENT_SECRET=CLIENT_SECRET,
        SMART_ME_PARTNER_KEY=PARTNER_KEY,
        SMART_ME_INBOUND_SECRET=INBOUND,
    )


@pytest.fixture
def people(database: str, program: Settings) -> People:
    return everybody()


def here(actor: Actor) -> PersonHere:
    """The same person in a browser, who has just proved who they are."""
    return PersonHere(actor.kind, actor.id, actor.grants, actor.staff, checked_at=clock.now())
