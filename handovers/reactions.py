"""What hand-overs do when something happened: they write letters. Every function may run twice."""

from collections.abc import Mapping, Sequence

from accounts.access import SYSTEM
from accounts.links import page
from accounts.models import User
from handovers import documents, links, queries
from handovers.events import (
    AccountHandedOver,
    HandOverAgreed,
    HandOverEnded,
    HandOverOffered,
    HandOverRequested,
)
from handovers.queries import Letter
from handovers.values import HandOverId, HandOverState, Side
from kit import mail, settings
from kit.events import Event
from kit.i18n import _, day, speaking
from kit.mail import Attachment
from kit.worker import Reaction


def ask_old_owner(event: HandOverRequested) -> None:
    """Whoever asked for it confirms by mail."""
    letter = queries.hand_over_letter(SYSTEM, event.hand_over_id)
    with speaking(letter.old.language, letter.account.time_zone):
        subject = _("Confirm the hand-over of %(account)s", account=letter.account.name)
        text = _(
            "You want to hand %(account)s over to %(email)s. Look at what goes along and what ends, and confirm it "
            "within 14 days. If it was not you, open the link, sign in and undo it:",
            account=letter.account.name,
            email=letter.row.email,
        )
        _send(
            letter.old.email, letter.old.name, subject, text, links.link(letter.row, Side.OLD), f"{event.hand_over_id}a"
        )


def ask_new_owner(event: HandOverOffered) -> None:
    """The new owner is asked; a link of ours and the address are enough to make a login."""
    letter = queries.hand_over_letter(SYSTEM, event.hand_over_id)
    row = letter.row
    if row.state is not HandOverState.OFFERED:
        return
    with speaking(_language(letter), letter.account.time_zone):
        subject = _("%(account)s shall be yours", account=letter.account.name)
        text = _(
            "%(old)s wants to hand %(account)s with its charging stations over to you. Look at it, and accept or "
            "decline within 14 days:",
            old=letter.old.name or letter.old.email,
            account=letter.account.name,
        )
        _send(row.email, row.name, subject, text, links.link(row, Side.NEW), f"{row.id}b")


def tell_of_day(event: HandOverAgreed) -> None:
    """Both hear when it will happen."""
    letter = queries.hand_over_letter(SYSTEM, event.hand_over_id)
    assert letter.row.due_at is not None, "it waits for a day"
    for person in _both(letter):
        with speaking(person.language, letter.account.time_zone):
            words = {"account": letter.account.name, "day": day(letter.row.due_at)}
            subject = _("%(account)s changes hands on %(day)s", **words)
            text = _("Both have confirmed: %(account)s changes hands on %(day)s, at midnight.", **words)
            _send(person.email, person.name, subject, text, page("accounts"), f"{letter.row.id}c{person.id}")


def tell_of_end(event: HandOverEnded) -> None:
    """It was declined: the old owner hears of it. It was undone: the new one does, if he was asked."""
    letter = queries.hand_over_letter(SYSTEM, event.hand_over_id)
    row, account = letter.row, letter.account
    if row.state is HandOverState.DECLINED:
        with speaking(letter.old.language):
            text = _(
                "%(email)s does not take %(account)s over. Nothing changes.", email=row.email, account=account.name
            )
            _send(letter.old.email, letter.old.name, text, text, page("accounts"), f"{row.id}d")
    elif row.old_agreed_at is not None:
        with speaking(_language(letter)):
            text = _("%(account)s is not handed over to you. Nothing changes.", account=account.name)
            _send(row.email, row.name, text, text, page("login"), f"{row.id}e")


def send_protocol(event: AccountHandedOver) -> None:
    """The protocol for both, each in the own language."""
    letter = queries.hand_over_letter(SYSTEM, event.hand_over_id)
    for person in _both(letter):
        file = documents.protocol_pdf(SYSTEM, HandOverId(letter.row.id), person.language)
        with speaking(person.language, letter.account.time_zone):
            name = (letter.row.protocol or {})["account"]
            subject = _("%(account)s was handed over", account=name)
            if person.id == letter.old.id:
                text = _(
                    "%(account)s belongs to %(email)s now; the protocol is attached. Your receipts and your income "
                    "stay with you, and you can download the sessions of your time:",
                    account=name,
                    email=letter.row.email,
                )
                link = page(f"accounts/{letter.row.archive_id}/hand-overs")
            else:
                text = _(
                    "%(account)s belongs to you now; the protocol is attached. Enter who sells and where the money "
                    "goes, so that drivers can pay:",
                    account=name,
                )
                link = page(f"accounts/{letter.row.account_id}")
            pdf = Attachment(file.name, "application/pdf", file.content)
            _send(person.email, person.name, subject, text, link, f"{letter.row.id}f{person.id}", [pdf])


def _both(letter: Letter) -> list[User]:
    return [letter.old] if letter.new is None else [letter.old, letter.new]


def _language(letter: Letter) -> str:
    return letter.account.language if letter.new is None else letter.new.language


def _send(
    to: str, name: str, subject: str, text: str, link: str, key: str, attachments: Sequence[Attachment] = ()
) -> None:
    greeting = _("Hello %(name)s", name=name) if name else _("Hello")
    brand = settings.current().brand_name
    words = f"{greeting}\n\n{text}\n\n{link}\n\n{brand}\n"
    mail.send(to, f"{subject} – {brand}", words, key=f"hand-over-{key}", attachments=attachments)


REACTIONS: Mapping[type[Event], Sequence[Reaction]] = {
    HandOverRequested: [ask_old_owner],
    HandOverOffered: [ask_new_owner],
    HandOverAgreed: [tell_of_day],
    HandOverEnded: [tell_of_end],
    AccountHandedOver: [send_protocol],
}
