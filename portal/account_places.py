"""One account per property: the warning where one mixes several, and the way out into an account of its own."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, Response, flash, url_for

from accounts.rights import Right
from accounts.values import AccountId
from billing.use_cases import Split, split_account
from kit.errors import Conflict, Forbidden, Invalid
from kit.i18n import _, ngettext
from portal.actor import choose_account, current_account_id, current_actor, look_again, need_in_whole
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page
from stations import queries, use_cases
from stations.queries import AccountPlaces

blueprint = Blueprint("account_places", __name__)


def moved_words(made: Split) -> str:
    """What became of stations that got an account of their own."""
    return ngettext(
        "One station is in the account %(name)s now.",
        "%(number)s stations are in the account %(name)s now.",
        made.stations,
        name=made.account.name,
    )


@blueprint.get("/accounts/<uuid:account_id>/places")
def overview(account_id: UUID) -> Response:
    """Where the stations of an account stand, and what can be done where that is at several properties."""
    return _page(account_id, Form())


@blueprint.post("/accounts/<uuid:account_id>/places/split")
def split(account_id: UUID) -> Response:
    """The stations of one place get an account of their own."""
    need_in_whole(Right.MANAGE_ACCOUNT, account_id)
    need_in_whole(Right.MANAGE_STATIONS, account_id)
    form, told = Form(), ""
    try:
        with form.checking():
            places = queries.account_places(current_actor(), AccountId(account_id)).places
            place = next((one for one in places if one.key == form.text("place")), None)
            if place is None:
                raise Invalid(place="required")
            made = split_account(
                current_actor(),
                AccountId(account_id),
                station_ids=[spot.station_id for spot in place.spots],
                name=form.text("name") or place.name,
            )
    except (Conflict, Forbidden) as refused:
        told = problem_words(refused.code)
    if form.done:
        look_again()
        choose_account(made.account.id)
        flash(moved_words(made))
        return go(url_for("accounts.settings", account_id=made.account.id))
    return _page(account_id, form, told, 409 if told else form.status)


@blueprint.post("/accounts/<uuid:account_id>/places/accept")
def accept(account_id: UUID) -> Response:
    """They belong together: no warning any more."""
    use_cases.accept_mixture(current_actor(), AccountId(account_id))
    flash(_("You are warned again when a station stands at yet another place."))
    return go(url_for("account_places.overview", account_id=account_id))


@blueprint.post("/accounts/<uuid:account_id>/places/warn")
def warn(account_id: UUID) -> Response:
    """The warning is back."""
    use_cases.warn_of_mixture(current_actor(), AccountId(account_id))
    return go(url_for("account_places.overview", account_id=account_id))


@blueprint.get("/stations/mixed")
def notice() -> Response:
    """The warning alone, for a page that does not wait for it."""
    return page("stations/mixed.html", fragment="stations/_mixed.html")


@blueprint.app_template_global()
def mixed_here() -> Sequence[AccountPlaces]:
    """For templates: the accounts here that mix properties."""
    return queries.mixed_accounts(current_actor(), current_account_id())


def _page(account_id: UUID, form: Form, refusal: str = "", status: int = 200) -> Response:
    told = queries.account_places(current_actor(), AccountId(account_id))
    return page("stations/places.html", told=told, form=form, refusal=refusal, status=status)
