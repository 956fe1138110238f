"""smart-me tells of an account there: it gets a namesake here."""

from sqlalchemy import select

from accounts.access import Actor, system
from accounts.addresses import clean_email
from accounts.models import User
from accounts.use_cases import open_account_for
from accounts.values import AccountId
from kit import clock, db
from kit.use_case import use_case
from smart_me.models import SmartMeLink
from smart_me.values import LinkState, Person


@use_case
def receive_account(actor: Actor, person: Person, *, language: str) -> SmartMeLink:
    """An account here of the same name, whose owner is mailed an invitation. Told again, it is the same account.

    Who has a login here already with that address is asked which account it is: nobody is linked by an address alone.
    Raises Invalid(email=, name=).
    """
    system(actor)
    known = db.session().scalar(select(SmartMeLink).where(SmartMeLink.subject == person.subject))
    if known is not None:
        return known
    email = clean_email(person.email)
    user = db.session().scalar(select(User).where(User.email == email))
    row = SmartMeLink(subject=person.subject, name=person.name, email=email, begun_at=clock.now())
    if user is not None:
        row.state, row.user_id = LinkState.UNDECIDED, user.id
    else:
        account = open_account_for(actor, email=email, name=person.name, language=language)
        row.state, row.account_id, row.linked_at = LinkState.LINKED, AccountId(account.id), clock.now()
    db.session().add(row)
    db.session().flush()
    return row
