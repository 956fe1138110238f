"""What stands in the place of a function that needs a licence: what it is, what it costs, and the next step."""

from uuid import UUID

from flask import Response, make_response, render_template, url_for

from accounts.errors import LicenceNeeded
from accounts.functions import Function
from accounts.queries import has_function
from accounts.values import AccountId
from kit.errors import AppError
from licensing import queries
from portal.actor import current_actor, current_person
from portal.licence_words import ABOUT
from portal.render import is_htmx


def has(function: str, account_id: UUID, station_id: UUID | None = None) -> bool:
    """For templates, by the name of the function: `has_function("MAINTENANCE", account.id, station.id)`."""
    return has_function(current_actor(), Function[function], account_id, station_id)


def need_function(function: Function, account_id: UUID, station_id: UUID | None = None) -> None:
    """Before a page whose every button needs the function. Raises LicenceNeeded."""
    if not has_function(current_actor(), function, account_id, station_id):
        raise LicenceNeeded(function, account_id, station_id)


def refused(error: LicenceNeeded) -> Response | None:
    """The offer instead of the page; None where the reader can't be offered anything."""
    if current_person() is None:
        return None
    if is_htmx():
        address = url_for("licences.offer", function=error.function.value, account_id=error.account_id)
        return Response(status=402, headers={"HX-Redirect": address})
    try:
        return make_response(_offer_page(error.function, error.account_id), 402, {"Cache-Control": "no-store"})
    except AppError:
        return None


def _offer_page(function: Function, account_id: UUID) -> str:
    actor = current_actor()
    offer, table = queries.offer(actor, AccountId(account_id), function), queries.function_table(actor)
    return render_template("licences/offer.html", offer=offer, about=ABOUT, table=table)
