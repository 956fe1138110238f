"""Every deed of this room."""

from urllib.parse import urlsplit

from sqlalchemy import delete, select

from accounts import access
from accounts.access import Actor, ActorKind
from accounts.models import Account
from accounts.values import LANGUAGES
from announcements.models import Announcement, AnnouncementAccount, PutAway
from announcements.values import LONGEST_LINK, LONGEST_TEXT, MOST_ACCOUNTS, AnnouncementId, Audience, Draft
from kit import clock, db, notes, upsert
from kit.errors import Invalid, NotFound
from kit.ids import new_id
from kit.use_case import use_case
from licensing.plans import catalogue


@use_case
def write_announcement(actor: Actor, draft: Draft) -> Announcement:
    """Tell operators something from a moment on. Raises Invalid."""
    access.staff(actor)
    row = Announcement(id=new_id(), written_by=actor.reference, written_at=clock.now())
    _store(row, draft)
    return row


@use_case
def change_announcement(actor: Actor, announcement_id: AnnouncementId, draft: Draft) -> Announcement:
    """Other words, other times. Whoever put it away is not shown it again. Raises Invalid."""
    access.staff(actor)
    row = _row(announcement_id)
    _store(row, draft)
    return row


@use_case
def end_announcement(actor: Actor, announcement_id: AnnouncementId) -> None:
    """Show it no more; it stays on the list."""
    access.staff(actor)
    row = _row(announcement_id)
    now = clock.now()
    row.ends_at = min(row.ends_at, now)
    row.begins_at = min(row.begins_at, now)
    notes.tell("announcements")


@use_case
def put_away(actor: Actor, announcement_id: AnnouncementId) -> None:
    """Do not want to see an announcement any more; for the person alone, and twice is harmless."""
    if actor.kind is not ActorKind.USER or actor.id is None or actor.on_behalf_of is not None:
        raise NotFound()
    access.oneself(actor, ActorKind.USER, actor.id)
    _row(announcement_id)
    away = upsert.insert(PutAway).values(announcement_id=announcement_id, user_id=actor.id)
    db.session().execute(away.on_conflict_do_nothing())


def _row(announcement_id: AnnouncementId) -> Announcement:
    row = db.session().get(Announcement, announcement_id)
    if row is None:
        raise NotFound()
    return row


def _store(row: Announcement, draft: Draft) -> None:
    row.texts = _texts(draft.texts)
    row.link = _link(draft.link)
    if draft.ends_at <= draft.begins_at:
        raise Invalid(ends_at="before_the_start")
    row.begins_at, row.ends_at, row.severity = draft.begins_at, draft.ends_at, draft.severity
    row.audience, row.plan = draft.audience, draft.plan if draft.audience is Audience.PLAN else ""
    if draft.audience is Audience.PLAN and catalogue().plan(draft.plan) is None:
        raise Invalid(plan="unknown")
    db.session().add(row)
    db.session().flush()
    _choose(row, draft)
    notes.tell("announcements")


def _choose(row: Announcement, draft: Draft) -> None:
    db.session().execute(delete(AnnouncementAccount).where(AnnouncementAccount.announcement_id == row.id))
    if draft.audience is not Audience.ACCOUNTS:
        return
    wanted = set(draft.account_ids)
    if not 0 < len(wanted) <= MOST_ACCOUNTS:
        raise Invalid(accounts="required" if not wanted else "too_many")
    if len(db.session().scalars(select(Account.id).where(Account.id.in_(wanted))).all()) != len(wanted):
        raise Invalid(accounts="unknown")
    db.session().add_all(AnnouncementAccount(announcement_id=row.id, account_id=one) for one in wanted)


def _texts(told: dict[str, str]) -> dict[str, str]:
    texts = {code: text.strip() for code, text in told.items() if text.strip()}
    if not texts:
        raise Invalid(**{f"text_{LANGUAGES[0]}": "required"})
    for code, text in texts.items():
        if code not in LANGUAGES:
            raise Invalid(texts="unknown")
        if len(text) > LONGEST_TEXT:
            raise Invalid(**{f"text_{code}": "too_long"})
    return texts


def _link(link: str) -> str:
    """An address of the web, or a page of ours; nothing that a browser would run."""
    link = link.strip()
    if len(link) > LONGEST_LINK or any(ord(sign) <= 32 for sign in link):
        raise Invalid(link="not_an_address")
    parts = urlsplit(link)
    own = link.startswith("/") and not link.startswith(("//", "/\\"))
    if link and not own and not (parts.scheme in ("https", "http") and parts.netloc):
        raise Invalid(link="not_an_address")
    return link
