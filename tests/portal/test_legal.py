"""Imprint, privacy notice and terms: open to everybody, in four languages, with the operator of the platform named."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

import wsgi
from tests import make
from tests.portal.phone import Phone


@pytest.mark.parametrize("name", ["imprint", "privacy", "terms"])
@pytest.mark.parametrize("language", ["de", "fr", "it", "en"])
def test_everybody_may_read_it_in_every_language(app: Flask, name: str, language: str) -> None:
    page = Phone(app, language=language).get(f"/legal/{name}")
    assert page.status == 200
    assert f'<html lang="{language}">' in page.html
    assert page.html.count("<h1") == 1


def test_the_imprint_names_who_runs_the_platform_and_who_sells(
    database: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = make.settings_for(
        tmp_path_factory.mktemp("named"),
        BRAND_NAME="Ladenetz",
        IMPRINT_NAME="Netz AG",
        IMPRINT_ADDRESS="Hauptstrasse 5, 3000 Bern",
        IMPRINT_EMAIL="post@netz.example",
        TERMS_VERSION="2026-11",
    )
    phone = Phone(wsgi.create_app(settings))
    imprint = phone.get("/legal/imprint").text
    for words in (
        "Ladenetz",
        "Netz AG",
        "Hauptstrasse 5, 3000 Bern",
        "post@netz.example",
        "We only provide the technology.",
    ):
        assert words in imprint
    assert "Version 2026-11" in phone.get("/legal/terms").text
    assert "post@netz.example" in phone.get("/legal/privacy").text


def test_every_driver_s_page_leads_to_all_three(client: FlaskClient) -> None:
    html = client.get("/code").get_data(as_text=True)
    for name in ("imprint", "privacy", "terms"):
        assert f'href="/legal/{name}"' in html
