"""The steps by which an operator is verified: legal data, bank account, a change of kind; and the banner until then."""

from typing import Any
from uuid import UUID

from babel import Locale
from flask import Blueprint, Response, flash, g, request, url_for

from accounts import queries as accounts
from accounts.errors import CheckNeeded
from accounts.rights import Right
from accounts.tax_numbers import COUNTRIES
from accounts.values import AccountId
from billing import onboarding, queries, use_cases
from billing.queries import Verification
from billing.values import LegalKind
from kit.errors import Conflict, Unavailable
from kit.i18n import _, language
from portal.actor import current_account, current_actor, current_person, need_in_whole
from portal.errors import problem_words
from portal.forms import Form
from portal.labels.verification import FIELD_LABELS, requirement_words
from portal.render import go, page

blueprint = Blueprint("verification", __name__)
TEXTS = ("legal_name", "street", "postcode", "city", "country", "uid")
OWN_PAGES = ("payouts", "verification")


def field_label(name: str) -> str:
    """What a field of the legal data is called."""
    return _(FIELD_LABELS[name])


def verification_banner() -> Verification | None:
    """How the chosen account is verified, where its people should know it on every page; None: all is well."""
    node = current_account() if current_person() else None
    if node is None or Right.VIEW_INCOME not in node.rights or request.blueprint in OWN_PAGES:
        return None
    if "verification" not in g:
        g.verification = queries.verification(current_actor(), node.id)
    known: Verification = g.verification
    return known if known.asks_for_something else None


blueprint.add_app_template_global(verification_banner)
blueprint.add_app_template_global(requirement_words)
blueprint.add_app_template_global(field_label)


@blueprint.route("/accounts/<uuid:account_id>/payout/legal", methods=["GET", "POST"])
def legal(account_id: UUID) -> Response:
    """The first step: who sells, as a private person or as a company."""
    need_in_whole(Right.MANAGE_PAYOUT, account_id)
    actor, here = current_actor(), AccountId(account_id)
    row, kind = accounts.account(actor, here), queries.own_legal_kind(actor, here)
    form = Form(legal_kind=kind, **_legal_data(row))
    if form.sent:
        with form.checking():
            use_cases.tell_legal_data(actor, here, legal_kind=form.choice("legal_kind", LegalKind), **_told(form))
        if form.done:
            flash(_("Saved."))
            return _overview(account_id)
    return page("verification/legal.html", form=form, row=row, kind=kind, countries=_countries(), status=form.status)


@blueprint.route("/accounts/<uuid:account_id>/payout/bank", methods=["GET", "POST"])
def bank(account_id: UUID) -> Response:
    """The third step: where the income is paid out."""
    need_in_whole(Right.MANAGE_PAYOUT, account_id)
    actor, here = current_actor(), AccountId(account_id)
    facts, row = queries.verification(actor, here), accounts.account(actor, here)
    form, refused = Form(), ""
    if form.sent:
        try:
            with form.checking():
                onboarding.set_bank_account(actor, here, form.text("iban"))
        except CheckNeeded:
            raise
        except (Conflict, Unavailable) as refusal:
            refused = problem_words(refusal.code, refusal.status)
        if form.done:
            flash(_("The bank account is saved."))
            return _overview(account_id)
    return page(
        "verification/bank.html",
        form=form,
        row=row,
        facts=facts,
        refused=refused,
        country=dict(_countries())[row.country],
        status=409 if refused else form.status,
    )


@blueprint.route("/accounts/<uuid:account_id>/payout/change", methods=["GET", "POST"])
def change(account_id: UUID) -> Response:
    """From a private person to a company or the other way round: what is to stand there then, and why."""
    need_in_whole(Right.MANAGE_PAYOUT, account_id)
    actor, here = current_actor(), AccountId(account_id)
    row, kind = accounts.account(actor, here), queries.own_legal_kind(actor, here)
    if kind is None:
        return go(url_for("verification.legal", account_id=account_id))
    wanted = LegalKind.PERSON if kind is LegalKind.COMPANY else LegalKind.COMPANY
    form = Form(**_legal_data(row) | {"legal_name": "", "uid": "", "vat_registered": False})
    if form.sent:
        with form.checking():
            use_cases.request_legal_change(actor, here, reason=form.text("reason"), **_told(form))
        if form.done:
            flash(_("Your wish is with the people who run the platform. You get a mail when they have decided."))
            return _overview(account_id)
    return page(
        "verification/change.html", form=form, row=row, wanted=wanted, countries=_countries(), status=form.status
    )


@blueprint.post("/accounts/<uuid:account_id>/payout/change/withdraw")
def withdraw(account_id: UUID) -> Response:
    """Leave it as it is."""
    use_cases.withdraw_legal_change(current_actor(), AccountId(account_id))
    flash(_("Nothing changes."))
    return _overview(account_id)


def _overview(account_id: UUID) -> Response:
    return go(url_for("payouts.overview", account_id=account_id))


def _legal_data(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*TEXTS, "vat_registered")}


def _told(form: Form) -> Any:
    return {name: form.text(name) for name in TEXTS} | {"vat_registered": form.ticked("vat_registered")}


def _countries() -> list[tuple[str, str]]:
    """Codes and names, in the reader's language."""
    names = Locale.parse(language()).territories
    return [(code, names[code]) for code in COUNTRIES]
