"""The platform trains partners, and says until when that counts."""

from datetime import date, timedelta

from accounts import access
from accounts.access import Actor
from kit import clock, db
from kit.errors import Invalid, NotFound
from kit.events import record
from kit.use_case import use_case
from partners.events import PartnerTrained
from partners.models import Partner
from partners.values import PartnerId, TrainingState

LONGEST_DAYS, LONGEST_NOTE = 5 * 366, 500


@use_case
def confirm_training(actor: Actor, partner_id: PartnerId, *, trained_until: date, note: str = "") -> Partner:
    """Note that a partner is trained, and for how long that counts. Raises Invalid."""
    access.staff(actor)
    partner = _partner(partner_id)
    today = clock.now().date()
    if not today <= trained_until <= today + timedelta(days=LONGEST_DAYS):
        raise Invalid(trained_until="in_the_past" if trained_until < today else "out_of_range")
    if len(note) > LONGEST_NOTE:
        raise Invalid(note="too_long")
    partner.trained_until, partner.training_note = trained_until, note.strip()
    partner.training_noted_by, partner.training_noted_at = actor.reference, clock.now()
    record(PartnerTrained(partner.id))
    return partner


@use_case
def end_training(actor: Actor, partner_id: PartnerId) -> Partner:
    """The training counts no more from today on; nobody finds the partner. Twice is harmless."""
    access.staff(actor)
    partner = _partner(partner_id)
    if partner.training is TrainingState.TRAINED:
        partner.trained_until = clock.now().date() - timedelta(days=1)
        partner.training_noted_by, partner.training_noted_at = actor.reference, clock.now()
    return partner


def _partner(partner_id: PartnerId) -> Partner:
    partner = db.session().get(Partner, partner_id, with_for_update=True)
    if partner is None:
        raise NotFound()
    return partner
