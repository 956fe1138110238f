"""Where the money of an account goes: to its own payout account, or to one above that sells in the same name."""

import pytest
from sqlalchemy import update

from accounts.models import Account
from accounts.values import AccountId
from billing.models import PayoutProfile
from billing.payees import payee_of
from billing.queries import payout_facts, unpayable_accounts, verification
from billing.values import VerificationState
from kit import db
from tests import make
from tests.made import Owned
from tests.portal.garage import become_payable

pytestmark = pytest.mark.usefixtures("database", "program")


@pytest.fixture
def master() -> Owned:
    """An administration that is verified and paid."""
    owned = make.account(name="Verwaltung AG", language="en")
    become_payable(owned.owner, owned.id)
    return owned


def paid_through(account: Account) -> PayoutProfile | None:
    with db.transaction(writing=False):
        return payee_of(account.id)


def test_a_property_of_the_same_person_is_paid_out_with_its_master(master: Owned) -> None:
    home = make.property(master=master, name="Lindenhof")
    make.station(property=home, owner=master.owner)
    own_name = make.property(master=master, name="Umbenannt", legal_name="Verwaltung Nord AG")  # the same UID
    for account in (home, own_name):
        found = paid_through(account)
        assert found is not None
        assert found.account_id == master.id
        assert verification(master.owner, AccountId(account.id)).holder_name == "Verwaltung AG"
    assert unpayable_accounts(master.owner, master.id) == []


def test_what_one_person_earns_never_falls_to_another(master: Owned) -> None:
    heirs = make.property(
        master=master, name="Rosengarten", legal_name="Erbengemeinschaft Huber", uid="", vat_registered=False
    )
    account_id = AccountId(heirs.id)
    station = make.station(property=heirs, owner=master.owner)
    assert paid_through(heirs) is None
    assert not payout_facts(master.owner, account_id).can_be_paid
    known = verification(master.owner, account_id)
    assert (known.state, known.holder_name, known.begun) == (VerificationState.UNVERIFIED, None, False)
    make.price(connector=station.connector, owner=master.owner)
    assert verification(master.owner, account_id).due_at is not None, "its own thirty days began"
    assert [row.name for row in unpayable_accounts(master.owner, master.id)] == ["Rosengarten"]
    become_payable(master.owner, account_id)
    found = paid_through(heirs)
    assert found is not None
    assert found.account_id == heirs.id
    assert unpayable_accounts(master.owner, master.id) == []


def test_who_says_no_name_sells_as_the_account_above(master: Owned) -> None:
    heirs = make.property(master=master, legal_name="Erbengemeinschaft Huber", uid="", vat_registered=False)
    with db.transaction(writing=True) as unit:
        unit.session.execute(update(Account).where(Account.id == heirs.id).values(legal_name=""))
    found = paid_through(heirs)
    assert found is not None
    assert found.account_id == master.id
