"""From the label to the provider's page: what a driver sees and agrees to before he charges."""

from datetime import timedelta

import pytest
from flask import Flask

from billing.payments.sandbox.faults import faults
from billing.values import PaymentState
from kit import clock, worker
from stations.values import ConnectorStatus
from tests.portal.garage import ASKED, DECLINED, Garage, garage, payments
from tests.portal.phone import Phone


@pytest.fixture
def place(app: Flask) -> Garage:
    """A garage where paying works."""
    return garage(app)


def test_the_price_stands_there_before_anything_can_be_paid(place: Garage, app: Flask) -> None:
    page = Phone(app).get(f"/q/{place.code}")
    assert page.status == 200
    prices = page.text[page.text.index("Price") : page.text.index("Pay by card")]
    assert [word for word in prices.split() if word[0].isdigit()][:3] == ["0.45", "0.02", "1.00"]
    assert prices.index("per kWh") < prices.index("per minute") < prices.index("per session")
    assert "VAT of 8.1 % included." in prices
    for words in (
        "Available",
        "Tiefgarage Ost",
        "Seestrasse 12, 8002 Zürich",
        "Type 2",
        "11.0 kW",
        f"No. {place.code}",
    ):
        assert words in page.text
    assert "CHF 60.00 are reserved on your card now. You pay only what you use" in page.text
    assert "some take up to 10 days" in page.text
    assert payments() == []


def test_the_driver_is_led_to_the_operator_not_to_the_platform(place: Garage, app: Flask) -> None:
    page = Phone(app).get(f"/q/{place.code}")
    assert "Problem? Ask the operator Garage Muster AG" in page.text
    assert 'href="tel:+41441234567"' in page.html
    assert 'href="mailto:help@muster.example?subject=' in page.html


def test_without_consent_and_with_a_wrong_address_the_form_says_so_at_both_fields(place: Garage, app: Flask) -> None:
    phone = Phone(app)
    page = phone.send(phone.get(f"/q/{place.code}"), f"/q/{place.code}", email="anna@@example")
    assert page.status == 422
    assert 'aria-describedby="email-hint email-error" aria-invalid="true"' in " ".join(page.html.split())
    assert "This is not an e-mail address." in page.text
    assert "Please agree to the terms of use first." in page.text
    assert 'value="anna@@example"' in page.html
    assert payments() == []


def test_paying_leads_to_the_provider_and_back_to_the_session(place: Garage, app: Flask) -> None:
    phone = Phone(app)
    sent = phone.send(phone.get(f"/q/{place.code}"), f"/q/{place.code}", follow=False, terms="yes", email="")
    assert sent.status == 303
    (payment,) = payments()
    assert sent.headers["Location"] == payment.checkout_url
    assert payment.terms_version == "1"
    (cookie,) = [text for name, text in sent.headers if name == "Set-Cookie" and text.startswith("payer=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    checkout = phone.get(sent.headers["Location"])
    assert "CHF 60.00" in checkout.text
    landed = phone.send(checkout, "/pay", card_number="4242 4242 4242 4242")
    assert landed.path == f"/s/{payment.link_key}"
    assert "Plug in now" in landed.text
    assert payments()[0].state is PaymentState.HELD


def test_a_declined_card_can_be_tried_again_and_leaves_nothing_behind(place: Garage, app: Flask) -> None:
    phone = Phone(app)
    checkout = phone.send(phone.get(f"/q/{place.code}"), f"/q/{place.code}", terms="yes")
    again = phone.send(checkout, "/pay", card_number=DECLINED)
    assert "The card was declined. Please try another one." in again.text
    landed = phone.send(again, "/give-up")
    worker.drain()
    assert "Your card was declined" in landed.text
    assert "Nothing was reserved. Try another card." in landed.text
    assert f'href="/q/{place.code}"' in landed.html
    assert payments()[0].state is PaymentState.DECLINED
    assert phone.get(f"/q/{place.code}").has_form(f"/q/{place.code}")


def test_the_bank_may_ask_and_the_driver_may_say_no(place: Garage, app: Flask) -> None:
    phone = Phone(app)
    checkout = phone.send(phone.get(f"/q/{place.code}"), f"/q/{place.code}", terms="yes")
    asked = phone.send(checkout, "/pay", chosen=ASKED)
    assert "Is it you?" in asked.text
    refused = phone.send(asked, "/confirm", answer="no")
    assert "The card was declined" in refused.text
    asked = phone.send(refused, "/pay", chosen=ASKED)
    landed = phone.send(asked, "/confirm", answer="yes")
    assert "Plug in now" in landed.text


def test_a_card_number_with_a_typing_mistake_is_noticed_at_its_field(place: Garage, app: Flask) -> None:
    phone = Phone(app)
    checkout = phone.send(phone.get(f"/q/{place.code}"), f"/q/{place.code}", terms="yes")
    page = phone.send(checkout, "/pay", card_number="4242 4242 4242 4243")
    assert page.status == 422
    assert "This card number does not exist." in page.text
    assert 'value="4242 4242 4242 4243"' in page.html


def test_who_turns_back_has_not_paid_and_can_start_again(place: Garage, app: Flask) -> None:
    phone = Phone(app)
    checkout = phone.send(phone.get(f"/q/{place.code}"), f"/q/{place.code}", terms="yes")
    landed = phone.send(checkout, "/give-up")
    worker.drain()
    assert "You have not paid" in landed.text
    assert payments()[0].state is PaymentState.ABANDONED
    assert "Plug in now" in place.pay(phone).text


def test_the_waiting_page_leads_back_to_the_card_and_lets_the_driver_give_up(place: Garage, app: Flask) -> None:
    phone = Phone(app)
    phone.send(phone.get(f"/q/{place.code}"), f"/q/{place.code}", terms="yes")
    (payment,) = payments()
    waiting = phone.get(f"/s/{payment.link_key}")
    assert "Waiting for your card" in waiting.text
    assert f'href="{payment.checkout_url}"' in waiting.html
    assert '<noscript><metahttp-equiv="refresh"content="5"></noscript>' in "".join(waiting.html.split())
    assert "You have not paid" in phone.send(waiting, "/give-up").text


def test_scanning_again_before_paying_replaces_the_own_checkout(place: Garage, app: Flask) -> None:
    phone = Phone(app)
    phone.send(phone.get(f"/q/{place.code}"), f"/q/{place.code}", terms="yes")
    assert "Plug in now" in place.pay(phone).text
    assert [payment.state for payment in payments()] == [PaymentState.ABANDONED, PaymentState.HELD]


def test_a_stranger_cannot_pay_where_somebody_is_about_to(place: Garage, app: Flask) -> None:
    first, second = Phone(app), Phone(app)
    offer = second.get(f"/q/{place.code}")
    first.send(first.get(f"/q/{place.code}"), f"/q/{place.code}", terms="yes")
    page = second.send(offer, f"/q/{place.code}", terms="yes")
    assert page.status == 409
    assert "Somebody else has just started to pay or charge here." in page.text
    assert len(payments()) == 1


def test_the_provider_s_return_address_opens_nothing_in_another_browser(place: Garage, app: Flask) -> None:
    place.pay(Phone(app))
    (payment,) = payments()
    page = Phone(app).get(f"/pay/{payment.id}/return")
    assert page.status == 404
    assert "with the browser you paid with" in page.text
    assert payment.link_key not in page.html


def test_a_connector_without_a_price_is_not_open_for_paying_guests(app: Flask) -> None:
    place = garage(app, price={})
    page = Phone(app).get(f"/q/{place.code}")
    assert "Not open for paying guests" in page.text
    assert not page.has_form(f"/q/{place.code}")


def test_an_operator_who_cannot_be_paid_yet_gets_a_clear_page(app: Flask) -> None:
    place = garage(app, payable=False)
    page = Phone(app).get(f"/q/{place.code}")
    assert "Card payment is not ready yet" in page.text
    assert "0.45" in page.text
    assert not page.has_form(f"/q/{place.code}")


@pytest.mark.parametrize("status", [ConnectorStatus.FAULTED, ConnectorStatus.UNAVAILABLE])
def test_what_does_not_work_says_so_and_whom_to_call(place: Garage, app: Flask, status: ConnectorStatus) -> None:
    place.says(status)
    page = Phone(app).get(f"/q/{place.code}")
    assert "Out of service" in page.text
    assert page.html.count('href="tel:+41441234567"') == 2
    assert not page.has_form(f"/q/{place.code}")


def test_a_seller_without_vat_shows_none(app: Flask) -> None:
    place = garage(app, uid="", vat_registered=False)
    page = Phone(app).get(f"/q/{place.code}")
    assert "No VAT: the operator is not registered for it." in page.text
    assert "included" not in page.text


def test_a_free_connector_asks_for_no_card(app: Flask) -> None:
    place = garage(app, price={"energy": "0", "time": "0", "session": "0"}, payable=False)
    phone = Phone(app)
    offer = phone.get(f"/q/{place.code}")
    assert "Charging costs nothing here." in offer.text
    assert "are reserved" not in offer.text
    landed = phone.send(offer, f"/q/{place.code}", terms="yes")
    assert "Plug in now" in landed.text
    assert "are reserved" not in landed.text


def test_the_number_can_be_typed_with_blanks(place: Garage, app: Flask) -> None:
    phone = Phone(app)
    assert phone.get("/code").has_form("/code")
    found = phone.get(f"/code?number={place.code[:3]}%20{place.code[3:]}")
    assert found.path == f"/q/{place.code}"
    assert "Tiefgarage Ost" in found.text


@pytest.mark.parametrize("address", ["/code?number=9999999", "/q/9999999", "/q/nothing", "/code?number="])
def test_an_unknown_number_says_so_and_lets_the_driver_type_it_again(app: Flask, address: str) -> None:
    page = Phone(app).get(address)
    assert page.status == 404
    assert "There is no charging point with this number." in page.text
    assert page.has_form("/code")


def test_numbers_cannot_be_tried_in_bulk(app: Flask) -> None:
    phone = Phone(app)
    statuses = [phone.get(f"/q/{number}").status for number in range(1_000_000, 1_000_011)]
    assert statuses == [404] * 10 + [429]
    assert Phone(app).get("/q/1000031").status == 404


def test_right_numbers_are_not_counted_as_guesses(place: Garage, app: Flask) -> None:
    phone = Phone(app)
    assert [phone.get(f"/q/{place.code}").status for _ in range(40)] == [200] * 40


def test_a_hiccup_of_the_provider_is_said_and_the_next_try_replaces_the_first(place: Garage, app: Flask) -> None:
    phone = Phone(app)
    faults.arrange("open_checkout")
    try:
        page = phone.send(phone.get(f"/q/{place.code}"), f"/q/{place.code}", terms="yes", email="anna@example.org")
    finally:
        faults.clear()
    assert page.status == 503
    assert "The payment provider does not answer. Please try again in a moment." in page.text
    assert "Try again" in page.text
    assert 'value="anna@example.org"' in page.html
    again = phone.send(page, f"/q/{place.code}", terms="yes", follow=False)
    assert again.status == 303
    assert [payment.state for payment in payments()] == [PaymentState.ABANDONED, PaymentState.WAITING]
    assert again.headers["Location"] == payments()[1].checkout_url


def test_an_unpaid_checkout_keeps_strangers_out_for_two_minutes_only(place: Garage, app: Flask) -> None:
    first, second = Phone(app), Phone(app)
    offer = second.get(f"/q/{place.code}")
    first.send(first.get(f"/q/{place.code}"), f"/q/{place.code}", terms="yes")
    with clock.moved_to(clock.now() + timedelta(seconds=119)):
        assert second.send(offer, f"/q/{place.code}", terms="yes").status == 409
    with clock.moved_to(clock.now() + timedelta(seconds=121)):
        assert second.send(offer, f"/q/{place.code}", terms="yes", follow=False).status == 303


def test_nobody_keeps_more_than_three_connectors_from_others_without_paying(app: Flask) -> None:
    places = [garage(app) for _ in range(5)]
    phone = Phone(app)
    for each in places[:3]:
        phone.send(phone.get(f"/q/{each.code}"), f"/q/{each.code}", terms="yes")
    cookieless = Phone(app, address=phone.address)
    for browser in (phone, cookieless):
        page = browser.send(browser.get(f"/q/{places[3].code}"), f"/q/{places[3].code}", terms="yes")
        assert page.status == 409
        assert "Several payments were begun from your network and not finished." in page.text
    assert len(payments()) == 3
    landed = phone.send(phone.get(payments()[0].checkout_url or ""), "/pay", card_number="4242424242424242")
    assert "Plug in now" in landed.text
    assert "Plug in now" in places[3].pay(phone).text


def test_who_begins_to_pay_again_and_again_is_stopped_at_this_connector_only(app: Flask) -> None:
    place, other = garage(app), garage(app)
    phone = Phone(app)
    offer = phone.get(f"/q/{place.code}")
    statuses = [phone.send(offer, f"/q/{place.code}", terms="yes", follow=False).status for _ in range(5)]
    assert statuses == [303] * 4 + [429]
    assert phone.send(phone.get(f"/q/{other.code}"), f"/q/{other.code}", terms="yes", follow=False).status == 303


def test_one_household_of_ipv6_counts_as_one(app: Flask) -> None:
    phones = [Phone(app, address=f"2001:db8:0:7::{number:x}") for number in range(1, 12)]
    assert [phone.get("/q/1000000").status for phone in phones] == [404] * 10 + [429]
    assert Phone(app, address="2001:db8:0:8::1").get("/q/1000000").status == 404


def test_a_form_from_elsewhere_is_refused(place: Garage, app: Flask) -> None:
    answer = app.test_client().post(f"/q/{place.code}", data={"terms": "yes"})
    assert answer.status_code == 400
    assert payments() == []


def test_the_page_speaks_the_driver_s_language_and_remembers_his_choice(place: Garage, app: Flask) -> None:
    phone = Phone(app, language="fr-CH, de;q=0.8")
    assert '<html lang="fr">' in phone.get(f"/q/{place.code}").html
    assert '<html lang="it">' in phone.get(f"/q/{place.code}?lang=it").html
    assert '<html lang="it">' in phone.get(f"/q/{place.code}").html


def test_the_payment_keeps_the_language_and_the_address(place: Garage, app: Flask) -> None:
    place.pay(Phone(app, language="it"), email=" Anna@Example.org ")
    (payment,) = payments()
    assert (payment.language, payment.email) == ("it", "Anna@example.org")


def test_a_cookie_that_was_tampered_with_opens_nothing(place: Garage, app: Flask) -> None:
    phone = Phone(app)
    place.pay(phone)
    cookie = phone.client.get_cookie("payer")
    assert cookie is not None
    other = Phone(app)
    payload, signature = cookie.value.split(".", 1)
    other.client.set_cookie("payer", f"{payload[:-4]}AAAA.{signature}")
    page = other.get(f"/q/{place.code}")
    assert page.path == f"/q/{place.code}"
    assert "Occupied" in page.text
