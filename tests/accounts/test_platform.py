"""The staff of the platform: all accounts, fees, reviews, suspensions; for others nothing of it exists."""

from decimal import Decimal

import pytest

from accounts import use_cases
from accounts.access import ANYONE, SYSTEM, Actor
from accounts.models import Account
from accounts.queries import actor_of_user, seller, tenants
from accounts.values import UserId
from kit.errors import Forbidden, Invalid, NotFound
from tests import make
from tests.people import People


@pytest.fixture
def sam(everybody: People) -> Actor:
    """Runs the platform; has a role in no account."""
    login = make.account(name="Plattform AG")
    user = use_cases.make_staff(SYSTEM, email=login.login.email)
    actor = actor_of_user(SYSTEM, UserId(user.id), user.session_key)
    assert actor is not None
    return actor


def test_staff_sees_all_accounts_and_finds_one(everybody: People, sam: Actor) -> None:
    names = [row.name for row in tenants(sam).items]
    assert names == [
        "Fremde Liegenschaften GmbH",
        "Haus am Berg",
        "Haus am See",
        "Immobilien Test AG",
        "Plattform AG",
    ]
    assert [row.name for row in tenants(sam, search="fremde").items] == ["Fremde Liegenschaften GmbH"]
    assert [row.name for row in tenants(sam, size=2, number=2).items] == ["Haus am See", "Immobilien Test AG"]
    assert tenants(sam, size=2).pages == 3
    assert tenants(sam, search="100%_nothing").items == ()


def test_a_reviewed_account_leaves_the_list(everybody: People, sam: Actor) -> None:
    assert tenants(sam, to_review=True).total == 5
    use_cases.review_account(sam, everybody.master.id)
    assert "Immobilien Test AG" not in [row.name for row in tenants(sam, to_review=True).items]


def test_a_fee_is_agreed_with_one_account(everybody: People, sam: Actor) -> None:
    use_cases.set_platform_fee(sam, everybody.master.id, percent=Decimal("7.5"))
    assert make.row(Account, everybody.master.id).platform_fee_percent == Decimal("7.5")
    with pytest.raises(Invalid):
        use_cases.set_platform_fee(sam, everybody.master.id, percent=Decimal(100))
    use_cases.set_platform_fee(sam, everybody.master.id, percent=None)
    assert make.row(Account, everybody.master.id).platform_fee_percent is None


def test_a_suspension_is_seen_by_drivers_and_can_be_lifted(everybody: People, sam: Actor) -> None:
    use_cases.suspend_account(sam, everybody.master.id)
    assert seller(ANYONE, everybody.master.id).suspended
    use_cases.resume_account(sam, everybody.master.id)
    assert not seller(ANYONE, everybody.master.id).suspended


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_for_everybody_else_the_console_does_not_exist(everybody: People, who: str) -> None:
    actor, master = getattr(everybody, who), everybody.master.id
    for deed in (use_cases.suspend_account, use_cases.resume_account, use_cases.review_account):
        with pytest.raises(NotFound):
            deed(actor, master)
    with pytest.raises(NotFound):
        use_cases.set_platform_fee(actor, master, percent=Decimal(0))
    with pytest.raises(NotFound):
        tenants(actor)
    with pytest.raises(Forbidden):
        use_cases.make_staff(actor, email=everybody.bob_login.email)
    row = make.row(Account, master)
    assert (row.suspended_at, row.reviewed_at, row.platform_fee_percent) == (None, None, None)
