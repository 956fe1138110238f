"""Webhooks of the chosen account: endpoints, and the log of what was sent to them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from kit.i18n import _
from portal.actor import current_account_id, current_actor
from portal.forms import Form
from portal.render import go, page
from webhooks import queries, use_cases
from webhooks.values import CHOICES, DeliveryId, EndpointId, EventType

blueprint = Blueprint("webhook_endpoints", __name__)
LOG_LENGTH = 50


@blueprint.route("/webhook-endpoints", methods=["GET", "POST"])
def overview() -> Response:
    """The endpoints of the account; add one."""
    account_id, form = current_account_id(), Form(**_ticks(CHOICES))
    if form.sent:
        with form.checking():
            made = use_cases.add_endpoint(
                current_actor(), account_id, url=form.text("url"), name=form.text("name"), event_types=_ticked(form)
            )
        if form.done:
            return go(url_for("webhook_endpoints.endpoint", endpoint_id=made.id))
    found = queries.endpoints(current_actor(), account_id)
    return page("webhook_endpoints/list.html", form=form, endpoints=found, kinds=CHOICES, status=form.status)


@blueprint.route("/webhook-endpoints/<uuid:endpoint_id>", methods=["GET", "POST"])
def endpoint(endpoint_id: UUID) -> Response:
    """One endpoint with its log; change it."""
    row = queries.endpoint(current_actor(), EndpointId(endpoint_id))
    form = Form(url=row.url, name=row.name, **_ticks(EventType(one) for one in row.event_types))
    if form.sent:
        with form.checking():
            use_cases.update_endpoint(
                current_actor(),
                EndpointId(endpoint_id),
                url=form.text("url"),
                name=form.text("name"),
                event_types=_ticked(form),
            )
        if form.done:
            flash(_("Saved."))
            return go(url_for("webhook_endpoints.endpoint", endpoint_id=endpoint_id))
    before = request.args.get("before", type=UUID)
    log = queries.deliveries(
        current_actor(),
        EndpointId(endpoint_id),
        before=DeliveryId(before) if before else None,
        limit=LOG_LENGTH + 1,
    )
    return page(
        "webhook_endpoints/page.html",
        endpoint=row,
        form=form,
        kinds=CHOICES,
        log=log[:LOG_LENGTH],
        older=log[LOG_LENGTH - 1].id if len(log) > LOG_LENGTH else None,
        status=form.status,
    )


@blueprint.get("/webhook-deliveries/<uuid:delivery_id>")
def delivery(delivery_id: UUID) -> Response:
    """One message: what was sent, and what came of each try."""
    row = queries.delivery(current_actor(), DeliveryId(delivery_id))
    tries = [one | {"at": datetime.fromisoformat(one["at"])} for one in row.tries]
    return page("webhook_endpoints/delivery.html", row=row, tries=tries)


@blueprint.post("/webhook-endpoints/<uuid:endpoint_id>/secret")
def renew_secret(endpoint_id: UUID) -> Response:
    """Sign with a new secret."""
    use_cases.renew_endpoint_secret(current_actor(), EndpointId(endpoint_id))
    flash(_("From now on the new secret signs; the old one still does for a day."))
    return go(url_for("webhook_endpoints.endpoint", endpoint_id=endpoint_id))


@blueprint.post("/webhook-endpoints/<uuid:endpoint_id>/ping")
def ping(endpoint_id: UUID) -> Response:
    """Send a test message."""
    made = use_cases.ping_endpoint(current_actor(), EndpointId(endpoint_id))
    return go(url_for("webhook_endpoints.delivery", delivery_id=made.id))


@blueprint.post("/webhook-endpoints/<uuid:endpoint_id>/switch")
def switch(endpoint_id: UUID) -> Response:
    """Off, or on again."""
    use_cases.switch_endpoint(current_actor(), EndpointId(endpoint_id), on=request.form.get("on") == "1")
    return go(url_for("webhook_endpoints.endpoint", endpoint_id=endpoint_id))


@blueprint.post("/webhook-endpoints/<uuid:endpoint_id>/remove")
def remove(endpoint_id: UUID) -> Response:
    """Forget it."""
    use_cases.remove_endpoint(current_actor(), EndpointId(endpoint_id))
    flash(_("The endpoint is removed."))
    return go(url_for("webhook_endpoints.overview"))


@blueprint.post("/webhook-deliveries/<uuid:delivery_id>/replay")
def replay(delivery_id: UUID) -> Response:
    """Send it again."""
    use_cases.replay_delivery(current_actor(), DeliveryId(delivery_id))
    flash(_("It is being sent again."))
    return go(url_for("webhook_endpoints.delivery", delivery_id=delivery_id))


def _ticks(kinds: Iterable[EventType]) -> dict[str, bool]:
    return {kind.name: True for kind in kinds}


def _ticked(form: Form) -> list[EventType]:
    return [kind for kind in CHOICES if form.ticked(kind.name)]
