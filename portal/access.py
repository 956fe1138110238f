"""Who can do this, and why; the regular look at who still needs what; what was given and taken."""

from uuid import UUID

from flask import Blueprint, Response, request

from accounts import queries
from accounts.rights import Right
from kit.i18n import _
from portal import labels
from portal.actor import current_account_id, current_actor
from portal.people import named_stations
from portal.render import page

blueprint = Blueprint("access", __name__)
SIZE = 50


@blueprint.get("/people/why")
def why() -> Response:
    """Choose a right or a person: each way by which it comes about."""
    account_id = current_account_id()
    right = next((one for one in Right if one.value == request.args.get("right")), None)
    user_id = _user_id()
    everything = queries.ways(current_actor(), account_id)
    people = sorted(
        {(str(way.user_id), way.who) for way in everything if way.user_id}, key=lambda one: one[1].casefold()
    )
    ways = queries.ways(current_actor(), account_id, right=right, user_id=user_id) if right or user_id else []
    return page(
        "people/why.html",
        rights=[("", _("Any right")), *((one.value, labels.label(one)) for one in Right)],
        people=[("", _("Anybody")), *people],
        right=right,
        user_id=user_id,
        ways=ways,
        stations=named_stations([role for way in ways for role in (way.role, way.through) if role]),
    )


@blueprint.get("/people/review")
def review() -> Response:
    """Everything that counts now, what was never or long ago used first."""
    given = queries.roles_given(current_actor(), current_account_id())
    given.sort(key=lambda one: (one.last_used_at is not None, one.last_used_at or one.granted_at))
    last = request.args.get("after", type=UUID)
    after = None if last is None else (request.args.get("name", ""), last)
    found = queries.roles_held(current_actor(), current_account_id(), after=after, limit=SIZE + 1)
    held = found[:SIZE]
    return page(
        "people/review.html",
        given=given,
        held=held,
        last=held[-1] if len(found) > SIZE else None,
        stations=named_stations([*given, *held]),
    )


@blueprint.get("/people/log")
def log() -> Response:
    """What this account gave and was given, both also when it is over."""
    rows = queries.role_log(current_actor(), current_account_id())
    return page("people/log.html", rows=rows, account_id=current_account_id(), stations=named_stations(rows))


@blueprint.get("/me/roles")
def mine() -> Response:
    """What the signed-in person was given anywhere; they can give it back."""
    rows = queries.my_roles(current_actor())
    return page("people/mine.html", rows=rows, stations=named_stations(rows))


def _user_id() -> UUID | None:
    try:
        return UUID(request.args.get("person", ""))
    except ValueError:
        return None
