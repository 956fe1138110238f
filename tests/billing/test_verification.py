"""The steps by which an operator is verified, and what is refused on the way."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.access import SYSTEM, Actor, ActorKind
from accounts.models import Account, Grant
from accounts.presence import PersonHere
from accounts.rights import Role
from accounts.use_cases import revoke_grant
from accounts.use_cases.grants import Terms, give
from accounts.values import AccountId, GrantId
from billing import checkout, onboarding, operator_letters, queries, use_cases
from billing.models import LegalChange, PayoutProfile
from billing.payments import sandbox
from billing.payments.sandbox import Outcome
from billing.values import LegalChangeId, LegalChangeState, LegalKind, PaymentStage, VerificationState
from kit import clock, db, mail, worker
from kit.audit import AuditLine
from kit.errors import AppError, Conflict, Forbidden, Invalid, NotFound
from tests import make, scene
from tests.billing.shop import GOOD, Shop, connect, open_shop, ref_of
from tests.people import People

IBAN = "CH93 0076 2011 6238 5295 7"
BACK = "http://localhost:8000/back"
DATA: dict[str, Any] = {
    "legal_name": "Lindenhof AG",
    "street": "Lindenweg 1",
    "postcode": "6343",
    "city": "Rotkreuz",
    "country": "CH",
    "uid": "CHE-116.281.710",
    "vat_registered": True,
}


@pytest.fixture
def shop(database: str) -> Shop:
    """Told its legal data; not known to the provider yet."""
    return open_shop(paid=False)


def account_id(shop: Shop) -> AccountId:
    """Its account."""
    return AccountId(shop.account.id)


def state(shop: Shop) -> VerificationState:
    """How far its operator is."""
    return queries.verification(shop.owner, account_id(shop)).state


def staff() -> Actor:
    """Somebody who runs the platform."""
    return Actor(ActorKind.USER, make.login().user.id, staff=True)


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"legal_name": " "}, {"legal_name": "required"}),
        ({"street": "", "city": ""}, {"street": "required", "city": "required"}),
        ({"uid": "CHE-116.281.711"}, {"uid": "not_a_uid"}),
        ({"street": "", "uid": "CHE-116.281.711"}, {"street": "required", "uid": "not_a_uid"}),
        ({"uid": ""}, {"uid": "required_for_vat"}),
        ({"country": "XX"}, {"country": "unknown"}),
    ],
)
def test_incomplete_or_wrong_legal_data_are_named_by_field(
    shop: Shop, changes: dict[str, Any], problems: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        use_cases.tell_legal_data(shop.owner, account_id(shop), legal_kind=LegalKind.COMPANY, **DATA | changes)
    assert refused.value.fields == problems
    assert scene.row(Account, shop.account.id).street == "Bahnhofstrasse 1"


def test_the_provider_is_asked_after_the_legal_data_only(shop: Shop) -> None:
    other = scene.account(name="Neu")
    owner = scene.somebody(Role.OWNER, other)
    with pytest.raises(Conflict, match="legal_data_missing"):
        onboarding.start(owner, AccountId(other.id), BACK)
    with pytest.raises(Conflict, match="not_connected"):
        onboarding.set_bank_account(shop.owner, account_id(shop), IBAN)


def test_once_known_to_the_provider_kind_and_country_stay(shop: Shop) -> None:
    connect(shop)
    for kind, changes, field in (
        (LegalKind.PERSON, {}, "legal_kind"),
        (LegalKind.COMPANY, {"country": "DE", "uid": "", "vat_registered": False}, "country"),
    ):
        with pytest.raises(Invalid) as refused:
            use_cases.tell_legal_data(shop.owner, account_id(shop), legal_kind=kind, **DATA | changes)
        assert refused.value.fields == {field: "fixed"}
    use_cases.tell_legal_data(shop.owner, account_id(shop), legal_kind=LegalKind.COMPANY, **DATA)
    assert scene.row(Account, shop.account.id).street == "Lindenweg 1"


@pytest.mark.parametrize(
    ("iban", "problem"),
    [
        ("", "required"),
        ("CH93 0076 2011 6238 5295 8", "not_an_iban"),
        ("hello", "not_an_iban"),
        ("DE89 3704 0044 0532 0130 00", "other_country"),
    ],
)
def test_a_bank_account_is_an_iban_of_the_operators_country(shop: Shop, iban: str, problem: str) -> None:
    connect(shop)
    with pytest.raises(Invalid) as refused:
        onboarding.set_bank_account(shop.owner, account_id(shop), iban)
    assert refused.value.fields == {"iban": problem}
    assert state(shop) is VerificationState.VERIFIED_WITHOUT_BANK


def test_the_iban_is_shown_by_its_ends_and_stands_in_no_audit_line(shop: Shop) -> None:
    connect(shop)
    onboarding.set_bank_account(shop.owner, account_id(shop), IBAN)
    known = queries.verification(shop.owner, account_id(shop))
    assert (known.state, known.iban) == (VerificationState.VERIFIED, "CH93 •••• 2957")
    lines = [line for line in scene.rows(AuditLine) if "bank_account" in line.door]
    assert len(lines) == 2
    assert all("6238" not in str(line.arguments) for line in lines)


def test_a_browser_left_open_changes_no_bank_account(shop: Shop) -> None:
    connect(shop)
    tired = PersonHere(shop.owner.kind, shop.owner.id, shop.owner.grants)
    with pytest.raises(AppError) as refused:
        onboarding.set_bank_account(tired, account_id(shop), IBAN)
    assert refused.value.code == "check_needed"
    assert state(shop) is VerificationState.VERIFIED_WITHOUT_BANK


@pytest.mark.parametrize(
    ("outcome", "bank", "reached"),
    [
        (Outcome.BY_HAND, False, VerificationState.PENDING),
        (Outcome.MISSING, True, VerificationState.UNVERIFIED),
        (Outcome.REFUSED, True, VerificationState.RESTRICTED),
        (Outcome.APPROVED, False, VerificationState.VERIFIED_WITHOUT_BANK),
        (Outcome.APPROVED, True, VerificationState.VERIFIED),
    ],
)
def test_what_the_check_comes_to(shop: Shop, outcome: Outcome, bank: bool, reached: VerificationState) -> None:
    ref = ref_of(onboarding.start(shop.owner, account_id(shop), BACK))
    sandbox.confirm_account(ref, outcome, bank=bank)
    onboarding.returned(account_id(shop))
    known = queries.verification(shop.owner, account_id(shop))
    assert known.state is reached
    assert bool(known.requirements) is (outcome is Outcome.MISSING)


def test_a_payment_page_that_was_open_at_the_restriction_reserves_nothing(shop: Shop) -> None:
    connect(shop)
    payment_id = shop.scan()
    shop.pay(payment_id, GOOD)
    sandbox.confirm_account(scene.row(PayoutProfile, shop.account.id).provider_account, Outcome.REFUSED)
    onboarding.returned(account_id(shop))
    checkout.returned(payment_id)
    worker.drain()
    view = shop.view(payment_id)
    assert (view.stage, view.failure) == (PaymentStage.NOT_STARTED, "operator_cannot_be_paid")


def test_a_change_of_kind_waits_for_staff_and_begins_the_verification_anew(shop: Shop) -> None:
    connect(shop)
    onboarding.set_bank_account(shop.owner, account_id(shop), IBAN)
    before = scene.row(PayoutProfile, shop.account.id).provider_account
    private = DATA | {"legal_name": "Lina Linde", "uid": "", "vat_registered": False}
    change = use_cases.request_legal_change(shop.owner, account_id(shop), reason="House sold", **private)
    with pytest.raises(Conflict, match="change_waiting"):
        use_cases.request_legal_change(shop.owner, account_id(shop), reason="Again", **private)
    assert state(shop) is VerificationState.VERIFIED, "nothing has changed yet"
    (row,) = queries.legal_changes(staff()).items
    assert {name for name, _, _ in row.differences} == {"legal_name", "street", "uid", "vat_registered"}
    change_id = LegalChangeId(change.id)
    for stranger, refusal in ((shop.owner, NotFound), (scene.somebody(Role.VIEWER, shop.account), NotFound)):
        with pytest.raises(refusal):
            use_cases.approve_legal_change(stranger, change_id)
    use_cases.approve_legal_change(staff(), change_id)
    profile = scene.row(PayoutProfile, shop.account.id)
    assert (profile.legal_kind, profile.provider_account, profile.bank_account) == (LegalKind.PERSON, None, None)
    assert scene.row(Account, shop.account.id).legal_name == "Lina Linde"
    assert (state(shop), profile.due_at is not None) == (VerificationState.UNVERIFIED, True)
    with pytest.raises(Conflict, match="operator_cannot_be_paid"):
        shop.scan()
    with pytest.raises(Conflict, match="change_decided"):
        use_cases.decline_legal_change(staff(), change_id, answer="No")
    connect(shop)
    assert scene.row(PayoutProfile, shop.account.id).provider_account not in (None, before)
    assert [line.door for line in scene.rows(AuditLine) if line.door.endswith("approve_legal_change")] != []


def test_a_change_is_declined_with_a_reason_or_withdrawn(shop: Shop) -> None:
    private = DATA | {"legal_name": "Lina Linde", "uid": "", "vat_registered": False}
    change = use_cases.request_legal_change(shop.owner, account_id(shop), reason="House sold", **private)
    with pytest.raises(Invalid) as refused:
        use_cases.decline_legal_change(staff(), LegalChangeId(change.id), answer=" ")
    assert refused.value.fields == {"answer": "required"}
    use_cases.decline_legal_change(staff(), LegalChangeId(change.id), answer="The register says otherwise.")
    use_cases.request_legal_change(shop.owner, account_id(shop), reason="Now it does not", **private)
    use_cases.withdraw_legal_change(shop.owner, account_id(shop))
    with pytest.raises(Conflict, match="no_change_waiting"):
        use_cases.withdraw_legal_change(shop.owner, account_id(shop))
    states = [row.state for row in scene.rows(LegalChange)]
    assert states == [LegalChangeState.DECLINED, LegalChangeState.WITHDRAWN]
    assert scene.row(Account, shop.account.id).legal_name == "Lindenhof"


def test_a_verification_ends_with_the_owner_and_never_falls_to_the_account_above(shop: Shop) -> None:
    above = AccountId(scene.row(Account, shop.account.id).parent_id)
    make.legal_data(account_id=above, legal_name="Lindenhof")  # the same person
    sandbox.confirm_account(ref_of(onboarding.start(SYSTEM, above, BACK)))
    onboarding.returned(above)
    assert queries.verification(shop.owner, account_id(shop)).holder_id == above
    shop.scan()
    use_cases.end_verification(SYSTEM, account_id(shop))
    known = queries.verification(shop.owner, account_id(shop))
    assert (known.holder_id, known.state, known.legal_kind) == (account_id(shop), VerificationState.UNVERIFIED, None)
    assert known.due_at is not None
    with pytest.raises(Conflict, match="operator_cannot_be_paid"):
        use_cases.request_payment(SYSTEM, shop.connector.id, email="", language="en", terms_accepted=True)


def test_whose_time_is_over_is_restricted(shop: Shop) -> None:
    use_cases.end_verification(SYSTEM, account_id(shop))
    due_at = scene.row(PayoutProfile, shop.account.id).due_at
    assert due_at is not None
    for days, found in ((15, []), (17, [(account_id(shop), due_at)])):  # the first reminder goes out 14 days before
        with clock.moved_to(clock.now() + timedelta(days=days)):
            assert queries.verifications_due(SYSTEM) == found
            assert not use_cases.restrict_overdue(SYSTEM, account_id(shop)), "there is time left"
    with clock.moved_to(due_at + timedelta(seconds=1)):
        assert queries.verifications_due(SYSTEM) == [(account_id(shop), due_at)]
        assert use_cases.restrict_overdue(SYSTEM, account_id(shop))
        assert state(shop) is VerificationState.RESTRICTED
        assert queries.verifications_due(SYSTEM) == []
        assert not use_cases.restrict_overdue(SYSTEM, account_id(shop)), "once"
    for door in (queries.verifications_due, lambda actor: use_cases.restrict_overdue(actor, account_id(shop))):
        with pytest.raises(Forbidden):
            door(shop.owner)


def test_who_waits_for_the_provider_is_not_restricted(shop: Shop) -> None:
    ref = ref_of(onboarding.start(shop.owner, account_id(shop), BACK))
    sandbox.confirm_account(ref, Outcome.BY_HAND)
    onboarding.returned(account_id(shop))
    profile = scene.row(PayoutProfile, shop.account.id)
    assert state(shop) is VerificationState.PENDING
    with clock.moved_to(clock.now() + timedelta(days=60)):
        assert not use_cases.restrict_overdue(SYSTEM, account_id(shop))
        assert state(shop) is VerificationState.PENDING
    assert profile.restricted_at is None


def test_only_who_decides_over_the_money_takes_the_steps(shop: Shop) -> None:
    manager = scene.somebody(Role.MANAGER, shop.account)
    assert queries.verification(manager, account_id(shop)).state is VerificationState.UNVERIFIED
    for deed in (
        lambda: use_cases.tell_legal_data(manager, account_id(shop), legal_kind=LegalKind.PERSON, **DATA),
        lambda: onboarding.set_bank_account(manager, account_id(shop), IBAN),
        lambda: use_cases.request_legal_change(manager, account_id(shop), reason="x", **DATA),
    ):
        with pytest.raises(Forbidden):
            deed()


def test_letters_go_to_who_decides_here_and_not_to_the_owner_of_a_master_that_may_less(people: People) -> None:
    home, owner = AccountId(people.home.id), make.login(account=people.home)
    [mandate] = [row for row in scene.rows(Grant, Grant.account_id == home) if row.holder_id]
    revoke_grant(owner.actor, GrantId(mandate.id))
    with db.transaction(writing=True):
        give(home, Terms(role=Role.ADMINISTRATOR), by="system", holder_id=people.master.id)
    operator_letters.remind(home, clock.now() + timedelta(hours=12))
    assert {letter.to for letter in mail.letters()} == {owner.email}
