"""Invoices of the platform are paid with a stored card by themselves, until it is refused, removed or another's."""

from collections.abc import Iterator

import pytest

from accounts.access import SYSTEM, Actor
from accounts.presence import PersonHere
from accounts.rights import Role
from billing.payments import sandbox
from billing.payments.port import ProviderRefused
from kit import mail, settings, worker
from kit.audit import AuditLine
from kit.errors import AppError, Conflict, Forbidden
from licensing import jobs, queries, stored_cards, use_cases
from licensing.models import CardPayment, LicenceCard
from licensing.values import CardState, Interval, PaidBy, StoredCardState, SubscriptionState
from tests import make, scene
from tests.billing.shop import ref_of
from tests.licensing.shop import Shop, days_pass, run

GOOD, ASKS, FAILS_ONCE = "4242424242424242", "4000002500003155", "4000000000000341"


@pytest.fixture(autouse=True)
def _no_troubles() -> Iterator[None]:
    yield
    sandbox.faults.clear()


def store(shop: Shop, card: str = GOOD) -> str:
    """Store a card on the provider's page; its reference there."""
    ref = ref_of(stored_cards.start(shop.owner, shop.id))
    sandbox.pay(ref, card)
    if card == ASKS:
        sandbox.authenticate(ref, ok=True)
    stored_cards.returned(shop.id)
    worker.drain()
    return sandbox.provider.read_stored_card(ref).ref


def subscribe(shop: Shop) -> None:
    """Three stations, monthly."""
    use_cases.subscribe(shop.owner, shop.id, interval=Interval.MONTH, station_ids=shop.station_ids)
    worker.drain()


def charged(shop: Shop) -> list[int]:
    """What the provider took from each card that was ever stored there, oldest first."""
    from billing.models import SandboxHold

    return [row.captured_minor for row in scene.rows(SandboxHold, SandboxHold.amount_minor == 0)]


def test_a_renewal_is_paid_by_itself_and_the_letter_says_so(shop: Shop) -> None:
    store(shop)
    subscribe(shop)
    days_pass(31)
    assert [one.paid_by for one in shop.invoices()] == [PaidBy.CARD, PaidBy.CARD]
    assert charged(shop) == [5400]
    assert "It was paid with your card" in mail.letters()[0].text
    assert shop.held.card is not None
    assert (shop.held.card.card, shop.held.card.failure) == ("•••• 4242", "")
    days_pass(40)
    assert shop.subscription.state.value == "running"


def test_a_page_that_is_left_stores_nothing(shop: Shop) -> None:
    ref = ref_of(stored_cards.start(shop.owner, shop.id))
    stored_cards.returned(shop.id)
    assert shop.held.card is None
    assert len(queries.open_card_pages(SYSTEM)) == 1
    sandbox.provider.close_checkout(ref, "gone")
    jobs.look_at_cards()
    assert queries.open_card_pages(SYSTEM) == []
    subscribe(shop)
    assert shop.invoices()[0].paid_at is None


def test_a_notice_stores_the_card_of_somebody_who_never_came_back(shop: Shop) -> None:
    ref = ref_of(stored_cards.start(shop.owner, shop.id))
    sandbox.pay(ref, GOOD)
    jobs.look_at_cards()
    assert shop.held.card is not None


def test_a_refused_card_leaves_the_invoice_to_the_reminders_and_is_tried_with_each(shop: Shop) -> None:
    store(shop, ASKS)
    subscribe(shop)
    assert shop.invoices()[0].paid_at is None
    assert shop.held.card is not None
    assert shop.held.card.failure == "authentication_required"
    assert "was refused" in mail.letters()[0].text
    days_pass(40)
    assert shop.subscription.state is SubscriptionState.OVERDUE
    tries = scene.rows(CardPayment)
    assert len(tries) >= 2
    assert {row.state for row in tries} == {CardState.ENDED}
    store(shop, GOOD)
    assert len(shop.invoices()) == 2
    assert all(one.paid_by is PaidBy.CARD for one in shop.invoices())
    assert shop.subscription.state.value == "running"


def test_a_lost_answer_takes_the_money_once(shop: Shop) -> None:
    store(shop)
    sandbox.faults.arrange("charge_card", answer_lost=True)
    subscribe(shop)
    assert shop.invoices()[0].paid_at is None
    assert "It is taken from your card •••• 4242" in mail.letters()[0].text
    run()
    run()
    assert shop.invoices()[0].paid_by is PaidBy.CARD
    assert charged(shop) == [2700]


def test_money_that_came_another_way_meanwhile_is_not_taken_again(shop: Shop) -> None:
    store(shop)
    sandbox.faults.arrange("charge_card")
    subscribe(shop)
    shop.pay()
    run()
    assert (shop.invoices()[0].paid_by, charged(shop)) == (PaidBy.BANK, [0])
    assert queries.open_card_payments(SYSTEM) == []


def twice() -> dict[str, str]:
    """What is told of money that came twice, by address."""
    return {letter.to: letter.text for letter in mail.letters() if "paid twice" in letter.subject}


def test_where_the_bank_paid_while_an_answer_was_lost_owner_and_staff_are_told_to_look(shop: Shop) -> None:
    store(shop)
    sandbox.faults.arrange("charge_card", answer_lost=True)
    subscribe(shop)
    shop.pay()
    assert twice() == {}
    run()
    run()
    assert (shop.invoices()[0].paid_by, charged(shop)) == (PaidBy.BANK, [2700]), "nobody pays back by himself"
    told, [payment] = twice(), scene.rows(CardPayment)
    assert set(told) == {shop.master.login.email, settings.current().imprint_email}
    assert "we do not know whether they were" in told[shop.master.login.email]
    assert str(payment.id) in told[settings.current().imprint_email]
    assert f"/platform/licences/accounts/{shop.id}" in told[settings.current().imprint_email]


def test_nobody_is_told_of_a_charge_that_never_reached_the_provider(shop: Shop) -> None:
    store(shop)
    use_cases.subscribe(shop.owner, shop.id, interval=Interval.MONTH, station_ids=shop.station_ids)
    [invoice] = shop.invoices()
    assert use_cases.card_charge_begun(SYSTEM, invoice.id) is not None, "and there the program ended"
    shop.pay()
    run()
    [payment] = scene.rows(CardPayment)
    assert (payment.state, payment.asked_at, charged(shop), twice()) == (CardState.ENDED, None, [0], {})


def test_a_card_that_was_charged_after_the_bank_had_paid_is_told_as_well_and_once(shop: Shop) -> None:
    store(shop)
    sandbox.faults.arrange("charge_card")
    subscribe(shop)
    [payment] = scene.rows(CardPayment)
    shop.pay()
    for _ in range(2):
        assert not use_cases.card_payment_taken(SYSTEM, payment.id)
        run()
    told = twice()
    assert len([one for one in mail.letters() if "was paid twice" in one.subject]) == len(told) == 2
    assert "CHF" in told[shop.master.login.email]


def test_another_card_takes_the_place_of_the_first_which_the_provider_forgets(shop: Shop) -> None:
    first = store(shop)
    second = store(shop, FAILS_ONCE)
    with pytest.raises(ProviderRefused):
        charge(first)
    subscribe(shop)
    run()
    assert charged(shop) == [0, 2700]
    use_cases.remove_card(shop.owner, shop.id)
    with pytest.raises(Conflict, match="no_card"):
        use_cases.remove_card(shop.owner, shop.id)
    sandbox.faults.arrange("forget_card")
    worker.drain()
    jobs.look_at_cards()
    with pytest.raises(ProviderRefused):
        charge(second)
    assert queries.cards_to_forget(SYSTEM) == []
    assert shop.held.card is None


def charge(card_ref: str) -> None:
    """Try to take money from a card behind the program's back."""
    from billing.payments.port import CardCharge
    from kit.ids import new_id

    sandbox.provider.charge_card(CardCharge(new_id(), card_ref, "x", 100, "CHF", "x"), f"behind:{card_ref}")


def test_the_card_ends_with_the_owner_also_one_that_he_is_just_storing(shop: Shop) -> None:
    first = store(shop)
    ref = ref_of(stored_cards.start(shop.owner, shop.id))
    archive = make.account(name="Archiv").id
    use_cases.part_invoices(SYSTEM, shop.id, archive)
    sandbox.pay(ref, GOOD)
    for row in scene.rows(LicenceCard):
        stored_cards.look(row.id)
    run()
    assert shop.held.card is None
    assert {row.state for row in scene.rows(LicenceCard)} == {StoredCardState.ENDED}
    for card_ref in (first, sandbox.provider.read_stored_card(ref).ref):
        with pytest.raises(ProviderRefused):
            charge(card_ref)
    subscribe(shop)
    assert shop.invoices()[0].paid_at is None


def test_the_card_ends_with_the_account(shop: Shop) -> None:
    card_ref = store(shop)
    use_cases.end_licences(SYSTEM, shop.id)
    worker.drain()
    with pytest.raises(ProviderRefused):
        charge(card_ref)
    use_cases.erase_invoices(SYSTEM, shop.id)
    assert scene.rows(LicenceCard) == []


def test_only_who_manages_licences_stores_a_card_and_no_browser_that_was_left_open(shop: Shop) -> None:
    accountant: Actor = scene.somebody(Role.VIEWER, shop.master.account)
    with pytest.raises(Forbidden):
        stored_cards.start(accountant, shop.id)
    with pytest.raises(Forbidden):
        use_cases.remove_card(accountant, shop.id)
    tired = PersonHere(shop.owner.kind, shop.owner.id, shop.owner.grants)
    with pytest.raises(AppError) as refused:
        stored_cards.start(tired, shop.id)
    assert refused.value.code == "check_needed"
    store(shop)
    lines = [line for line in scene.rows(AuditLine) if line.door.endswith("card_stored")]
    assert len(lines) == 1
