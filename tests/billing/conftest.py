"""Settings for billing's tests, and a charger that sells."""

from pathlib import Path

import pytest

from kit import settings
from kit.settings import Settings
from tests.billing.shop import Shop, open_shop


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path) -> None:
    settings.use(Settings.from_environ({"DEMO": "1", "VAR_DIR": str(tmp_path / "var"), "BRAND_NAME": "Ladenetz"}))


@pytest.fixture
def shop() -> Shop:
    """A charger that sells at 0.45 a kWh, 0.02 a minute, 1.00 a session."""
    return open_shop()
