"""Where the people who run the platform see whose income the provider still keeps, and let it go."""

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from billing import queries, use_cases
from billing.values import FormerPayeeId
from kit.i18n import _
from portal.actor import current_actor
from portal.render import go, page

blueprint = Blueprint("former_payees", __name__, url_prefix="/platform/former-payees")
SIZE = 25


@blueprint.get("")
def overview() -> Response:
    """Operators who left their account while the provider kept something of theirs."""
    before = request.args.get("before", type=UUID)
    found = queries.former_payees(current_actor(), before=before, limit=SIZE + 1)
    older = found[SIZE - 1] if len(found) > SIZE else None
    return page("verification/former_payees.html", rows=found[:SIZE], older=older)


@blueprint.post("/<uuid:former_payee_id>/release")
def release(former_payee_id: UUID) -> Response:
    """Have the provider pay out."""
    row = use_cases.release_payouts(current_actor(), FormerPayeeId(former_payee_id))
    flash(_("The payment provider is told to pay out.") if row.payouts_held_at else _("Noted."))
    return go(url_for("former_payees.overview"))
