"""The program as operators start it, once per database, and stations that are new for each test."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from accounts.access import SYSTEM
from accounts.rights import Role
from accounts.use_cases import create_api_token
from kit import db
from stations import proxy_files
from stations.use_cases import create_authority
from tests import make
from tests.conformance.harness import Platform, Station
from tests.databases import PostgreSQL
from tests.proxy import in_front_of
from tests.serving import serving, settled

JUMPING_CLOCK = Path(__file__).parents[1] / "jumping_clock"
TOKENS = 10


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def platform(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The program on one of the databases and behind its proxy, an account, and tokens to ask with."""
    folder = tmp_path_factory.mktemp("conformance")
    environ = {"CLOCK_FILE": str(folder / "clock"), "PYTHONPATH": str(JUMPING_CLOCK), "TRUSTED_PROXIES": "1"}
    if request.param == "postgresql":
        cluster: PostgreSQL = request.getfixturevalue("postgresql")
        environ["DATABASE_URL"] = cluster.create()
    (folder / "clock").write_text("0", encoding="ascii")
    settled(folder, **environ)
    owned = make.account(name="Conformance AG")
    secrets = [
        create_api_token(owned.owner, owned.id, name="harness", role=Role.API_CLIENT).secret for _ in range(TOKENS)
    ]
    create_authority(SYSTEM)
    proxy_files.write(folder / "certificates")
    db.disconnect()  # from here on, what is stored is asked for by GraphQL
    with serving(folder, **environ) as server, in_front_of(server, folder, folder) as proxy:
        yield Platform(server, proxy, str(owned.id), itertools.cycle(secrets), folder / "clock")


@pytest.fixture
def booted(platform: Platform) -> Iterator[Callable[..., Station]]:
    """Make stations in the reusable state Booted; at the end nothing was asked that nobody wished for."""
    made: list[Station] = []

    def one(*, quiet: bool = True) -> Station:
        station = platform.station(quiet=quiet)
        made.append(station)
        station.connect()
        assert station.boot()["status"] == "Accepted"
        return station

    yield one
    for station in made:
        station.ends()


@pytest.fixture
def station(booted: Callable[..., Station]) -> Station:
    """A booted station with two connectors."""
    return booted()
