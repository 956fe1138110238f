"""Paid sessions from the scan to the receipt: a charger's own words, the sandbox provider, both databases."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from accounts.access import ANYONE, Actor
from accounts.rights import Role
from billing import checkout, jobs, queries, use_cases
from billing.models import Document, Payment, ProviderEvent
from billing.payments import sandbox
from billing.values import DocumentKind, LedgerAccount, PaymentId, PaymentStage, PaymentState, Terms
from charging.models import Authorisation
from kit import clock, db, mail, worker
from kit.errors import Conflict, Invalid, NotFound
from kit.ids import new_id
from stations.values import ConnectorId
from tests import make, scene
from tests.billing.shop import (
    DECLINED,
    DOUBLE,
    FIRST_CAPTURE_FAILS,
    LATE,
    SECURE,
    Shop,
    books,
    commands,
    holds_at_provider,
    open_shop,
    payment_of,
    ref_of,
)

pytestmark = pytest.mark.usefixtures("database", "program")


def test_a_paid_session_from_the_scan_to_the_receipt(shop: Shop) -> None:
    payment_id = shop.scan()
    assert shop.view(payment_id).stage is PaymentStage.CHECKOUT
    shop.pay(payment_id)
    assert shop.view(payment_id).checkout_url
    checkout.returned(payment_id)
    worker.drain()
    plug_in = shop.view(payment_id)
    assert (plug_in.stage, plug_in.hold_minor, plug_in.card) == (PaymentStage.PLUG_IN, 6000, "•••• 4242")
    assert plug_in.plug_in_until is not None
    assert timedelta(seconds=80) < plug_in.plug_in_until - clock.now() <= timedelta(seconds=90)
    assert [action for action, _ in commands(shop)] == ["RemoteStartTransaction"]

    session = shop.plug_in(payment_id)
    charging = shop.view(payment_id)
    assert (charging.stage, charging.session and charging.session.energy_wh) == (PaymentStage.CHARGING, 0)
    with clock.moved_to(session.started_at + timedelta(minutes=10)):
        shop.read(session, 2_000)
        charging = shop.view(payment_id)
    assert charging.cost is not None
    assert charging.cost.gross_minor == 210  # 1.00, 2 kWh at 0.45, 10 minutes at 0.02

    end = session.started_at + timedelta(minutes=30)
    with clock.moved_to(end + timedelta(seconds=1)):
        shop.unplug(session, 10_000, end)
        assert shop.view(payment_id).stage is PaymentStage.SETTLING
        worker.drain()
        paid = shop.view(payment_id)
    assert paid.stage is PaymentStage.PAID
    assert (paid.captured_minor, paid.released_minor) == (610, 5390)  # 4.50 + 0.60 + 1.00
    assert paid.cost is not None
    assert [line.amount_minor for line in paid.cost.lines] == [450, 60, 100]
    assert (paid.cost.net_minor, paid.cost.vat_minor) == (564, 46)
    assert holds_at_provider(payment_id) == [("captured", 610, 61)]
    (document,) = scene.rows(Document)
    assert (document.kind, document.gross_minor, document.id) == (DocumentKind.RECEIPT, 610, paid.document_id)
    assert document.snapshot["payment"]["released_minor"] == 5390
    assert books(shop.account.id) == {
        LedgerAccount.PROVIDER_SOON: 549,
        LedgerAccount.PLATFORM_FEE: 61,
        LedgerAccount.REVENUE: -564,
        LedgerAccount.VAT: -46,
    }


def test_the_driver_gets_his_link_and_his_receipt_by_mail(shop: Shop) -> None:
    payment_id = shop.charge(language="de")
    receipt, link = sorted(mail.letters(), key=lambda letter: len(letter.attachments), reverse=True)
    assert [receipt.to, link.to] == ["driver@example.org"] * 2
    assert shop.view(payment_id).link in link.text
    assert shop.view(payment_id).link in receipt.text
    (pdf,) = receipt.attachments
    assert pdf.kind == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    assert "CHF 6.10" in receipt.text
    assert "CHF 60.00" in link.text


def test_without_an_address_nothing_is_mailed(shop: Shop) -> None:
    assert shop.view(shop.charge(email="")).stage is PaymentStage.PAID
    assert mail.letters() == []


def test_a_corrected_address_gets_everything_again_once(shop: Shop) -> None:
    payment_id = shop.charge(email="drvier@example.org")
    payer = Actor.payer(payment_id)
    with pytest.raises(Invalid, match="invalid"):
        use_cases.change_email(payer, payment_id, "driver@")
    for _ in range(2):
        use_cases.change_email(payer, payment_id, "driver@example.org")
        worker.drain()
    sent = [(letter.to, len(letter.attachments)) for letter in mail.letters()]
    assert sorted(sent) == [
        ("driver@example.org", 0),
        ("driver@example.org", 1),
        ("drvier@example.org", 0),
        ("drvier@example.org", 1),
    ]


def test_the_terms_must_be_accepted_and_the_address_must_look_like_one(shop: Shop) -> None:
    with pytest.raises(Invalid) as invalid:
        shop.scan(email="nobody at home", terms_accepted=False)
    assert invalid.value.fields == {"terms": "must_accept", "email": "invalid"}
    assert scene.rows(Payment) == []


def test_the_price_is_frozen_when_the_driver_agrees(shop: Shop) -> None:
    payment_id = shop.hold()
    make.price(connector=shop.connector, owner=shop.owner, energy="9.99")
    session = shop.plug_in(payment_id)
    with clock.moved_to(session.started_at + timedelta(minutes=30)):
        shop.unplug(session, 10_000, session.started_at + timedelta(minutes=30))
        worker.drain()
    assert shop.view(payment_id).captured_minor == 610
    assert Terms.from_plain(payment_of(payment_id).terms).energy_price == Decimal("0.45")


def test_a_declined_card_is_said_and_another_try_is_possible(shop: Shop) -> None:
    payment_id = shop.scan()
    shop.pay(payment_id, DECLINED)
    sandbox.pay(ref_of(checkout.start(payment_id)), DECLINED)
    assert shop.view(payment_id).stage is PaymentStage.CHECKOUT
    assert sandbox.give_up(ref_of(checkout.start(payment_id))).endswith(f"/pay/{payment_id}/cancel")
    checkout.cancelled(payment_id)
    worker.drain()
    view = shop.view(payment_id)
    assert (view.stage, view.failure) == (PaymentStage.DECLINED, "card_declined")
    assert commands(shop) == []
    again = shop.hold()
    assert shop.view(again).stage is PaymentStage.PLUG_IN


def test_a_driver_who_turns_back_has_paid_nothing(shop: Shop) -> None:
    payment_id = shop.scan()
    checkout.start(payment_id)
    checkout.cancelled(payment_id)
    worker.drain()
    view = shop.view(payment_id)
    assert (view.stage, view.failure) == (PaymentStage.ABANDONED, "given_up")
    assert holds_at_provider(payment_id) == [("expired", 0, 0)]


def test_3d_secure_starts_the_charger_only_after_the_confirmation(shop: Shop) -> None:
    payment_id = shop.scan()
    shop.pay(payment_id, SECURE)
    checkout.returned(payment_id)
    worker.drain()
    assert (shop.view(payment_id).stage, commands(shop)) == (PaymentStage.CHECKOUT, [])
    sandbox.authenticate(ref_of(checkout.start(payment_id)), True)
    checkout.returned(payment_id)
    worker.drain()
    assert shop.view(payment_id).stage is PaymentStage.PLUG_IN


def test_a_webhook_alone_is_enough_and_a_second_one_changes_nothing(shop: Shop) -> None:
    payment_id = shop.scan()
    shop.pay(payment_id, DOUBLE)
    jobs.deliver_sandbox_notices()
    worker.drain()
    assert shop.view(payment_id).stage is PaymentStage.PLUG_IN
    assert len(scene.rows(Authorisation)) == 1
    with db.transaction(writing=False) as unit:
        told = select(func.count()).select_from(ProviderEvent).where(ProviderEvent.payment_id == payment_id)
        assert unit.session.scalar(told) == 1


def test_a_late_webhook_finds_the_work_done(shop: Shop) -> None:
    payment_id = shop.hold(LATE)
    jobs.deliver_sandbox_notices()
    assert worker.drain() == 0
    with clock.moved_to(clock.now() + timedelta(seconds=61)):
        jobs.deliver_sandbox_notices()
        assert worker.drain() == 1
    assert shop.view(payment_id).state is PaymentState.HELD
    assert len(scene.rows(Authorisation)) == 1


def test_webhooks_of_a_whole_story_that_come_last_first_change_nothing(shop: Shop) -> None:
    payment_id = shop.charge()
    jobs.deliver_sandbox_notices()
    worker.drain()
    assert shop.view(payment_id).stage is PaymentStage.PAID
    assert len(scene.rows(Document)) == 1


def test_a_forged_webhook_is_not_taken(shop: Shop) -> None:
    payment_id = shop.scan()
    shop.pay(payment_id)
    (delivery,) = [one for one in sandbox.due() if b"hold.taken" in one.raw]
    with pytest.raises(Invalid):
        checkout.receive("sandbox", delivery.raw.replace(b"hold", b"gold"), delivery.signature)
    assert worker.drain() == 0


def test_the_operators_choice_of_hold_is_reserved(shop: Shop) -> None:
    for wrong in (499, 50_001):
        with pytest.raises(Invalid, match="invalid"):
            use_cases.set_hold(shop.owner, shop.account.id, wrong)  # type: ignore[arg-type]
    use_cases.set_hold(shop.owner, shop.account.id, 8000)  # type: ignore[arg-type]
    assert shop.view(shop.hold()).hold_minor == 8000


def test_nobody_pays_an_operator_who_can_not_be_paid() -> None:
    shop = open_shop(paid=False)
    with pytest.raises(Conflict, match="operator_cannot_be_paid"):
        shop.scan()
    assert scene.rows(Payment) == []


def test_free_charging_needs_no_card_but_works_the_same() -> None:
    shop = open_shop(paid=False, energy="0", time="0", session="0")
    payment_id = shop.scan()
    assert checkout.start(payment_id).endswith(f"/pay/{payment_id}/return")
    checkout.returned(payment_id)
    worker.drain()
    assert shop.view(payment_id).stage is PaymentStage.PLUG_IN
    session = shop.plug_in(payment_id)
    use_cases.stop_charging(Actor.payer(payment_id), payment_id)
    with clock.moved_to(session.started_at + timedelta(minutes=30)):
        shop.unplug(session, 5_000)
        worker.drain()
    view = shop.view(payment_id)
    assert (view.stage, view.hold_minor, view.session and view.session.energy_wh) == (PaymentStage.NOTHING_DUE, 0, 5000)
    assert "free of charge" in mail.letters()[0].text


def test_the_platforms_part_is_agreed_with_the_account(shop: Shop) -> None:
    with db.transaction(writing=True) as unit:
        unit.session.get_one(type(shop.account), shop.account.id).platform_fee_percent = Decimal("7.5")
    payment_id = shop.charge()
    assert holds_at_provider(payment_id) == [("captured", 610, 46)]


def test_a_refund_pays_back_with_a_credit_note_and_the_fee_in_proportion(shop: Shop) -> None:
    payment_id = shop.charge()
    with pytest.raises(Invalid, match="invalid"):
        use_cases.refund(shop.owner, payment_id, 611)
    refund = use_cases.refund(shop.owner, payment_id, 110, request_key="r1")
    assert use_cases.refund(shop.owner, payment_id, 110, request_key="r1").id == refund.id
    with pytest.raises(Conflict, match="other_request"):
        use_cases.refund(shop.owner, payment_id, 111, request_key="r1")
    worker.drain()
    view = shop.view(payment_id)
    assert view.refunded_minor == 110
    note = scene.rows(Document, Document.kind == DocumentKind.CREDIT_NOTE)
    assert [(row.gross_minor, row.id) for row in note] == [(-110, view.credit_note_ids[0])]
    assert books(shop.account.id)[LedgerAccount.PLATFORM_FEE] == 50
    assert books(shop.account.id)[LedgerAccount.PROVIDER_SOON] == 450
    assert sum(books(shop.account.id).values()) == 0
    assert len(mail.letters()) == 3
    use_cases.refund(shop.owner, payment_id, 500)
    with pytest.raises(Invalid, match="invalid"):
        use_cases.refund(shop.owner, payment_id, 1)
    worker.drain()
    assert all(amount == 0 for amount in books(shop.account.id).values())


def test_money_that_was_soon_there_becomes_available_after_some_days(shop: Shop) -> None:
    shop.charge()
    jobs.move_available_income()
    assert LedgerAccount.PROVIDER_AVAILABLE not in books(shop.account.id)
    with clock.moved_to(clock.now() + timedelta(days=3, hours=1)):
        jobs.move_available_income()
        jobs.move_available_income()
    assert books(shop.account.id)[LedgerAccount.PROVIDER_AVAILABLE] == 549
    assert books(shop.account.id)[LedgerAccount.PROVIDER_SOON] == 0


def test_a_capture_that_fails_once_is_made_at_the_next_try(shop: Shop) -> None:
    payment_id = shop.charge(card=FIRST_CAPTURE_FAILS)
    assert shop.view(payment_id).stage is PaymentStage.SETTLING
    with clock.moved_to(clock.now() + timedelta(minutes=31)):
        worker.drain()
    assert shop.view(payment_id).stage is PaymentStage.PAID
    assert holds_at_provider(payment_id) == [("captured", 610, 61)]


def test_a_hold_that_the_bank_took_back_stops_the_session_and_is_looked_at(shop: Shop) -> None:
    payment_id = shop.hold()
    session = shop.plug_in(payment_id)
    sandbox.provider.cancel(payment_of(payment_id).provider_ref or "", "the bank")
    jobs.deliver_sandbox_notices()
    worker.drain()
    view = shop.view(payment_id)
    assert (view.stage, view.failure) == (PaymentStage.FAILED, "hold_lost")
    assert [action for action, _ in commands(shop)] == ["RemoteStartTransaction", "RemoteStopTransaction"]
    shop.unplug(session, 5_000)
    worker.drain()
    assert scene.rows(Document) == []


def test_strangers_find_nothing(shop: Shop) -> None:
    payment_id = shop.charge()
    other = Actor.payer(PaymentId(new_id()))
    viewer = scene.somebody(Role.VIEWER, shop.account)
    for actor in (ANYONE, other, shop.owner):
        with pytest.raises(NotFound):
            queries.payment_view(actor, payment_id)
        with pytest.raises(NotFound):
            queries.curve_for_payer(actor, payment_id)
        with pytest.raises(NotFound):
            use_cases.stop_charging(actor, payment_id)
        with pytest.raises(NotFound):
            use_cases.change_email(actor, payment_id, "thief@example.org")
    with pytest.raises(NotFound):
        use_cases.refund(other, payment_id, 100)
    with pytest.raises(Exception, match="forbidden"):
        use_cases.refund(viewer, payment_id, 100)
    view = shop.view(payment_id)
    assert (view.email, view.refunded_minor) == ("driver@example.org", 0)
    assert queries.payment_by_link(ANYONE, view.link_key) == payment_id
    assert queries.payment_by_link(ANYONE, "guessed") is None


def test_unknown_connectors_and_connectors_without_price_are_refused(shop: Shop) -> None:
    with pytest.raises(NotFound):
        use_cases.request_payment(ANYONE, ConnectorId(new_id()), email="", language="en", terms_accepted=True)
    bare = scene.connector(scene.station(property=shop.account, name="Ohne Preis"))
    with pytest.raises(Conflict, match="no_price"):
        use_cases.request_payment(ANYONE, ConnectorId(bare.id), email="", language="en", terms_accepted=True)
