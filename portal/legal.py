"""Imprint, privacy notice and terms of use."""

from flask import Blueprint, Response

from portal.actor import public_page
from portal.render import page

blueprint = Blueprint("legal", __name__, url_prefix="/legal")


@blueprint.get("/imprint")
@public_page
def imprint() -> Response:
    """Who runs the platform."""
    return page("legal/imprint.html")


@blueprint.get("/privacy")
@public_page
def privacy() -> Response:
    """What is kept of whom, and why."""
    return page("legal/privacy.html")


@blueprint.get("/terms")
@public_page
def terms() -> Response:
    """What a driver agrees to before he pays."""
    return page("legal/terms.html")
