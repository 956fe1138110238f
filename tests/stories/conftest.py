"""What the stories share."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium


@pytest.fixture(scope="module")
def browser(chromium_path: str | None) -> Iterator[Browser]:
    """Chromium, one for all stories of a file."""
    with chromium(chromium_path) as started:
        yield started
