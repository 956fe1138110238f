"""What tests of pages may ask for: the settings of a demo, the application, a browser without scripts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import wsgi
from kit import i18n
from kit.settings import Settings
from tests import make


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Pages are tried on one database, and the doors behind them on both."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The demo's settings, everything under a folder of the test."""
    return make.settings_for(tmp_path / "var")


@pytest.fixture
def app(database: str, settings: Settings) -> Iterator[Flask]:
    """The application on a fresh database."""
    made = wsgi.create_app(settings)
    made.testing = False  # errors are shown as they are to people
    yield made
    i18n.set_language("en")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor who has not signed in."""
    return app.test_client()
