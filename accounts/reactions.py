"""What accounts does when something happened: it writes letters."""

from collections.abc import Mapping, Sequence

from accounts import links
from accounts.access import SYSTEM
from accounts.devices import device_name
from accounts.events import (
    CredentialChanged,
    EmailChanged,
    EmailChangeRequested,
    InvitationAnswered,
    InvitationSent,
    LoginDeleted,
    NewDeviceUsed,
    PasswordChanged,
    PasswordResetRequested,
    RegistrationRepeated,
    SupportVisitAnswered,
    SupportVisitAsked,
    UserInvited,
    UserRegistered,
)
from accounts.models import User
from accounts.queries.email_changes import email_change_facts
from accounts.queries.invitations import invitation_letter
from accounts.queries.logins import login_facts
from accounts.queries.people import invitation_facts, user_of
from accounts.queries.support import visit_letter
from accounts.values import CredentialChange, EmailSide, InvitationKind, InvitationState
from kit import mail, settings
from kit.events import Event
from kit.i18n import _, speaking, when
from kit.i18n import lazy_ as word
from kit.worker import Reaction

_CHANGES = {
    CredentialChange.CODES_ON: word("Codes of an app are now asked for when you sign in"),
    CredentialChange.CODES_OFF: word("Codes of an app are no longer asked for when you sign in"),
    CredentialChange.PASSKEY_ADDED: word("A passkey was added to your login"),
    CredentialChange.PASSKEY_REMOVED: word("A passkey was removed from your login"),
    CredentialChange.RECOVERY_CODES_RENEWED: word("New recovery codes were made for your login"),
    CredentialChange.FORGOTTEN: word("The platform removed passkeys and codes from your login"),
}


def send_confirmation(event: UserRegistered) -> None:
    """Mail the link that proves the address."""
    user = user_of(SYSTEM, event.user_id)
    with speaking(user.language):
        text = _("Please open this link within three days to confirm your e-mail address:")
        _send(user, _("Confirm your e-mail address"), text, links.confirmation(user))


def tell_of_repeated_registration(event: RegistrationRepeated) -> None:
    """Tell the owner of the address that there is a login already."""
    user = user_of(SYSTEM, event.user_id)
    with speaking(user.language):
        text = _("Somebody, probably you, registered with this address. You have a login already; sign in here:")
        _send(user, _("You have a login already"), text, links.page("login"))


def send_reset_link(event: PasswordResetRequested) -> None:
    """Mail the link for a new password."""
    user = user_of(SYSTEM, event.user_id)
    with speaking(user.language):
        text = _("Open this link within two hours to choose a new password. If it was not you, do nothing.")
        _send(user, _("Choose a new password"), text, links.reset(user))


def tell_of_new_password(event: PasswordChanged) -> None:
    """Tell the person that the password changed."""
    user = user_of(SYSTEM, event.user_id)
    with speaking(user.language):
        text = _("Your password was changed and all other logins ended. If it was not you, choose a new one here:")
        _send(user, _("Your password was changed"), text, links.page("forgot"))


def tell_of_new_device(event: NewDeviceUsed) -> None:
    """Tell the person from which browser somebody signed in for the first time."""
    user, login = login_facts(SYSTEM, event.login_id)
    with speaking(user.language):
        text = _(
            "Somebody, probably you, signed in with a browser that we had not seen before: %(device)s, "
            "address %(address)s, %(when)s. If it was not you, end that login and choose a new password:",
            device=device_name(login.agent) or _("an unknown browser"),
            address=login.address,
            when=when(login.started_at),
        )
        _send(user, _("New sign-in"), text, links.page("me/security"))


def tell_of_changed_credential(event: CredentialChanged) -> None:
    """Tell the person what is new or gone of that by which they sign in."""
    user = user_of(SYSTEM, event.user_id)
    with speaking(user.language):
        words = _(_CHANGES[CredentialChange(event.change)])
        text = _("If it was not you, choose a new password and look at your login here:")
        _send(user, words, f"{words}. {text}", links.page("me/security"))


def ask_both_addresses(event: EmailChangeRequested) -> None:
    """Ask the old and the new address; one that is somebody else's gets no letter."""
    user, change, taken = email_change_facts(SYSTEM, event.change_id)
    with speaking(user.language):
        subject = _("Another e-mail address for your login")
        text = _(
            "The login %(old)s wants to become %(new)s. Open this link within three days to agree, or to stop it:",
            old=change.old_email,
            new=change.new_email,
        )
        _send(user, subject, text, links.email_change(change.id, EmailSide.OLD), to=change.old_email)
        if not taken:
            text = _(
                "The login %(old)s wants to become %(new)s. Open this link within three days to agree:",
                old=change.old_email,
                new=change.new_email,
            )
            _send(user, subject, text, links.email_change(change.id, EmailSide.NEW), to=change.new_email)


def tell_both_addresses(event: EmailChanged) -> None:
    """Tell both addresses that the login has changed."""
    user, change, _taken = email_change_facts(SYSTEM, event.change_id)
    with speaking(user.language):
        words = {"old": change.old_email, "new": change.new_email}
        text = _("You sign in as %(new)s from now on, and no longer as %(old)s.", **words)
        for address in (change.old_email, change.new_email):
            _send(user, _("Your e-mail address was changed"), text, links.page("login"), to=address)


def send_invitation(event: UserInvited) -> None:
    """Tell a person about a new role; whoever has no password yet gets a link to choose one."""
    user, account = invitation_facts(SYSTEM, event.user_id, event.account_id)
    with speaking(user.language):
        subject = _("You can now work in %(account)s", account=account.name)
        if user.password_hash is None:
            text = _("You were given a role in %(account)s. Choose a password within 14 days:", account=account.name)
            _send(user, subject, text, links.invitation(user))
        else:
            text = _("You were given a role in %(account)s. Sign in here:", account=account.name)
            _send(user, subject, text, links.page("login"))


def send_offer(event: InvitationSent) -> None:
    """Mail the link by which a role is accepted or declined."""
    sent, account, language, _sender = invitation_letter(SYSTEM, event.invitation_id)
    with speaking(language):
        if sent.kind is InvitationKind.REQUEST:
            subject = _("%(account)s asks for a role", account=account.name)
            text = _("%(account)s asks for a role in your account. Look at it and decide here:", account=account.name)
        else:
            subject = _("Invitation to work in %(account)s", account=account.name)
            text = _("You are invited to work in %(account)s. Accept or decline within 14 days:", account=account.name)
        brand = settings.current().brand_name
        greeting = _("Hello %(name)s", name=sent.name) if sent.name else _("Hello")
        words = f"{greeting}\n\n{text}\n\n{links.offer(sent)}\n\n{brand}\n"
        mail.send(sent.email, f"{subject} – {brand}", words)


def tell_of_answer(event: InvitationAnswered) -> None:
    """Tell whoever sent an invitation what became of it."""
    sent, account, _language, sender = invitation_letter(SYSTEM, event.invitation_id)
    if sender is None:
        return
    with speaking(sender.language):
        if sent.state is InvitationState.ACCEPTED:
            text = _("%(who)s has accepted the role in %(account)s.", who=sent.email, account=account.name)
        else:
            text = _("%(who)s has declined the role in %(account)s.", who=sent.email, account=account.name)
        _send(sender, text, text, links.page("people"))


def ask_for_consent(event: SupportVisitAsked) -> None:
    """Ask whoever decides in the account whether support may see it."""
    facts = visit_letter(SYSTEM, event.visit_id)
    visit, account = facts.visit, facts.account
    for user in facts.deciders:
        with speaking(user.language):
            subject = _("Support would like to see %(account)s", account=account.name)
            text = _(
                "%(who)s of our support would like to see %(account)s for %(hours)s h, without changing anything. "
                "The reason: %(reason)s. Nothing is shown before you agree, and you can end it at any moment:",
                who=facts.asker.name or facts.asker.email,
                account=account.name,
                hours=visit.hours,
                reason=visit.reason,
            )
            if visit.with_import:
                text = _("Support would also import stations, tags and past sessions for you.") + "\n\n" + text
            _send(user, subject, text, links.page(f"accounts/{account.id}/support"))


def tell_of_consent(event: SupportVisitAnswered) -> None:
    """Tell whoever asked whether they may look."""
    facts = visit_letter(SYSTEM, event.visit_id)
    visit, account, asker = facts.visit, facts.account, facts.asker
    with speaking(asker.language, account.time_zone):
        if visit.ends_at is None:
            text = _("%(account)s does not want you to look at it.", account=account.name)
        else:
            text = _("You may look at %(account)s until %(when)s.", account=account.name, when=when(visit.ends_at))
        _send(asker, text, text, links.page(f"platform/tenants/{account.id}"))


def tell_of_deletion(event: LoginDeleted) -> None:
    """The last letter to somebody."""
    with speaking(event.language):
        greeting = _("Hello %(name)s", name=event.name) if event.name else _("Hello")
        text = _(
            "Your login is deleted: nobody can sign in with this address any more, and your name and address are "
            "removed. If it was not you, please tell us by answering to this mail."
        )
        brand, subject = settings.current().brand_name, _("Your login is deleted")
        mail.send(event.email, f"{subject} – {brand}", f"{greeting}\n\n{text}\n\n{brand}\n")


def _send(user: User, subject: str, text: str, link: str, *, to: str = "") -> None:
    greeting = _("Hello %(name)s", name=user.name) if user.name else _("Hello")
    brand = settings.current().brand_name
    mail.send(to or user.email, f"{subject} – {brand}", f"{greeting}\n\n{text}\n\n{link}\n\n{brand}\n")


REACTIONS: Mapping[type[Event], Sequence[Reaction]] = {
    UserRegistered: [send_confirmation],
    RegistrationRepeated: [tell_of_repeated_registration],
    PasswordResetRequested: [send_reset_link],
    PasswordChanged: [tell_of_new_password],
    UserInvited: [send_invitation],
    EmailChangeRequested: [ask_both_addresses],
    EmailChanged: [tell_both_addresses],
    NewDeviceUsed: [tell_of_new_device],
    CredentialChanged: [tell_of_changed_credential],
    InvitationSent: [send_offer],
    LoginDeleted: [tell_of_deletion],
    InvitationAnswered: [tell_of_answer],
    SupportVisitAsked: [ask_for_consent],
    SupportVisitAnswered: [tell_of_consent],
}
