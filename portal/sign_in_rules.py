"""What an account demands of its people when they sign in."""

from datetime import UTC, date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, request, url_for

from accounts import queries, use_cases
from accounts.rights import ROLE_RIGHTS, Role
from accounts.values import AccountId
from kit.errors import Invalid
from kit.i18n import _
from kit.settings import current as current_settings
from portal.actor import current_actor, known_account
from portal.forms import Form
from portal.render import go, page

blueprint = Blueprint("sign_in_rules", __name__)


@blueprint.route("/accounts/<uuid:account_id>/sign-in", methods=["GET", "POST"])
def overview(account_id: UUID) -> Response:
    """Whether a second factor is demanded, from when on, and who has none yet."""
    actor, here = current_actor(), AccountId(account_id)
    row, rules = queries.account(actor, here), queries.sign_in_rules(actor, here)
    form = _demand_form(row.time_zone, rules.second_factor_at)
    if form.sent:
        with form.checking():
            at = _instant(form.text("day"), row.time_zone) if form.ticked("demanded") else None
            use_cases.demand_second_factor(actor, here, second_factor_at=at)
        if form.done:
            flash(_("Saved."))
            return go(url_for("sign_in_rules.overview", account_id=account_id))
    return _page(here, form, _company_form(queries.company_login(actor, here)))


@blueprint.post("/accounts/<uuid:account_id>/sign-in/company")
def set_company(account_id: UUID) -> Response:
    """Let people sign in at their company."""
    form = Form()
    with form.checking():
        use_cases.set_company_login(
            current_actor(),
            AccountId(account_id),
            issuer=form.text("issuer"),
            client_id=form.text("client_id"),
            client_secret=request.form.get("client_secret", ""),
            domains=form.text("domains").replace(",", " ").split(),
            only=form.ticked("only"),
        )
    if form.done:
        flash(_("Saved."))
        return go(url_for("sign_in_rules.overview", account_id=account_id))
    return _page(AccountId(account_id), None, form)


@blueprint.post("/accounts/<uuid:account_id>/sign-in/company/remove")
def remove_company(account_id: UUID) -> Response:
    """Let nobody in that way any more."""
    use_cases.remove_company_login(current_actor(), AccountId(account_id))
    flash(_("The company's sign-in is removed."))
    return go(url_for("sign_in_rules.overview", account_id=account_id))


def _company_form(found: queries.CompanyLogin | None) -> Form:
    form = Form(**(_fields(found) if found else {}))
    form.sent = False
    return form


def _fields(found: queries.CompanyLogin) -> dict[str, str]:
    return {
        "issuer": found.issuer,
        "client_id": found.client_id,
        "domains": " ".join(found.domains),
        "only": "1" if found.only else "",
    }


def _page(account_id: AccountId, form: Form | None, company_form: Form) -> Response:
    actor, node = current_actor(), known_account(account_id)
    row, rules = queries.account(actor, account_id), queries.sign_in_rules(actor, account_id)
    if form is None:
        form = _demand_form(row.time_zone, rules.second_factor_at)
        form.sent = False
    return page(
        "accounts/sign_in.html",
        form=form,
        company_form=company_form,
        company=queries.company_login(actor, account_id),
        may_choose=node is not None and ROLE_RIGHTS[Role.OWNER] <= node.rights,
        return_url=current_settings().public_url + url_for("company.arrive"),
        row=row,
        rules=rules,
        status=max(form.status, company_form.status),
    )


def _demand_form(zone: str, at: datetime | None) -> Form:
    day = at.astimezone(ZoneInfo(zone)).date().isoformat() if at else ""
    return Form(demanded="1" if at else "", day=day)


def _instant(day: str, zone: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time(), ZoneInfo(zone)).astimezone(UTC)
    except ValueError as error:
        raise Invalid(day="not_a_day") from error
