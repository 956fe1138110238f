"""Settings for the tests of closing accounts."""

from pathlib import Path

import pytest

from kit import settings
from kit.settings import Settings


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path) -> None:
    settings.use(Settings.from_environ({"DEMO": "1", "VAR_DIR": str(tmp_path / "var"), "BRAND_NAME": "Ladenetz"}))
