"""People with a role in the chosen account, and companies that act here by one."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts import queries, use_cases
from accounts.errors import MoreThanOneHolds
from accounts.rights import ROLE_RIGHTS, Role
from accounts.values import AccountId, GrantId, InvitationKind
from kit.errors import Conflict, Invalid
from kit.i18n import _
from portal import labels
from portal.actor import current_account, current_account_id, current_actor
from portal.days import last_day
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page, safe_target
from stations.queries import station_names, stations_to_choose

blueprint = Blueprint("people", __name__)


@dataclass(frozen=True)
class Choices:
    """What can be chosen when a role is given: pairs of value and words."""

    roles: list[tuple[str, str]]
    scopes: list[tuple[str, str]]


@blueprint.route("/people", methods=["GET", "POST"])
def overview() -> Response:
    """Who may do what here; give a role."""
    account_id = current_account_id()
    form, notice, status = Form(role=Role.VIEWER, kind=InvitationKind.PERSON), None, 200
    if form.sent:
        try:
            with form.checking():
                use_cases.invite(current_actor(), account_id, **_given(form))
        except (Conflict, MoreThanOneHolds) as refused:
            notice, status = problem_words(refused.code), refused.status
        for name in {"station_id", "group_id"} & set(form.problems):
            form.problems["scope"] = form.problems.pop(name)
        if form.done:
            flash(_("The invitation is on its way."))
            return go(url_for("people.overview"))
    found = queries.people(current_actor(), account_id)
    given = queries.roles_given(current_actor(), account_id)
    return page(
        "people/page.html",
        form=form,
        notice=notice,
        people=found,
        companies=[one for one in given if one.holder_id is not None],
        invitations=queries.invitations(current_actor(), account_id),
        kinds=[(kind.value, labels.label(kind)) for kind in InvitationKind],
        choices=_choices(account_id),
        stations=named_stations([*found, *given]),
        groups={one.id: one.name for one in queries.station_groups(current_actor(), account_id)},
        status=max(status, form.status),
    )


@blueprint.post("/people/<uuid:grant_id>/revoke")
def revoke(grant_id: UUID) -> Response:
    """Take a role back."""
    try:
        use_cases.revoke_grant(current_actor(), GrantId(grant_id))
        flash(_("The role is taken back."))
    except (Conflict, MoreThanOneHolds) as refused:
        flash(problem_words(refused.code), "danger")
    return go(safe_target(request.form.get("next")) or url_for("people.overview"))


def named_stations(rows: list[Any]) -> dict[UUID, str]:
    """The names of the stations on which these roles count."""
    wanted = {row.station_id for row in rows if row.station_id is not None}
    return station_names(current_actor(), wanted) if wanted else {}


def _given(form: Form) -> dict[str, Any]:
    """A role and where it counts, from two selects: `owner` or `own:<id>`; empty, `group:<id>` or `station:<id>`."""
    kind, _colon, number = form.text("role").partition(":")
    role: dict[str, Any] = (
        {"own_role_id": _uuid("role", number)} if kind == "own" else {"role": form.choice("role", Role)}
    )
    part, _colon, number = form.text("scope").partition(":")
    if part not in ("", "group", "station"):
        raise Invalid(scope="unknown")
    scope = {f"{part}_id": _uuid("scope", number)} if part else {}
    about = {"email": form.text("email"), "name": form.text("name"), "kind": form.choice("kind", InvitationKind)}
    return {**about, "ends_at": last_day(form), **role, **scope}


def _uuid(field: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(**{field: "unknown"}) from error


def _choices(account_id: AccountId) -> Choices:
    """The roles that the person can give, none with more rights than their own; and where they can count."""
    node = current_account()
    held = node.rights if node else frozenset()
    ready = [role for role in Role if role is not Role.API_CLIENT and ROLE_RIGHTS[role] <= held]
    own = [one for one in queries.own_roles(current_actor(), account_id) if one.rights <= held]
    groups = queries.station_groups(current_actor(), account_id)
    stations = stations_to_choose(current_actor(), account_id)
    return Choices(
        roles=[(role.value, labels.label(role)) for role in ready] + [(f"own:{one.id}", one.name) for one in own],
        scopes=[("", _("The whole account"))]
        + [(f"group:{one.id}", _("Group %(name)s", name=one.name)) for one in groups]
        + [(f"station:{one.id}", _("Station %(name)s", name=one.name)) for one in stations],
    )
