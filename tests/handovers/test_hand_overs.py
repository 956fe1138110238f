"""A property changes hands: who agrees, what ends, what stays, and who sold what."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from accounts.access import ANYONE, SYSTEM, Actor
from accounts.errors import CheckNeeded, OtherPerson
from accounts.jobs import seal_audit
from accounts.models import Account, Grant, Login, User
from accounts.queries import (
    AuditFilter,
    account_tree,
    actor_of_token,
    actor_of_user,
    audit_choices,
    audit_lines,
    checked_chain,
    roles_given,
)
from accounts.rights import ROLE_RIGHTS, Right, Role
from accounts.use_cases import (
    begin_login,
    create_api_client,
    create_api_token,
    create_property,
    grant_role,
    revoke_grant,
    update_account,
)
from accounts.values import AccountId, AccountKind, Browser, GrantId, SignInMethod, UserId
from billing import ledger, onboarding
from billing import queries as billing
from billing import reactions as billing_reactions
from billing.models import PayoutProfile
from billing.payments import sandbox
from billing.use_cases import provider_account_made, refund, request_legal_change, tell_legal_data
from billing.values import LegalChangeState, LegalKind, PaymentState
from charging import reactions as charging_reactions
from handovers import documents, jobs, queries, reactions, use_cases
from handovers.errors import AccountsBelow, HandOverOpen, TooLateToUndo
from handovers.models import HandOver
from handovers.values import HandOverId, HandOverState, Part, Side
from kit import clock, db, mail, worker
from kit.errors import Conflict, Forbidden, Invalid, NotFound
from kit.signing import LinkExpired
from smart_me.models import SmartMeLink
from smart_me.values import LinkState
from stations.models import Station
from stations.values import ConnectorId
from tests import make, scene
from tests.billing.shop import Shop, open_shop, payment_of
from tests.handovers.parties import NEW_EMAIL, here, offer, take, token
from webhooks.queries import endpoints
from webhooks.use_cases import add_endpoint
from webhooks.values import EventType

OLD_EMAIL = "otto@example.org"
_LEGAL = ("legal_name", "street", "postcode", "city", "country", "uid", "vat_registered")
_LINKED = {"subject": "sm-1", "state": LinkState.LINKED, "tokens": {"access": "a", "refresh": "r"}}
ENDING = {Part.MASTER, Part.PEOPLE, Part.TOKENS, Part.API_CLIENTS, Part.WEBHOOKS, Part.PAYOUT, Part.LEGAL_DATA}


def parties() -> tuple[Shop, Actor]:
    """A station that sells, below a master, and the person who owns the property."""
    shop = open_shop()
    worker.bind([billing_reactions.REACTIONS, charging_reactions.REACTIONS, reactions.REACTIONS], jobs.JOBS)
    return shop, make.login(account=shop.account, email=OLD_EMAIL).actor


def again(email: str) -> Actor:
    """A person as the doors see him now."""
    with db.transaction(writing=False) as unit:
        user = unit.session.scalars(select(User).where(User.email == email)).one()
    actor = actor_of_user(SYSTEM, UserId(user.id), user.session_key)
    assert actor is not None
    return actor


def archive_of(row: HandOver) -> AccountId:
    """Where the old owner looks back."""
    assert row.archive_id is not None
    return AccountId(row.archive_id)


def receipts_of(actor: Actor, account_id: AccountId) -> list[tuple[str, int]]:
    """Seller and number of every receipt there, by number."""
    return sorted((row.seller_name, row.number) for row in billing.receipts(actor, account_id))


def sell_as(owner: Actor, account_id: AccountId, name: str) -> None:
    """The new owner says who he is, and is known to the provider."""
    tell_legal_data(
        here(owner),
        account_id,
        legal_kind=LegalKind.COMPANY,
        legal_name=name,
        street="Neugasse 1",
        postcode="8005",
        city="Zürich",
        country="CH",
        uid="",
        vat_registered=False,
    )
    page = onboarding.start(here(owner), account_id, "http://localhost")
    sandbox.confirm_account(page.rsplit("/", 1)[1])
    onboarding.returned(account_id)


def letters() -> list[tuple[str, list[str]]]:
    """To whom, and with which files."""
    return [(one.to, [file.name for file in one.attachments]) for one in mail.letters()]


@pytest.mark.usefixtures("database")
def test_a_session_across_the_moment_ends_under_the_old_owner_and_the_next_one_is_the_new_ones() -> None:
    shop, otto = parties()
    property_id = AccountId(shop.account.id)
    first, running = shop.charge(), shop.hold()
    session = shop.plug_in(running)
    row = take(offer(otto, property_id))
    assert row.protocol is not None
    assert [one["transaction"] for one in row.protocol["running"]] == [session.transaction_id]
    old, nora, archive_id = again(OLD_EMAIL), again(NEW_EMAIL), archive_of(row)
    shop.unplug(session, 12_000)
    worker.drain()
    assert payment_of(running).state is PaymentState.CAPTURED
    assert {payment_of(one).account_id for one in (first, running)} == {archive_id}
    offered = billing.offer_of(ANYONE, ConnectorId(shop.connector.id))
    assert (offered.refusal, offered.seller.name) == ("operator_cannot_be_paid", shop.account.name)
    sell_as(nora, property_id, "Neu AG")
    later = shop.charge()
    assert payment_of(later).account_id == property_id
    assert receipts_of(old, archive_id) == [("Lindenhof", 1), ("Lindenhof", 2)]
    assert receipts_of(nora, property_id) == [("Neu AG", 1)]
    assert billing.payment_view(Actor.payer(running), running).seller.name == "Lindenhof"
    for stranger, place in ((old, property_id), (nora, archive_id)):
        with pytest.raises(NotFound):
            billing.receipts(stranger, place)
    told = queries.history(old, HandOverId(row.id))
    assert [line["receipt"] for line in told] == ["R-000001", "R-000002"]
    with db.transaction(writing=False):
        assert ledger.unbalanced_entries() == []


@pytest.mark.usefixtures("database")
def test_the_old_seller_gives_money_back_under_his_own_numbers() -> None:
    shop, otto = parties()
    paid = shop.charge()
    row = take(offer(otto, shop.account.id))
    refund(again(OLD_EMAIL), paid, amount_minor=100, request_key="once")
    worker.drain()
    there = billing.receipts(again(OLD_EMAIL), archive_of(row))
    assert {(one.snapshot["number"], one.seller_name) for one in there} == {
        ("R-000001", "Lindenhof"),
        ("C-000001", "Lindenhof"),
    }
    with pytest.raises(NotFound):
        refund(again(NEW_EMAIL), paid, amount_minor=100, request_key="twice")


@pytest.mark.usefixtures("database")
def test_people_keys_and_master_go_and_the_rest_stays() -> None:
    shop, otto = parties()
    property_id = AccountId(shop.account.id)
    technician = make.login(account=shop.account, role=Role.TECHNICIAN)
    browser = Browser(device_secret="device", agent="Firefox", address="192.0.2.1")  # of nobody
    begun = begin_login(SYSTEM, UserId(technician.user.id), method=SignInMethod.PASSWORD, browser=browser)
    key = create_api_token(otto, property_id, name="Key").secret
    create_api_client(otto, property_id, name="Client", rights=[Right.VIEW_STATIONS])
    add_endpoint(otto, property_id, url="https://example.org/hook", event_types=[EventType.SESSION_ENDED])
    before = queries.preview(otto, property_id)
    assert {item.part for item in before.ends} == ENDING | {Part.COMPANIES}
    take(offer(otto, property_id))
    nora = again(NEW_EMAIL)
    assert [(node.id, node.name) for node in account_tree(nora)] == [(property_id, "Lindenhof")]
    assert [given.role for given in roles_given(nora, property_id)] == [Role.OWNER]
    assert actor_of_token(SYSTEM, key) is None
    assert endpoints(nora, property_id) == []
    assert scene.row(Login, begun.login.id).ended_at is not None
    account = scene.row(Account, property_id)
    assert (account.parent_id, account.code, account.legal_name) == (None, shop.account.code, "")
    assert account.contact_email == NEW_EMAIL
    now = queries.preview(nora, property_id)
    assert [(item.part, item.count) for item in now.goes] == [(item.part, item.count) for item in before.goes]


@pytest.mark.usefixtures("database")
def test_the_old_owner_looks_back_and_changes_nothing() -> None:
    shop, otto = parties()
    row = take(offer(otto, shop.account.id))
    old = again(OLD_EMAIL)
    (node,) = account_tree(old)
    assert (node.id, node.rights) == (row.archive_id, ROLE_RIGHTS[Role.ACCOUNTANT] | {Right.VIEW_AUDIT})
    with pytest.raises(Forbidden):
        update_account(old, archive_of(row), name="Mine")
    assert [one.id for one in queries.hand_overs(old, archive_of(row))] == [row.id]


@pytest.mark.usefixtures("database")
def test_each_owner_reads_what_was_done_in_his_own_time() -> None:
    shop, otto = parties()
    property_id = AccountId(shop.account.id)
    update_account(otto, property_id, legal_name="Otto AG")
    row = take(offer(otto, shop.account.id))
    old, nora = again(OLD_EMAIL), again(NEW_EMAIL)
    update_account(nora, property_id, legal_name="Nora AG")
    his = audit_lines(old, AuditFilter(archive_of(row))).rows
    hers = audit_lines(nora, AuditFilter(property_id)).rows
    assert {line.account_id for line in his} == {row.archive_id}
    assert [line.actor for line in hers if line.door.endswith("update_account")] == [nora.reference]
    assert otto.reference in {line.actor for line in his if line.door.endswith("update_account")}
    assert {line.id for line in his}.isdisjoint(line.id for line in hers)
    protocol = "handovers.use_cases.carrying_out.carry_out"  # which both were sent
    assert "Otto AG" not in str([line for line in hers if line.door != protocol])
    assert {line.id for line in audit_lines(nora).rows} == {line.id for line in hers}
    assert set(audit_choices(nora, property_id).actors) == {nora.reference}
    assert audit_lines(old, AuditFilter(property_id)).rows == ()
    seal_audit()
    found = checked_chain(SYSTEM, property_id)
    assert (found.reason, found.good >= len(hers)) == ("", True)


@pytest.mark.usefixtures("database")
def test_a_day_begins_at_midnight_where_the_property_is() -> None:
    shop, otto = parties()
    zone = ZoneInfo("Europe/Zurich")
    on = clock.now().astimezone(zone).date() + timedelta(days=3)
    row = take(offer(otto, shop.account.id, on=on))
    midnight = datetime(on.year, on.month, on.day, tzinfo=zone)
    assert (row.state, row.due_at) == (HandOverState.AGREED, midnight)
    with pytest.raises(TooLateToUndo):
        use_cases.cancel_hand_over(otto, HandOverId(row.id))
    jobs.carry_out_due()
    assert scene.row(HandOver, row.id).state is HandOverState.AGREED
    with clock.moved_to(midnight + timedelta(seconds=1)):
        jobs.carry_out_due()
        jobs.carry_out_due()
        worker.drain()
    assert scene.row(HandOver, row.id).state is HandOverState.DONE
    assert sorted(to for to, files in letters() if files) == [NEW_EMAIL, OLD_EMAIL], "the protocol"


@pytest.mark.usefixtures("database")
def test_whoever_has_one_account_only_hands_that_over_with_its_stations() -> None:
    owned = make.account(name="Meine Garage")
    worker.bind([reactions.REACTIONS], jobs.JOBS)
    garage = scene.station(property=scene.row(Account, owned.id), online=False)
    (asked,) = scene.rows(User, User.id == owned.owner.id)
    row = take(offer(owned.owner, owned.id))
    assert (asked.email != NEW_EMAIL, row.state) == (True, HandOverState.DONE)
    assert scene.row(Station, garage.id).account_id == owned.id
    assert [node.id for node in account_tree(again(NEW_EMAIL))] == [owned.id]
    archive = scene.row(Account, archive_of(row))
    assert (archive.kind, archive.parent_id) == (AccountKind.PROPERTY, None)
    assert [node.id for node in account_tree(again(asked.email))] == [archive.id]


@pytest.mark.usefixtures("database")
def test_accounts_that_came_below_meanwhile_are_not_handed_over_along() -> None:
    owned = make.account(name="Meine Garage")
    worker.bind([reactions.REACTIONS], jobs.JOBS)
    on = clock.now().date() + timedelta(days=3)
    row = take(offer(owned.owner, owned.id, on=on))
    create_property(owned.owner, owned.id, name="Haus")
    with clock.moved_to(clock.now() + timedelta(days=4)):
        jobs.carry_out_due()
    assert scene.row(HandOver, row.id).state is HandOverState.CANCELLED
    assert len(account_tree(owned.owner)) == 2


@pytest.mark.usefixtures("database")
def test_it_can_be_undone_until_the_new_owner_agrees() -> None:
    shop, otto = parties()
    row = offer(otto, shop.account.id)
    with pytest.raises(HandOverOpen):
        offer(otto, shop.account.id, email="else@example.org")
    use_cases.cancel_hand_over(otto, HandOverId(row.id))
    use_cases.cancel_hand_over(otto, HandOverId(row.id))
    with pytest.raises(LinkExpired):
        take(row)
    second = offer(otto, shop.account.id)
    worker.drain()
    use_cases.decline_hand_over(ANYONE, token(second, Side.NEW))
    worker.drain()
    with pytest.raises(LinkExpired):
        take(second)
    assert [to for to, _ in letters()].count(OLD_EMAIL) == 3, "twice to confirm, once declined"


@pytest.mark.usefixtures("database")
def test_who_may_hand_over_and_who_may_take() -> None:
    shop, otto = parties()
    property_id = AccountId(shop.account.id)
    administrator = make.login(account=shop.account, role=Role.ADMINISTRATOR).actor
    with pytest.raises(Forbidden):
        use_cases.request_hand_over(here(administrator), property_id, email=NEW_EMAIL)
    with pytest.raises(CheckNeeded):
        use_cases.request_hand_over(otto, property_id, email=NEW_EMAIL)
    master = make.account()
    create_property(master.owner, master.id, name="Haus")
    with pytest.raises(AccountsBelow):
        use_cases.request_hand_over(here(master.owner), master.id, email=NEW_EMAIL)
    long_ago = clock.now().date() - timedelta(days=2)
    with pytest.raises(Invalid):
        use_cases.request_hand_over(here(otto), property_id, email=NEW_EMAIL, on=long_ago)
    asked = use_cases.request_hand_over(here(otto), property_id, email=NEW_EMAIL)
    with pytest.raises(CheckNeeded):
        use_cases.confirm_hand_over(otto, token(asked, Side.OLD))
    with pytest.raises(LinkExpired):
        take(asked)
    row = use_cases.confirm_hand_over(here(otto), token(asked, Side.OLD))
    with pytest.raises(OtherPerson):
        use_cases.accept_hand_over(make.login().actor, token(row, Side.NEW))
    known = make.login(email=NEW_EMAIL).actor
    assert use_cases.accept_hand_over(known, token(row, Side.NEW)).state is HandOverState.DONE


@pytest.mark.usefixtures("database")
def test_an_owner_who_lost_the_account_meanwhile_hands_nothing_over() -> None:
    shop, otto = parties()
    row = offer(otto, shop.account.id)
    grant_role(SYSTEM, AccountId(shop.account.id), email="else@example.org", role=Role.OWNER)
    (mine,) = scene.rows(Grant, Grant.user_id == otto.id)
    revoke_grant(SYSTEM, GrantId(mine.id))
    with pytest.raises(LinkExpired):
        take(row)


@pytest.mark.usefixtures("database")
def test_what_the_old_owner_was_elsewhere_and_wished_for_does_not_go_along() -> None:
    shop, otto = parties()
    property_id, neighbour = AccountId(shop.account.id), make.property(name="Haus im Tal")
    sell_as(otto, property_id, "Otto Alt")
    data = {name: getattr(scene.row(Account, property_id), name) for name in _LEGAL}
    request_legal_change(here(otto), property_id, reason="I retire", **data)
    with db.transaction(writing=True) as unit:
        unit.session.add(SmartMeLink(account_id=property_id, name="otto", email="", begun_at=clock.now(), **_LINKED))
        held = {"account_id": neighbour.id, "holder_id": property_id, "role": Role.TECHNICIAN}
        unit.session.add(Grant(granted_by="test", granted_at=clock.now(), **held))
    row = offer(otto, property_id)
    assert Part.SMART_ME in {item.part for item in queries.preview(otto, property_id).ends}
    archive_id = archive_of(take(row))
    assert scene.rows(SmartMeLink) == []
    assert billing.legal_changes_of(again(NEW_EMAIL), property_id) == []
    (wish,) = billing.legal_changes_of(again(OLD_EMAIL), archive_id)
    assert (wish.reason, wish.state) == ("I retire", LegalChangeState.WITHDRAWN)
    (elsewhere,) = scene.rows(Grant, Grant.holder_id == property_id)
    assert elsewhere.revoked_at is not None


@pytest.mark.usefixtures("database")
def test_an_account_that_the_provider_made_for_the_old_owner_comes_too_late_for_the_new_one() -> None:
    shop, otto = parties()
    property_id = AccountId(shop.account.id)
    sell_as(otto, property_id, "Otto Alt")
    attempt = scene.row(PayoutProfile, property_id).attempt
    take(offer(otto, property_id))
    with pytest.raises(Conflict):
        provider_account_made(SYSTEM, property_id, "acct_of_otto", attempt=attempt)
    assert scene.row(PayoutProfile, property_id).provider_account is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("database")
def test_protocol_and_history_as_files() -> None:
    shop, otto = parties()
    shop.charge()
    row = take(offer(otto, shop.account.id))
    for language, word in (("de", "Übergabe"), ("en", "Hand-over"), ("fr", "Remise"), ("it", "Consegna")):
        page = documents.protocol_html(row, language)
        assert word in page
        assert "None" not in page, "what drivers can't plug into has no number"
    for side in (again(OLD_EMAIL), again(NEW_EMAIL)):
        assert documents.protocol_pdf(side, HandOverId(row.id), "de").content.startswith(b"%PDF")
    file = documents.history_csv(again(OLD_EMAIL), HandOverId(row.id))
    assert file.content.decode().count("R-000001") == 1
    with pytest.raises(NotFound):
        documents.history_csv(again(NEW_EMAIL), HandOverId(row.id))
