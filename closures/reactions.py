"""The letters about closing an account. Every function may run twice."""

from collections.abc import Mapping, Sequence
from datetime import UTC

from accounts.access import SYSTEM
from accounts.links import page
from accounts.models import User
from closures import links, queries
from closures.events import AccountClosed, ClosureDelayed, ClosureRequested, ClosureUndone, ExportReady
from closures.values import ClosureState, ExportState
from kit import mail, settings
from kit.events import Event
from kit.i18n import _, day, speaking
from kit.worker import Reaction


def tell_of_request(event: ClosureRequested) -> None:
    """The owner reads until when it can be undone, in case it was somebody else."""
    letter = queries.closure_letter(SYSTEM, event.closure_id)
    if letter.row.state is not ClosureState.WAITING:
        return
    for person in letter.people:
        with speaking(person.language, letter.account.time_zone):
            words = {"account": letter.row.name, "day": day(letter.row.due_at)}
            text = _(
                "%(account)s will be closed on %(day)s. Until then it can be undone, and you can have a copy of "
                "everything written. If it was not you, undo it now:",
                **words,
            )
            link = page(f"accounts/{letter.account.id}/close")
            _send(person, _("%(account)s will be closed on %(day)s", **words), text, link, f"{letter.row.id}a")


def tell_of_undoing(event: ClosureUndone) -> None:
    """It stays open."""
    letter = queries.closure_letter(SYSTEM, event.closure_id)
    for person in letter.people:
        with speaking(person.language):
            subject = _("%(account)s stays open", account=letter.row.name)
            text = _("The account %(account)s will not be closed; nothing changed.", account=letter.row.name)
            _send(person, subject, text, page(f"accounts/{letter.account.id}"), f"{letter.row.id}b")


def tell_of_delay(event: ClosureDelayed) -> None:
    """Its day has come, but something goes on."""
    letter = queries.closure_letter(SYSTEM, event.closure_id)
    if letter.row.state is not ClosureState.WAITING:
        return
    for person in letter.people:
        with speaking(person.language):
            subject = _("%(account)s can’t be closed yet", account=letter.row.name)
            text = _("Something in the account still goes on. It is closed as soon as that is over. Look at it here:")
            _send(person, subject, text, page(f"accounts/{letter.account.id}/close"), f"{letter.row.id}c")


def tell_of_end(event: AccountClosed) -> None:
    """Everybody who had a role hears that it is over, and what is kept for how long."""
    letter = queries.closure_letter(SYSTEM, event.closure_id)
    if letter.row.kept_until is None:
        return
    last = letter.row.kept_until.astimezone(UTC)
    for person in letter.people:
        with speaking(person.language, letter.account.time_zone):
            subject = _("%(account)s is closed", account=letter.row.name)
            text = _(
                "The account %(account)s is closed: its stations are disconnected, and roles, keys and licences ended. "
                "Receipts and bookings are kept, locked, as long as the law wants, and erased on %(day)s. Your login "
                "stays; you can delete it here:",
                account=letter.row.name,
                day=day(last),
            )
            _send(person, subject, text, page("me/delete"), f"{letter.row.id}d{person.id}")


def tell_of_export(event: ExportReady) -> None:
    """Whoever asked for the copy gets the link to it."""
    letter = queries.export_letter(SYSTEM, event.export_id)
    if letter.row.state is not ExportState.READY or letter.row.expires_at is None:
        return
    with speaking(letter.user.language, letter.account.time_zone):
        subject = _("The copy of %(account)s is ready", account=letter.account.name)
        text = _(
            "Everything in the account as one file. Whoever has this link can fetch it until %(day)s, so pass it on to "
            "nobody:",
            day=day(letter.row.expires_at),
        )
        _send(letter.user, subject, text, links.link(letter.row), f"{letter.row.id}e")


def _send(person: User, subject: str, text: str, link: str, key: str) -> None:
    if person.confirmed_at is None:  # deleted meanwhile
        return
    greeting = _("Hello %(name)s", name=person.name) if person.name else _("Hello")
    brand = settings.current().brand_name
    mail.send(
        person.email, f"{subject} – {brand}", f"{greeting}\n\n{text}\n\n{link}\n\n{brand}\n", key=f"closure-{key}"
    )


REACTIONS: Mapping[type[Event], Sequence[Reaction]] = {
    ClosureRequested: [tell_of_request],
    ClosureUndone: [tell_of_undoing],
    ClosureDelayed: [tell_of_delay],
    AccountClosed: [tell_of_end],
    ExportReady: [tell_of_export],
}
