"""An account is closed: what stands against it, what ends, what is kept, and when that goes."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from accounts import reactions as accounts_reactions
from accounts.access import ANYONE, SYSTEM, Actor
from accounts.errors import CheckNeeded, OnlyOwner
from accounts.models import Account, Invitation, User
from accounts.queries import account_tree, actor_of_token, actor_of_user
from accounts.rights import Role
from accounts.use_cases import create_api_token, delete_login, grant_role, invite
from accounts.values import AccountId, UserId
from billing import reactions as billing_reactions
from billing.jobs import JOBS as BILLING_JOBS
from billing.models import Document, LedgerEntry, LedgerPosting, Payment
from billing.queries import offer_of
from billing.use_cases import move_available_income
from billing.values import PaymentId
from charging import reactions as charging_reactions
from charging.models import ChargingSession, MeterValue, Tag
from charging.use_cases import add_tag
from closures import jobs, queries, reactions, use_cases
from closures.errors import ClosingAlready, StillInUse, TooLateToOpen
from closures.models import Closure
from closures.values import ClosureState, Ending, Kept, Obstacle
from imports.models import Import, ImportedSession, ImportRow
from imports.use_cases import carry_out, preview_import, start_import
from imports.values import ImportId, What
from kit import clock, db, mail, worker
from kit.errors import Forbidden, NotFound
from licensing.models import Subscription
from licensing.use_cases import start_trial
from licensing.values import SubscriptionState
from stations.models import Connector, Station
from stations.use_cases import add_station
from stations.values import ConnectorId, NewConnector
from tests import make, scene
from tests.billing.shop import Shop, open_shop, payment_of
from tests.handovers.parties import here
from webhooks.models import WebhookEndpoint
from webhooks.use_cases import add_endpoint
from webhooks.values import EventType

OWNER_EMAIL = "olga@example.org"


def parties() -> tuple[Shop, Actor]:
    """A property that sells, below a master, and the person who owns it."""
    shop = open_shop()
    heard = [billing_reactions.REACTIONS, charging_reactions.REACTIONS, accounts_reactions.REACTIONS]
    worker.bind([*heard, reactions.REACTIONS], [*BILLING_JOBS, *jobs.JOBS])
    return shop, make.login(account=shop.account, email=OWNER_EMAIL).actor


def again(email: str) -> Actor | None:
    """A person as the doors see him now; None: nobody can sign in so."""
    with db.transaction(writing=False) as unit:
        user = unit.session.scalars(select(User).where(User.email == email)).one_or_none()
    return actor_of_user(SYSTEM, UserId(user.id), user.session_key) if user else None


def paid_out(shop: Shop) -> PaymentId:
    """A session that is paid, and its money available."""
    paid = shop.charge()
    with clock.moved_to(clock.now() + timedelta(days=10)):
        move_available_income(SYSTEM)
    return paid


def brought(account_id: AccountId) -> None:
    """A tag and a session came along from another platform."""
    history = "Station;Anschluss;Beginn;Dauer;Energie kWh;Fahrer;Kosten\n"
    history += f"Lindenhof Ost;1;{clock.now() - timedelta(days=3):%Y-%m-%dT%H:%M:%SZ};3600;12,5;Frau Meier;4,20\n"
    files = ((What.TAGS, "Inhaber;Karte\nFrau Meier;04AABB\n"), (What.HISTORY, history))
    for what, text in files:
        looked = preview_import(SYSTEM, account_id, what=what, content=text.encode(), file_name=f"{what.value}.csv")
        start_import(SYSTEM, ImportId(looked.id))
        carry_out(ImportId(looked.id))


def closed(owner: Actor, account_id: AccountId) -> Closure:
    """Wished for, waited for, done."""
    row = use_cases.request_closure(here(owner), account_id)
    worker.drain()
    with clock.moved_to(row.due_at + timedelta(minutes=1)):
        jobs.close_due()
        worker.drain()
    done: Closure = scene.row(Closure, row.id)
    return done


@pytest.mark.usefixtures("database")
def test_it_says_exactly_what_stands_against_it() -> None:
    shop, olga = parties()
    master = scene.row(Account, shop.account.parent_id)  # type: ignore[arg-type]
    with pytest.raises(StillInUse) as below:
        use_cases.request_closure(here(make.login(account=master).actor), AccountId(master.id))
    assert below.value.details == {"accounts_below": shop.account.name}
    payment = shop.hold()
    session = shop.plug_in(payment)
    property_id = AccountId(shop.account.id)
    with pytest.raises(StillInUse) as running:
        use_cases.request_closure(here(olga), property_id)
    assert running.value.details == {"sessions": shop.station.name, "payments": "1"}
    shop.unplug(session, 10_000)
    worker.drain()
    with pytest.raises(StillInUse) as coming:
        use_cases.request_closure(here(olga), property_id)
    assert list(coming.value.details) == ["money"], "taken, and not available yet"
    assert re.fullmatch(r"CHF \d+\.\d\d", coming.value.details["money"])
    assert [one.what for one in queries.preview(olga, property_id).obstacles] == [Obstacle.MONEY]


@pytest.mark.usefixtures("database")
def test_only_an_owner_who_just_proved_it_closes_and_undoes() -> None:
    shop, olga = parties()
    property_id = AccountId(shop.account.id)
    with pytest.raises(CheckNeeded):
        use_cases.request_closure(olga, property_id)
    administrator = make.login(account=shop.account, role=Role.ADMINISTRATOR).actor
    with pytest.raises(Forbidden):
        use_cases.request_closure(here(administrator), property_id)
    with pytest.raises(NotFound):
        use_cases.request_closure(here(make.account(name="Fremde AG").owner), property_id)
    use_cases.request_closure(here(olga), property_id)
    with pytest.raises(ClosingAlready):
        use_cases.request_closure(here(olga), property_id)
    worker.drain()
    row = use_cases.undo_closure(olga, property_id)
    assert row.state is ClosureState.UNDONE
    with pytest.raises(TooLateToOpen):
        use_cases.undo_closure(olga, property_id)
    with clock.moved_to(row.due_at + timedelta(days=1)):
        jobs.close_due()
    assert scene.row(Account, property_id).closed_at is None
    worker.drain()
    told = [one.to for one in mail.letters() if "geschlossen" in one.subject or "bleibt offen" in one.subject]
    assert told == [OWNER_EMAIL, OWNER_EMAIL]


@pytest.mark.usefixtures("database")
def test_everything_ends_and_documents_stay() -> None:
    shop, olga = parties()
    property_id = AccountId(shop.account.id)
    add_tag(olga, property_id, id_tag="04A1B2C3", name="Karte von Frau Meier")
    add_endpoint(olga, property_id, url="https://example.org/hook", event_types=[EventType.SESSION_STARTED])
    key = create_api_token(olga, property_id, name="Programm").secret
    invite(olga, property_id, email="irma@example.org", role=Role.VIEWER)
    viewer = make.login(account=shop.account, role=Role.VIEWER, email="vera@example.org")
    paid = paid_out(shop)
    seen = queries.preview(olga, property_id)
    assert {Ending.STATIONS, Ending.TAGS, Ending.PEOPLE, Ending.TOKENS, Ending.WEBHOOKS, Ending.INVITATIONS} <= {
        one.what for one in seen.ends
    }
    assert {Kept.DOCUMENTS, Kept.BOOKINGS} <= {one.what for one in seen.stays}
    row = closed(olga, property_id)
    assert row.state is ClosureState.CLOSED
    account, station = scene.row(Account, property_id), scene.row(Station, shop.station.id)
    assert account.closed_at is not None
    assert (account.legal_name, account.contact_email, account.parent_id) == ("", "", None)
    assert account.name == f"Geschlossenes Konto {property_id.hex[-8:]}"
    assert account.code != shop.account.code
    assert (station.identity, station.city, station.serial) == (f"closed-{station.id.hex}", "", "")
    assert scene.row(Connector, shop.connector.id).code is None
    assert scene.rows(Tag, Tag.account_id == property_id) == []
    assert {one.id_tag for one in scene.rows(ChargingSession)} == {"FORGOTTEN"}
    assert payment_of(paid).email == ""
    assert [one.email for one in scene.rows(Invitation, Invitation.account_id == property_id)] == [""]
    assert all(one.removed_at for one in scene.rows(WebhookEndpoint))
    assert actor_of_token(SYSTEM, key) is None
    for email in (OWNER_EMAIL, viewer.email):
        person = again(email)
        assert person is not None
        assert account_tree(person) == []
        with pytest.raises(NotFound):
            queries.preview(person, property_id)
    assert len(scene.rows(Document, Document.account_id == property_id)) == 1
    assert [one.seller_name for one in scene.rows(Document)] == [shop.account.name]
    told = {one.to for one in mail.letters() if "ist geschlossen" in one.subject}
    assert told == {OWNER_EMAIL, viewer.email}


@pytest.mark.usefixtures("database")
def test_what_the_law_wants_goes_after_ten_years() -> None:
    shop, olga = parties()
    paid_out(shop)
    scene.reading(scene.rows(ChargingSession)[0], minutes=1, energy_wh=2_000, power_w=None)
    brought(AccountId(shop.account.id))
    row = closed(olga, AccountId(shop.account.id))
    assert (scene.rows(Import), scene.rows(ImportRow)) == ([], []), "they name people"
    assert [(one.driver, one.costs_minor) for one in scene.rows(ImportedSession)] == [("", 420)]
    assert row.kept_until is not None
    year = clock.now().year if (clock.now() + timedelta(days=30)).year == clock.now().year else clock.now().year + 1
    assert row.kept_until == datetime(year + 10, 12, 31, 23, tzinfo=UTC), "midnight in Zurich"
    with clock.moved_to(row.kept_until - timedelta(minutes=1)):
        jobs.erase_due()
    assert scene.rows(Document) != []
    with clock.moved_to(row.kept_until):
        jobs.erase_due()
    for model in (Document, LedgerEntry, LedgerPosting, Payment, MeterValue, ImportedSession):
        assert scene.rows(model) == []
    assert sum(one.energy_wh or 0 for one in scene.rows(ChargingSession)) == 22_500, "totals stay"
    erased = scene.row(Closure, row.id)
    assert (erased.state, erased.name, erased.people) == (ClosureState.ERASED, "", [])


@pytest.mark.usefixtures("database")
def test_its_day_waits_for_what_goes_on() -> None:
    shop, olga = parties()
    property_id = AccountId(shop.account.id)
    row = use_cases.request_closure(here(olga), property_id)
    session = scene.session(connector=scene.row(Connector, shop.connector.id))
    with clock.moved_to(row.due_at + timedelta(hours=1)):
        jobs.close_due()
        jobs.close_due()
        worker.drain()
        delayed = scene.row(Closure, row.id)
        assert (delayed.state, delayed.delayed_at is not None) == (ClosureState.WAITING, True)
        shop.unplug(session, 5_000)
        jobs.close_due()
    assert scene.row(Closure, row.id).state is ClosureState.CLOSED
    late = [one for one in mail.letters() if "noch nicht" in one.subject]
    assert len(late) == 1, "told once"


@pytest.mark.usefixtures("database")
def test_a_charger_can_be_entered_elsewhere_and_its_label_leads_nowhere() -> None:
    shop, olga = parties()
    identity = shop.station.identity
    closed(olga, AccountId(shop.account.id))
    elsewhere = make.account(name="Neue AG")
    added = add_station(
        elsewhere.owner, AccountId(elsewhere.account.id), name="Neu", connectors=[NewConnector()], identity=identity
    )
    assert added.station.identity == identity
    assert offer_of(ANYONE, ConnectorId(shop.connector.id)).refusal != ""


@pytest.mark.usefixtures("database")
def test_licences_end() -> None:
    shop, olga = parties()
    property_id = AccountId(shop.account.id)
    held = start_trial(olga, property_id, station_ids=[shop.station.id])
    closed(olga, property_id)
    assert scene.row(Subscription, held.id).state is SubscriptionState.ENDED


@pytest.mark.usefixtures("database")
def test_a_person_deletes_the_own_login() -> None:
    shop, olga = parties()
    property_id = AccountId(shop.account.id)
    alone = make.account(name="Allein AG", email="allein@example.org")
    with pytest.raises(CheckNeeded):
        delete_login(alone.owner)
    with pytest.raises(OnlyOwner) as refused:
        delete_login(here(alone.owner))
    assert refused.value.details == {"accounts": "Allein AG"}
    grant_role(SYSTEM, AccountId(alone.account.id), email="zweite@example.org", role=Role.OWNER, name="Zweite")
    delete_login(here(alone.owner))
    worker.drain()
    gone = scene.row(User, alone.owner.id)  # type: ignore[arg-type]
    assert (gone.name, gone.password_hash) == ("", None)
    assert gone.email.endswith("@invalid")
    assert again("allein@example.org") is None
    assert next(one.to for one in mail.letters()) == "allein@example.org"
    assert olga.id != alone.owner.id
    assert account_tree(olga)[0].id == property_id
