"""Refusals as pages: the right status, plain words, and never a trace of the inside."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, flash, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from accounts.errors import CheckNeeded, LicenceNeeded
from accounts.rights import Right
from kit.errors import AppError, Conflict, Invalid
from kit.i18n import _
from kit.i18n import lazy_ as word
from portal.actor import NoAccount
from portal.labels import field_words
from portal.offers import refused as refused_offer

log = structlog.get_logger()

# what happened, by the code of the refusal; everybody adds the codes of their noun
PROBLEMS: dict[str, str] = {
    "link_expired": word("This link is no longer valid. Please ask for a new one."),
    "link_broken": word("This link is incomplete. Please copy the whole address from the mail."),
    "not_confirmed": word("Please confirm your e-mail address first; the link is in the mail we sent you."),
    "accounts_below": word("Other accounts stand below this one. Hand those over, or move them, one by one first."),
    "hand_over_open": word("A hand-over of this account is under way already."),
    "hand_over_debt": word("An invoice for licences is overdue. Please pay it first."),
    "hand_over_agreed": word("It is too late to undo this."),
    "account_in_use": word("Something in the account still goes on."),
    "closing_already": word("The account is going to be closed already."),
    "not_closing": word("The account is not going to be closed."),
    "export_under_way": word("A copy is being written already."),
    "hand_out_over": word("This link works no more already."),
    "only_owner": word("You are the only owner of these accounts. Name another owner first, or close them:"),
    "is_staff": word("You run the platform. Somebody else who does has to end that first."),
    "check_needed": word("Please prove first that it is you."),
    "codes_on": word("Codes of an app are asked for already."),
    "no_second_factor": word("There is no second factor to recover."),
    "passkey_refused": word("This passkey was not accepted. Please try again, or use another way."),
    "passkey_needed": word("Please use your passkey."),
    "last_passkey": word("Staff of the platform sign in by passkey; please add another one first."),
    "too_many_passkeys": word("You have very many passkeys. Please remove one first."),
    "sign_in_silent": word("Your company's sign-in does not answer. Please try again in a moment."),
    "sign_in_refused": word("Your company's sign-in did not let you in, or its answer does not fit."),
    "no_verified_email": word("Your company's sign-in does not say that your e-mail address is verified."),
    "foreign_domain": word("Your e-mail address is not of a domain that this sign-in is for."),
    "no_role_there": word("You have no role in this account. Please ask its owner for an invitation."),
    "no_login_here": word("There is no login with your e-mail address here. Please register first."),
    "ocpp_in_smart_me": word(
        "This account is one of smart-me: each connector of an OCPP station would need a Professional licence there."
    ),
    "nothing_to_move": word("There is nothing to separate."),
    "smart_me_silent": word("smart-me does not answer. Please try again in a moment."),
    "smart_me_refused": word("smart-me did not let you in, or its answer does not fit."),
    "smart_me_linked_elsewhere": word("That account of smart-me belongs to another account here."),
    "smart_me_name_taken": word("smart-me has an account of that name already."),
    "email_taken": word("This e-mail address belongs to another login."),
    "last_owner": word("An account needs at least one owner. Please name another one first."),
    "more_than_one_holds": word("You can't give a role that may do more than you may."),
    "no_place_beside": word(
        "You may add nothing to the master account above. Please ask its people to add an account."
    ),
    "not_a_master": word("Properties belong under a master account."),
    "partner_already": word("This account is a partner already."),
    "proposed_already": word("You have proposed this company already; we have not talked to it yet."),
    "answered_already": word("This invitation was answered already."),
    "no_partner_here": word("You work for no partner on this station now, so you can't sign."),
    "not_trained": word("The training of this partner is over. Please choose another one."),
    "granted_already": word("This person has this role already."),
    "invited_already": word("This invitation waits for an answer already."),
    "known_already": word("There is a login under this address. Please sign in first."),
    "other_person": word("This invitation went to another address than yours."),
    "visit_asked": word("You have asked to see this account already."),
    "not_switched_on": word("This function is not switched on for this account yet. Please ask the platform."),
    "import_over": word("This import was carried out or undone already."),
    "in_use": word("Somebody still has a role by it. Please take that back first."),
    "below_itself": word("An account can't stand below one of its own."),
    "no_session": word("There is no charging session under this address. Please copy the whole link from the mail."),
    "no_own_price": word("You have no price of your own there any more. Please ask the operator."),
    "no_email": word("There is no e-mail address to send it to."),
    "link_sent_lately": word(
        "This address was mailed a link less than five minutes ago; that one is enough for all prices of this person."
    ),
    "price_removed": word("This price was removed already."),
    "no_receipt": word("There is no receipt yet. It is written when the session has ended and is paid."),
    "other_browser": word("Please open the link in the mail, or scan the code again with the browser you paid with."),
    "can_not_unlock": word("This station can't unlock a plug from afar."),
    "resolved_already": word("Somebody has settled this already."),
    "does_not_fit": word("This end does not fit that session."),
    "counted_already": word("Another session has this connector at that time, so its energy would count twice."),
    "occupied": word("This connector is taken at the moment."),
    "mass_change_over": word("Nothing waits any more."),
    "mass_change_at_work": word("It can be undone when it is over, or stopped."),
    "nothing_to_undo": word("There is nothing to undo any more."),
    "closed": word("This connector is closed at this hour, and its opening hours let nobody in."),
    "start_waiting": word("Somebody is about to plug in here already."),
    "station_offline": word("The station is offline. It can be started as soon as it is back."),
    "reservation_over": word("This reservation is over already."),
    "driver_there": word("A driver pays for charging there."),
    "command_sent": word("The command is on its way already."),
    "command_over": word("The command is over already."),
    "work_order_over": word("Nothing waits any more."),
    "nothing_to_repeat": word("There is nothing to try again."),
    "password_under_way": word("A new password is on its way to the station already."),
    "profile_under_way": word("The station is being told a new security profile already."),
    "firmware_in_use": word("A station is at it, or a campaign wants it. Please wait or cancel first."),
    "campaign_over": word("This campaign is over already."),
    "station_over": word("This station is not waited for any more."),
    "station_not_over": word("This station has its turn still before it, or is done."),
    "file_gone": word("This file is not here any more. Files are kept for a limited time."),
    "files_unavailable": word("The place where files are kept does not answer. Please try again in a moment."),
    "file_too_large": word("This file is too large."),
    "session_ended": word("This session has ended already."),
    "not_captured": word("This payment was not taken, so nothing can be given back."),
    "other_request": word("This was sent twice with two different amounts. Please look at what was given back."),
    "document_busy": word("Too many documents are being made at the moment. Please try again in a moment."),
    "document_failed": word("The document could not be made. Please try again in a moment."),
    "mail_refused": word("The mail could not be sent. Please check the address."),
    "session_active": word("This session is still running."),
    "not_failed": word("This payment is in order by now."),
    "nothing_held": word("Nothing is reserved on the card any more."),
    "legal_data_missing": word("Please tell your legal data first: private person or company."),
    "not_connected": word("Please finish the check at the payment provider first."),
    "bank_refused": word(
        "The payment provider did not take this bank account. Please enter it on the provider's own page."
    ),
    "verification_restricted": word("This account is restricted until it is verified: prices can't be set."),
    "change_waiting": word("A change is waiting for an answer already."),
    "no_change_waiting": word("There is no change that waits."),
    "change_decided": word("Somebody has decided this already."),
    "provider_down": word("The payment provider does not answer. Please try again in a moment."),
    "provider_refused": word("The payment provider does not take this."),
    "subscribed_already": word("This account has a subscription already."),
    "not_subscribed": word("There is no subscription."),
    "not_cancelled": word("The subscription was not cancelled."),
    "trial_used": word("This account has tried it already."),
    "licence_locked": word("An invoice is overdue. Please pay it first."),
    "not_for_sale": word("Licences are not sold in this currency."),
    "address_missing": word("The invoice needs an address: please complete name and address of the account first."),
    "place_over": word("This licence has ended."),
    "looked_at": word("Somebody has looked at this already."),
    "no_card": word("There is no stored card."),
    "paid_already": word("This invoice is settled already."),
    "checkout_refused": word("The payment page could not be opened. Please try again, or pay by bank."),
    "list_empty": word("Put at least one query on the list; otherwise the program could send nothing at all."),
    "expired_form": word("This page was open for too long. Please load it again and repeat what you did."),
}
BY_STATUS: dict[int, tuple[str, str]] = {
    400: (word("This did not arrive as expected"), word("Please go back, load the page again and retry.")),
    401: (word("Please sign in"), word("This page is for people with a login.")),
    402: (word("This needs a licence"), word("Ask an owner of the account to add it.")),
    403: (word("You may not do this"), word("Ask an owner of the account for a role that allows it.")),
    404: (word("There is nothing here"), word("The address is wrong, or the page is not for you.")),
    405: (word("This does not work this way"), word("Please go back and use the buttons of the page.")),
    409: (word("This is not possible right now"), word("Something changed in the meantime. Please look again.")),
    410: (word("This is gone"), word("It was here once, and is not any more.")),
    413: (word("This is too large"), word("Please send less at a time.")),
    422: (word("Something is missing or wrong"), word("Please go back and check what you entered.")),
    429: (word("Too many tries"), word("Please wait a minute, then try again.")),
    500: (word("Something went wrong on our side"), word("We have noted it. Please try again in a moment.")),
    503: (word("Not reachable right now"), word("Please try again in a moment.")),
}
RIGHTS_BY_CODE = {right.value: right for right in Right}


def problem_words(code: str, status: int = 409) -> str:
    """What to tell people about a refusal."""
    return _(PROBLEMS.get(code) or BY_STATUS.get(status, BY_STATUS[500])[1])


def error_page(status: int, code: str = "", template: str = "errors/page.html", **named: Any) -> Response:
    """The page of a refusal; drivers have a template of their own. `named`: the `right` that was missing, the `fields`
    that could not be taken.
    """
    title, text = BY_STATUS.get(status, BY_STATUS[400 if status < 500 else 500])
    words = PROBLEMS.get(code, text)
    html = render_template(
        template,
        status=status,
        title=_(title),
        text=_(words),
        right=RIGHTS_BY_CODE.get(named.get("right", "")),
        fields=named.get("fields", {}),
        request_id=g.get("request_id", ""),
    )
    return Response(html, status, headers={"Cache-Control": "no-store"})


def _ask_for_check() -> Response:
    """Lead to the page where people prove that it is they, and from there back to where they pressed."""
    came_from = urlsplit(request.referrer or "")
    asked = request.full_path.rstrip("?") if request.method == "GET" else None
    back = asked or (came_from.path if came_from.netloc == request.host else None)
    url = url_for("checks.ask", next=back)
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": url})
    return Response(status=303, headers={"Location": url})


def register_errors(app: Flask) -> None:
    """Translate every refusal once."""

    @app.errorhandler(AppError)
    def refused(error: AppError) -> Response:
        """A refusal of a room."""
        if isinstance(error, CheckNeeded):
            return _ask_for_check()
        if isinstance(error, LicenceNeeded) and (offered := refused_offer(error)) is not None:
            return offered
        if isinstance(error, NoAccount) and request.method == "GET":
            return Response(status=302, headers=dict(redirect(url_for("accounts.overview")).headers))
        fields = error.fields if isinstance(error, Invalid) else {}
        return error_page(error.status, error.code, right=error.details.get("right", ""), fields=fields)

    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> Response:
        """A form without our token."""
        return error_page(400, "expired_form")

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        """A refusal of the web framework."""
        status = error.code or 500
        if status < 400:
            return Response(error.get_response().get_data(), status, headers=dict(error.get_response().headers))
        answer = error_page(status)
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After", "WWW-Authenticate"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(InternalServerError)
    def broken(error: InternalServerError) -> Response:
        """A mistake of ours: noted in the log, not on the page."""
        return error_page(500)

    def log_exception(exc_info: Any) -> None:
        """Instead of Flask's own line: its address may hold the key of a payment or a mailed link."""
        rule = request.url_rule.rule if request.url_rule else None
        log.error("request.failed", method=request.method, rule=rule, exc_info=exc_info)

    app.log_exception = log_exception  # type: ignore[method-assign]


def tell(deed: Callable[[], object]) -> None:
    """Do it, and say on the next page how that went: saved, or why not."""
    try:
        deed()
        flash(_("Saved."))
    except Conflict as refused:
        flash(problem_words(refused.code), "warning")
    except Invalid as refused:
        flash(field_words(next(iter(refused.fields.values()))), "warning")
