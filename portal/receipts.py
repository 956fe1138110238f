"""Receipts and credit notes as PDF: for the driver under his link, for the operator behind the login."""

from uuid import UUID

from flask import Blueprint, Response, request

from accounts.access import Actor
from billing import documents
from billing.queries import payment_view
from kit.errors import NotFound
from portal.actor import actor_of_header, ask_to_sign_in, current_actor, current_person, public_page
from portal.driver_sessions import payment_behind
from portal.security import credential, limit_programs, limiter

blueprint = Blueprint("receipts", __name__)
DRAWINGS = "20 per minute"  # drawing one takes a processor for 150 ms


@blueprint.get("/s/<link_key>/receipt.pdf")
@public_page
@limiter.limit(DRAWINGS)
def receipt(link_key: str) -> Response:
    """The receipt of the payer's session."""
    payment_id = payment_behind(link_key)
    payer = Actor.payer(payment_id)
    document_id = payment_view(payer, payment_id).document_id
    if document_id is None:
        raise NotFound("no_receipt")
    return _pdf(payer, document_id)


@blueprint.get("/s/<link_key>/<uuid:document_id>.pdf")
@public_page
@limiter.limit(DRAWINGS)
def credit_note(link_key: str, document_id: UUID) -> Response:
    """A document that corrects the payer's receipt."""
    return _pdf(Actor.payer(payment_behind(link_key)), document_id)


@blueprint.get("/receipts/<uuid:document_id>.pdf")
@public_page
@limiter.limit(DRAWINGS, key_func=credential)
@limit_programs
def document(document_id: UUID) -> Response:
    """Any document of an account that the signed-in person, or the token's bearer, may see the income of."""
    if "Authorization" in request.headers:
        actor = actor_of_header()
        return Response(status=401) if actor is None else _pdf(actor, document_id)
    return ask_to_sign_in() if current_person() is None else _pdf(current_actor(), document_id)


def _pdf(actor: Actor, document_id: UUID) -> Response:
    file = documents.document_pdf(actor, document_id)
    headers = {
        "Content-Disposition": f'inline; filename="{file.name}"',
        "Cache-Control": "private, no-store",
        "X-Robots-Tag": "noindex",
    }
    return Response(file.content, mimetype="application/pdf", headers=headers)
