"""What the mailed link leads to: from then on the driver is known here, and sees his own price behind each QR code."""

from flask import Blueprint, Response, url_for

from accounts.access import ANYONE
from billing.price_links import driver_of, place_words
from billing.queries import shown_price
from kit.errors import AppError, NotFound
from portal.actor import public_page
from portal.driver import LOOKS
from portal.errors import error_page
from portal.known_driver import forget, remember
from portal.render import go, page
from portal.security import limiter

blueprint = Blueprint("own_price", __name__)


@blueprint.errorhandler(AppError)
def refused(error: AppError) -> Response:
    """A refusal without the portal around it: a driver has no login."""
    return error_page(error.status, error.code, "driver/problem.html")


@blueprint.get("/own-price/<link_token>")
@public_page
@limiter.limit(LOOKS)
def known(link_token: str) -> Response:
    """Show the price, and remember whose browser this is."""
    driver, person_price_id = driver_of(link_token)
    row = shown_price(ANYONE, person_price_id, driver)
    if row is None:
        raise NotFound("no_own_price")
    shown = page("driver/own_price.html", row=row, place=place_words(row))
    return remember(shown, driver)


@blueprint.post("/own-price/forget")
@public_page
def unknown() -> Response:
    """Charge as anybody again, for instance on a borrowed phone."""
    return forget(go(url_for("driver.code")))
