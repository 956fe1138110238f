"""Who the driver in front of a charger is known to be: by the link that was mailed to him, or by his login."""

from flask import Response, current_app, request

from billing.price_links import VALID
from billing.values import ANY_DRIVER, Driver
from kit.signing import LinkBroken, LinkExpired, read, sign
from portal.actor import current_person

COOKIE = PURPOSE = "driver"  # no link: what opens a page is good for this browser alone


def known_driver() -> Driver:
    """What he proved of himself; a cookie that is not ours, or too old, proves nothing."""
    text = request.cookies.get(COOKIE)
    if text:
        try:
            return Driver(email=read(PURPOSE, text, valid_for=VALID)["email"])
        except (LinkBroken, LinkExpired):
            return ANY_DRIVER
    person = current_person()
    return Driver(email=person.email) if person else ANY_DRIVER  # whoever is signed in has confirmed the address


def remember(response: Response, driver: Driver) -> Response:
    """Let this browser be known as this driver's from now on."""
    response.set_cookie(
        COOKIE,
        sign(PURPOSE, {"email": driver.email}),
        max_age=int(VALID.total_seconds()),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def forget(response: Response) -> Response:
    """Let this browser be anybody's again."""
    response.delete_cookie(COOKIE)
    return response
