"""Which letters went out."""

from accounts.access import Actor, system
from billing.models import SentLetter
from kit import clock, db
from kit.upsert import insert
from kit.use_case import use_case


@use_case
def note_letter(actor: Actor, key: str) -> None:
    """Write down that a letter went out."""
    system(actor)
    values = {"business_key": key, "sent_at": clock.now()}
    db.session().execute(insert(SentLetter).values(values).on_conflict_do_nothing())
