"""Programs that sign in with an id and a secret: what they may do, their secrets, and the queries they may send."""

from uuid import UUID

from flask import Blueprint, Response, flash, request, url_for

from accounts import queries, use_cases
from accounts.errors import ListEmpty
from accounts.use_cases import NewClientSecret
from accounts.values import ApiClientId, ClientQueryId
from kit.errors import Forbidden
from kit.i18n import _
from portal.actor import current_account_id, current_actor
from portal.errors import problem_words
from portal.forms import Form
from portal.render import go, page
from portal.roles import chosen_rights
from portal.tokens import rights_to_give

blueprint = Blueprint("api_clients", __name__)


@blueprint.route("/api-clients/new", methods=["GET", "POST"])
def create() -> Response:
    """Let a program sign in. Its secret is on the answer and never again."""
    account_id, form, notice, made = current_account_id(), Form(), None, None
    if form.sent:
        try:
            with form.checking():
                made = use_cases.create_api_client(
                    current_actor(), account_id, name=form.text("name"), rights=chosen_rights()
                )
        except Forbidden as refused:
            notice = problem_words(refused.code)
    if made is not None:
        return _client_page(made.client.id, Form.unsent(), made)
    queries.api_clients(current_actor(), account_id)
    return page(
        "api_clients/new.html",
        form=form,
        notice=notice,
        rights=rights_to_give(),
        chosen=frozenset(chosen_rights()),
        status=403 if notice else form.status,
    )


@blueprint.route("/api-clients/<uuid:client_id>", methods=["GET", "POST"])
def client(client_id: UUID) -> Response:
    """One client; put a query on its list."""
    form = Form()
    if form.sent:
        with form.checking():
            text, name = request.form.get("text", ""), form.text("name")
            use_cases.register_query(current_actor(), ApiClientId(client_id), text=text, name=name)
        if form.done:
            flash(_("The query is on the list."))
            return _back(client_id)
    return _client_page(client_id, form)


@blueprint.post("/api-clients/<uuid:client_id>/secret")
def renew_secret(client_id: UUID) -> Response:
    """A second secret, shown once; of two, the older one ends."""
    made = use_cases.renew_client_secret(current_actor(), ApiClientId(client_id))
    return _client_page(client_id, Form.unsent(), made)


@blueprint.post("/api-clients/<uuid:client_id>/end-old-secrets")
def end_old_secrets(client_id: UUID) -> Response:
    """The program has changed over."""
    use_cases.end_old_client_secrets(current_actor(), ApiClientId(client_id))
    flash(_("Only the newest secret works now."))
    return _back(client_id)


@blueprint.post("/api-clients/<uuid:client_id>/revoke")
def revoke(client_id: UUID) -> Response:
    """End it with all its keys, at once."""
    use_cases.revoke_api_client(current_actor(), ApiClientId(client_id))
    flash(_("The program can no longer sign in, and its keys no longer work."))
    return go(url_for("tokens.overview"))


@blueprint.post("/api-clients/<uuid:client_id>/restrict")
def restrict(client_id: UUID) -> Response:
    """Only what is on the list, or anything again."""
    only = request.form.get("only") == "1"
    try:
        use_cases.restrict_client(current_actor(), ApiClientId(client_id), queries_only=only)
        flash(_("From now on it may send only what is on the list.") if only else _("It may send any query again."))
    except ListEmpty as refused:
        flash(problem_words(refused.code), "danger")
    return _back(client_id)


@blueprint.post("/api-clients/<uuid:client_id>/queries/<uuid:query_id>/remove")
def remove_query(client_id: UUID, query_id: UUID) -> Response:
    """Take a query off the list."""
    try:
        use_cases.remove_query(current_actor(), ClientQueryId(query_id))
        flash(_("The query is off the list."))
    except ListEmpty as refused:
        flash(problem_words(refused.code), "danger")
    return _back(client_id)


def _client_page(client_id: UUID, form: Form, made: NewClientSecret | None = None) -> Response:
    row = queries.api_client(current_actor(), ApiClientId(client_id))
    listed = queries.client_queries(current_actor(), ApiClientId(client_id))
    return page("api_clients/page.html", row=row, made=made, listed=listed, form=form, status=form.status)


def _back(client_id: UUID) -> Response:
    return go(url_for("api_clients.client", client_id=client_id))
