"""Programs of others are told what happened: signed, repeated until it arrives, and never into the own network."""

import gzip
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
import urllib3
from standardwebhooks import Webhook, WebhookVerificationError

import wsgi
from accounts.access import SYSTEM
from accounts.errors import MoreThanOneHolds
from accounts.queries import actor_of_token
from accounts.rights import Right
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from kit import clock, settings, worker
from kit.errors import Forbidden, Invalid, NotFound
from tests import make, scene
from tests.people import People
from tests.talk import Talk
from tests.webhooks.listening import Program, listening
from webhooks import queries, sending, use_cases
from webhooks.errors import EndpointOff
from webhooks.values import DeliveryId, DeliveryState, DisabledBecause, EndpointId, EventType


@pytest.fixture
def listener(people: People, program: settings.Settings) -> Iterator[Program]:
    """A listening program of this machine, which the setting allows."""
    settings.use(replace(program, webhook_private_addresses=True))
    worker.bind(wsgi.REACTIONS, wsgi.JOBS)
    with listening() as one:
        yield one


def _endpoint(people: People, url: str, *kinds: EventType, account: Any = None) -> Any:
    account_id = AccountId((account or people.home).id)
    chosen = kinds or (EventType.STATION_ADDED,)
    return use_cases.add_endpoint(people.alice, account_id, url=url, event_types=chosen, name="Books")


def test_an_event_arrives_signed_and_is_logged(listener: Program, people: People) -> None:
    endpoint = _endpoint(people, listener.url)
    station = make.station(property=people.home, owner=people.alice)
    worker.drain()
    [(headers, body)] = listener.calls
    told = Webhook(endpoint.secrets["current"]).verify(body, headers)
    assert told["type"] == "station.added"
    assert told["data"] == {"stationId": str(station.id), "accountId": str(people.home.id)}
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 32).verify(body, headers)
    [row] = queries.deliveries(people.alice, EndpointId(endpoint.id))
    assert (row.state, row.tries[0]["status"], row.payload) == (DeliveryState.DELIVERED, 204, body.decode())


def test_what_was_not_chosen_or_belongs_to_others_is_not_told(listener: Program, people: People) -> None:
    _endpoint(people, listener.url, EventType.SESSION_ENDED)
    _endpoint(people, listener.url, account=people.next_door)
    make.station(property=people.home, owner=people.alice)
    worker.drain()
    assert listener.calls == []


def test_sessions_of_which_nobody_is_told_are_done_with_many_at_once(listener: Program, people: People) -> None:
    here, next_door, elsewhere = (Talk(scene.station(property=one)) for one in (people.home, people.next_door, None))
    worker.drain()
    here.start()
    assert worker.sift() == 1
    _endpoint(people, listener.url, EventType.SESSION_STARTED, account=people.master)
    next_door.start()
    elsewhere.start()
    assert worker.sift() == 1
    worker.drain()
    assert len(listener.calls) == 1, "told to the master"


def test_what_did_not_arrive_is_tried_again_ever_later_under_the_same_id(listener: Program, people: People) -> None:
    endpoint = _endpoint(people, listener.url)
    listener.status, listener.answer = 500, b"broken" * 1000
    make.station(property=people.home, owner=people.alice)
    worker.drain()
    worker.run_job("webhooks.try_again")
    assert len(listener.calls) == 1, "its pause is not over"
    with clock.moved_to(clock.now() + timedelta(seconds=6)):
        listener.status, listener.answer = 200, b"ok"
        worker.run_job("webhooks.try_again")
    [row] = queries.deliveries(people.alice, EndpointId(endpoint.id))
    assert row.state is DeliveryState.DELIVERED
    assert [one["status"] for one in row.tries] == [500, 200]
    assert row.tries[0]["answer"] == ("broken" * 1000)[:2000]
    assert len({headers["webhook-id"] for headers, _ in listener.calls}) == 1


def test_an_endpoint_that_fails_for_days_is_switched_off_and_its_owner_told(listener: Program, people: People) -> None:
    from accounts.use_cases import update_account

    update_account(people.alice, AccountId(people.home.id), contact_email="hausmeister@example.org")
    endpoint = _endpoint(people, listener.url)
    listener.status = 503
    make.station(property=people.home, owner=people.alice)
    worker.drain()
    for days in (1, 3, 5.1):
        with clock.moved_to(clock.now() + timedelta(days=days)):
            if days > 5:
                make.station(property=people.home, owner=people.alice, name="Later")
            worker.run_job("webhooks.try_again")
            worker.drain()
    found = queries.endpoint(people.alice, EndpointId(endpoint.id))
    assert found.disabled_because is DisabledBecause.FAILING
    [letter] = sorted(settings.current().mail_dir.glob("*"))[-1:]
    mail = message_from_bytes(letter.read_bytes(), policy=policy.default)
    assert mail["To"] == "hausmeister@example.org"
    with pytest.raises(EndpointOff):
        use_cases.ping_endpoint(people.alice, EndpointId(endpoint.id))
    listener.status = 204
    use_cases.switch_endpoint(people.alice, EndpointId(endpoint.id), on=True)
    use_cases.ping_endpoint(people.alice, EndpointId(endpoint.id))
    worker.drain()
    assert json.loads(listener.calls[-1][1])["type"] == "ping"


def test_a_new_secret_signs_beside_the_old_one_for_a_day(listener: Program, people: People) -> None:
    endpoint = _endpoint(people, listener.url)
    old = endpoint.secrets["current"]
    new = use_cases.renew_endpoint_secret(people.alice, EndpointId(endpoint.id)).secrets["current"]
    use_cases.ping_endpoint(people.alice, EndpointId(endpoint.id))
    worker.drain()
    headers, body = listener.calls[-1]
    for secret in (old, new):
        Webhook(secret).verify(body, headers)
    with clock.moved_to(clock.now() + timedelta(hours=25)):
        assert queries.secrets_of(queries.endpoint(people.alice, EndpointId(endpoint.id)), clock.now()) == (new,)


def test_a_message_is_replayed_by_hand_under_the_same_id(listener: Program, people: People) -> None:
    endpoint = _endpoint(people, listener.url)
    make.station(property=people.home, owner=people.alice)
    worker.drain()
    [row] = queries.deliveries(people.alice, EndpointId(endpoint.id))
    use_cases.replay_delivery(people.alice, DeliveryId(row.id))
    worker.drain()
    assert [headers["webhook-id"] for headers, _ in listener.calls] == [row.message_id] * 2


def test_messages_are_forgotten_after_a_month_but_for_those_on_their_way(listener: Program, people: People) -> None:
    endpoint = EndpointId(_endpoint(people, listener.url).id)
    make.station(property=people.home, owner=people.alice)
    worker.drain()
    listener.status = 503
    make.station(property=people.home, owner=people.alice)
    worker.drain()
    with pytest.raises(Forbidden):
        use_cases.prune_deliveries(people.alice)
    for days, left in ((29, [DeliveryState.PENDING, DeliveryState.DELIVERED]), (31, [DeliveryState.PENDING])):
        with clock.moved_to(clock.now() + timedelta(days=days)):
            use_cases.prune_deliveries(SYSTEM)
        assert [row.state for row in queries.deliveries(people.alice, endpoint)] == left


def test_redirects_are_not_followed(listener: Program, people: People) -> None:
    endpoint = _endpoint(people, listener.url)
    with listening() as elsewhere:
        listener.status, listener.location = 302, elsewhere.url
        use_cases.ping_endpoint(people.alice, EndpointId(endpoint.id))
        worker.drain()
        assert elsewhere.calls == []
    [row] = queries.deliveries(people.alice, EndpointId(endpoint.id))
    assert (row.state, row.tries[0]["status"]) == (DeliveryState.PENDING, 302)


def test_names_that_lead_into_the_own_network_are_not_called(
    listener: Program, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = _endpoint(people, listener.url)
    settings.use(replace(settings.current(), webhook_private_addresses=False))
    use_cases.ping_endpoint(people.alice, EndpointId(endpoint.id))
    worker.drain()
    assert listener.calls == []
    [row] = queries.deliveries(people.alice, EndpointId(endpoint.id))
    assert row.tries[0]["error"] == "private_address"
    told: list[tuple[str, int]] = []
    names = {
        "metadata.example": "169.254.169.254",
        "inside.example": "10.0.0.1",
        "six.example": "fd00::1",
        "mapped.example": "::ffff:10.0.0.1",
        "translated.example": "64:ff9b::a9fe:a9fe",
        "wrapped.example": "2002:7f00:1::",
        "compatible.example": "::127.0.0.1",
        "site.example": "fec0::1",
        "everybody.example": "224.0.0.1",
    }

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (names[host], port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", lambda address, *_: told.append(address))
    for host in names:
        with pytest.raises(sending.PrivateAddress):
            sending._open(urllib3.connection.HTTPConnection(host), host, 443)
    assert told == []
    names |= {"four.example": "8.8.8.8", "open.example": "2606:4700::1111", "nat64.example": "64:ff9b::808:808"}
    for host in ("four.example", "open.example", "nat64.example"):
        sending._open(urllib3.connection.HTTPConnection(host), host, 443)
    assert [address for address, _ in told] == [names[one] for one in ("four.example", "open.example", "nat64.example")]


def test_nobody_has_told_elsewhere_what_they_may_not_see(listener: Program, people: People) -> None:
    home = AccountId(people.home.id)
    chosen = [Right.MANAGE_TOKENS, Right.VIEW_STATIONS]
    program = actor_of_token(SYSTEM, create_api_token(people.alice, home, name="Narrow", rights=chosen).secret)
    assert program is not None
    receipts = [EventType.RECEIPT_ISSUED]
    with pytest.raises(MoreThanOneHolds):
        use_cases.add_endpoint(program, home, url=listener.url, event_types=receipts)
    own = EndpointId(use_cases.add_endpoint(program, home, url=listener.url, event_types=[EventType.STATION_ADDED]).id)
    with pytest.raises(MoreThanOneHolds):
        use_cases.update_endpoint(program, own, event_types=receipts)
    books = EndpointId(use_cases.add_endpoint(people.alice, home, url=listener.url, event_types=receipts).id)
    with pytest.raises(MoreThanOneHolds):
        use_cases.update_endpoint(program, books, url="https://example.net/")
    use_cases.update_endpoint(program, books, name="Accounts")
    use_cases.write_delivery(SYSTEM, books, EventType.RECEIPT_ISSUED, "receipt", {"amount": 1})
    [row] = queries.deliveries(people.alice, books)
    assert queries.deliveries(program, books) == []
    for door in (queries.delivery, use_cases.replay_delivery):
        with pytest.raises(Forbidden) as refused:
            door(program, DeliveryId(row.id))
        assert refused.value.right == Right.VIEW_INCOME.value


def test_who_trickles_headers_is_hung_up_on(listener: Program, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "HUNG_UP_AFTER_S", 0.3)
    endpoint = _endpoint(people, listener.url)
    listener.trickles = 30
    use_cases.ping_endpoint(people.alice, EndpointId(endpoint.id))
    worker.drain()
    assert listener.trickled < listener.trickles


def test_packed_answers_stay_packed(listener: Program, people: People) -> None:
    endpoint = _endpoint(people, listener.url)
    listener.encoding, listener.answer = "gzip", gzip.compress(b"a" * 1_000_000)
    use_cases.ping_endpoint(people.alice, EndpointId(endpoint.id))
    worker.drain()
    [row] = queries.deliveries(people.alice, EndpointId(endpoint.id))
    assert (row.state, "aaa" in row.tries[0]["answer"]) == (DeliveryState.DELIVERED, False)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.org/", "https_needed"),
        ("ftp://example.org/", "https_needed"),
        ("https://", "invalid"),
        ("https://[::1", "invalid"),
        ("https://example.org:99999/", "invalid"),
        ("https://user:word@example.org/", "invalid"),
        ("https://example.org/" + "a" * 500, "invalid"),
    ],
)
def test_an_address_is_judged(people: People, url: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        _endpoint(people, url)
    assert refused.value.fields == {"url": code}


def test_only_who_manages_keys_may_set_endpoints_up(people: People) -> None:
    endpoint = _endpoint(people, "https://example.org/hook")
    with pytest.raises(Forbidden):
        use_cases.renew_endpoint_secret(people.bob, EndpointId(endpoint.id))
    with pytest.raises(NotFound):
        queries.deliveries(people.charlie, EndpointId(endpoint.id))
    use_cases.remove_endpoint(people.alice, EndpointId(endpoint.id))
    with pytest.raises(NotFound):
        queries.endpoint(people.alice, EndpointId(endpoint.id))
