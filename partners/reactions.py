"""What partners does when something happened: it writes letters."""

from collections.abc import Mapping, Sequence

from accounts import links
from accounts.access import SYSTEM
from kit import mail, settings
from kit.events import Event
from kit.i18n import _, calendar_day, speaking
from kit.worker import Reaction
from partners import queries
from partners.events import InstallerProposed, PartnerTrained, ReportSigned


def ask_proposed_installer(event: InstallerProposed) -> None:
    """Tell a company who would like to work with it, and how to become a partner."""
    proposal, account = queries.proposal_letter(SYSTEM, event.proposal_id)
    with speaking(account.language):
        text = _(
            "%(account)s would like %(name)s to put charging stations into service. Register your company here and ask "
            "us for a training; afterwards operators find you in our directory and can give you access to stations:",
            account=account.name,
            name=proposal.name,
        )
        subject = _("%(account)s proposes you as an installer", account=account.name)
        _send(proposal.email, subject, text, "partner/profile", key=f"proposal:{proposal.id}")


def tell_trained_partner(event: PartnerTrained) -> None:
    """Tell a partner until when its training counts."""
    partner, account = queries.training_letter(SYSTEM, event.partner_id)
    if partner.trained_until is None:
        return
    with speaking(account.language):
        text = _(
            "The training of %(name)s counts until %(day)s. Operators find you in the directory from now on:",
            name=partner.name,
            day=calendar_day(partner.trained_until),
        )
        _send(partner.email, _("You are a trained partner"), text, f"partners/{partner.id}")


def tell_operator(event: ReportSigned) -> None:
    """Tell the operator that a station was put into service."""
    report, account = queries.report_letter(SYSTEM, event.report_id)
    if not account.contact_email:
        return
    names = {"partner": report.snapshot["partner"]["name"], "station": report.snapshot["station"]["name"]}
    with speaking(account.language):
        text = _("%(partner)s has signed the commissioning report of %(station)s. You find it here:", **names)
        subject = _("%(station)s was put into service", station=names["station"])
        _send(
            account.contact_email,
            subject,
            text,
            f"stations/{report.station_id}/commissioning",
            key=f"report:{report.id}",
        )


def _send(to: str, subject: str, text: str, path: str, *, key: str | None = None) -> None:
    brand, greeting = settings.current().brand_name, _("Hello")
    mail.send(to, f"{subject} – {brand}", f"{greeting}\n\n{text}\n\n{links.page(path)}\n\n{brand}\n", key=key)


REACTIONS: Mapping[type[Event], Sequence[Reaction]] = {
    InstallerProposed: [ask_proposed_installer],
    PartnerTrained: [tell_trained_partner],
    ReportSigned: [tell_operator],
}
