"""Notices from the payment provider: the bytes as they came go to billing, which judges them."""

from flask import Blueprint, Response, request

from billing import checkout
from kit.errors import Invalid
from portal.actor import public_page
from portal.security import csrf_protect, limiter

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")
csrf_protect.exempt(blueprint)  # the provider proves itself by a signature
limiter.exempt(blueprint)  # a provider that catches up sends many at once

LARGEST = 256 * 1024


@blueprint.post("/stripe")
@public_page
def stripe() -> Response:
    """Stripe's notices. 400: the signature does not fit, so nothing was read."""
    if (request.content_length or 0) > LARGEST:
        return Response("too large\n", 413, mimetype="text/plain")
    try:
        checkout.receive("stripe", request.get_data(cache=False), request.headers.get("Stripe-Signature", ""))
    except Invalid:
        return Response("signature does not fit\n", 400, mimetype="text/plain")
    return Response("", 204)
