"""An account here and one at smart-me of the same name come together, from either side."""

import json
from datetime import timedelta

import pytest
import requests
from sqlalchemy import select
from standardwebhooks import Webhook

import smart_me.reactions
from accounts.access import SYSTEM
from accounts.models import Account, Grant, User
from accounts.openid import Claims
from accounts.use_cases import recognise_for_platform
from accounts.values import AccountId, UserId
from kit import clock, db, worker
from kit.errors import NotFound
from smart_me import cloud, connecting, queries, use_cases
from smart_me.errors import BadSignature, LinkedElsewhere, SmartMeSilent
from smart_me.models import SmartMeLink
from smart_me.values import ISSUER, LinkId, LinkState, Person, Tokens
from tests import make
from tests.people import People
from tests.smart_me.conftest import INBOUND, here
from tests.smart_me_server import Cloud

BACK = "http://localhost/smart-me/return"


@pytest.fixture(autouse=True)
def _bound() -> None:
    worker.bind([smart_me.reactions.REACTIONS], [])


def signed_in_there() -> Tokens:
    """Somebody goes to smart-me's page and comes back."""
    departure = cloud.depart(BACK)
    back = requests.get(departure.url, allow_redirects=False, timeout=5).headers["Location"]
    return cloud.arrive(departure, BACK, code=back.split("code=")[1].split("&")[0])


def link_of(account: Account) -> SmartMeLink:
    with db.transaction(writing=False) as unit:
        return unit.session.scalars(select(SmartMeLink).where(SmartMeLink.account_id == account.id)).one()


def told(email: str, **changes: str) -> tuple[bytes, dict[str, str]]:
    data = {"id": "sm-7", "name": "olga", "email": email, "language": "fr"} | changes
    body = json.dumps({"type": "account.created", "data": data})
    now = clock.now()
    signature = Webhook(INBOUND).sign("msg_1", now, body)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    return body.encode(), headers


def test_signing_in_there_links_the_account_and_opens_the_login_here(people: People, there: Cloud) -> None:
    row = connecting.connect(here(people.alice), AccountId(people.home.id), signed_in_there())
    assert (row.state, row.subject, row.name) == (LinkState.LINKED, "sm-1", "olga")
    stored = link_of(people.home)
    assert set(stored.tokens or {}) == {"access", "refresh"}
    came = recognise_for_platform(SYSTEM, ISSUER, Claims("sm-1", "o@x.example", email_verified=False, name=""))
    assert came.user.id == people.alice_login.user.id
    with pytest.raises(LinkedElsewhere):
        connecting.connect(here(people.alice), AccountId(people.next_door.id), signed_in_there())


def test_an_account_of_the_same_name_is_made_there_once(people: People, there: Cloud) -> None:
    account_id = AccountId(people.home.id)
    there.down = True
    use_cases.want_account(people.alice, account_id)
    use_cases.want_account(people.alice, account_id)
    link_id = LinkId(link_of(people.home).id)
    with pytest.raises(SmartMeSilent):
        connecting.sign_up(link_id)
    there.down = False
    connecting.sign_up(link_id)
    connecting.sign_up(link_id)
    made = link_of(people.home)
    assert (made.state, made.name) == (LinkState.LINKED, people.home.contact_email)
    assert list(there.accounts) == [people.home.contact_email]


def test_a_name_that_is_taken_there_is_proved_by_signing_in(people: People, there: Cloud) -> None:
    there.accounts[people.home.contact_email] = "sm-1"
    row = use_cases.want_account(people.alice, AccountId(people.home.id))
    connecting.sign_up(LinkId(row.id))
    assert link_of(people.home).state is LinkState.TAKEN
    connecting.connect(here(people.alice), AccountId(people.home.id), signed_in_there())
    assert link_of(people.home).state is LinkState.LINKED


def test_smart_me_tells_of_a_new_account_twice_and_it_is_one_here(people: People) -> None:
    first, second = (connecting.receive(*told("new@x.example")) for _ in range(2))
    assert first.id == second.id
    assert first.account_id is not None
    account = make.row(Account, first.account_id)
    assert account.name == "olga", "of the same name"
    with db.transaction(writing=False) as unit:
        owner = unit.session.scalars(select(User).where(User.email == "new@x.example")).one()
        grants = unit.session.scalars(select(Grant).where(Grant.user_id == owner.id)).all()
    assert [grant.account_id for grant in grants] == [account.id]
    assert owner.password_hash is None, "the mailed invitation lets them choose one"


def test_who_has_a_login_here_says_which_account_it_is(people: People) -> None:
    mail = people.alice_login.email
    row = connecting.receive(*told(mail))
    assert (row.state, row.account_id) == (LinkState.UNDECIDED, None), "nobody is linked by an address alone"
    (asked,) = queries.undecided_links(people.alice, UserId(people.alice_login.user.id))
    with pytest.raises(NotFound):
        use_cases.decide(people.charlie, LinkId(asked.id), None)
    use_cases.decide(people.alice, LinkId(asked.id), AccountId(people.home.id))
    assert link_of(people.home).state is LinkState.LINKED
    again = connecting.receive(*told(mail))
    assert again.id == row.id


def test_what_nobody_signed_is_not_read(people: People) -> None:
    body, headers = told("new@x.example")
    with pytest.raises(BadSignature):
        connecting.receive(body.replace(b"new@", b"eve@"), headers)
    with pytest.raises(BadSignature):
        connecting.receive(body, {})


def test_tokens_are_renewed_and_a_lost_way_in_is_noted(people: People, there: Cloud) -> None:
    row = connecting.connect(here(people.alice), AccountId(people.home.id), signed_in_there())
    before = link_of(people.home).tokens
    connecting.renew(LinkId(row.id))
    assert link_of(people.home).tokens != before
    there.refreshes.clear()
    connecting.renew(LinkId(row.id))
    lost = link_of(people.home)
    assert (lost.state, lost.tokens, lost.linked) == (LinkState.LOST, None, True), "the rules hold all the same"
    assert queries.expiring_links(SYSTEM, clock.now() + timedelta(days=9)) == []


def test_one_person_there_is_one_account_here(people: People, there: Cloud) -> None:
    tokens, olga = signed_in_there(), Person("sm-1", "olga", "o@x.example")
    use_cases.connect_account(here(people.alice), AccountId(people.home.id), olga, tokens)
    use_cases.unlink(people.alice, AccountId(people.home.id))
    use_cases.connect_account(here(people.alice), AccountId(people.next_door.id), olga, tokens)
    assert link_of(people.next_door).subject == "sm-1"
