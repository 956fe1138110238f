"""Webhooks by GraphQL: set up, tried, sent again, with another secret, switched off, removed."""

import json
from dataclasses import replace
from typing import Any

import wsgi
from kit import worker
from kit.settings import Settings
from tests.graphql_api.callers import Program
from tests.people import People
from tests.webhooks.listening import listening


def test_an_endpoint_from_its_first_message_to_its_end(
    alice: Program, charlie: Program, people: People, program: Settings
) -> None:
    app = wsgi.create_app(replace(program, webhook_private_addresses=True))
    alice.client = charlie.client = app.test_client()
    home: dict[str, Any] = {"accountId": people.home.id}
    with listening() as listener:
        wanted = home | {"url": listener.url, "eventTypes": ["SESSION_ENDED"], "name": "Buchhaltung"}
        made = alice.does("addWebhookEndpoint", "endpoint { id name url } secret", **wanted)
        number = made["endpoint"]["id"]
        assert made["secret"].startswith("whsec_")
        sent = alice.does("pingWebhookEndpoint", "id state", id=number)
        worker.drain()
        told = alice.asks("webhookDelivery", "state payload tries { status }", id=sent["id"])
        assert (told["state"], json.loads(told["payload"])["type"]) == ("DELIVERED", "ping")
        again = alice.does("replayWebhookDelivery", "id", id=sent["id"])
        worker.drain()
        listed = alice.asks("webhookDeliveries", "nodes { id }", endpointId=number)["nodes"]
        assert len(listener.calls) == 2
        assert {sent["id"], again["id"]} == {one["id"] for one in listed}
    renewed = alice.does("renewWebhookSecret", "endpoint { previousSecretUntil } secret", id=number)
    assert renewed["secret"] != made["secret"]
    assert renewed["endpoint"]["previousSecretUntil"] is not None
    foreign: dict[str, dict[str, Any]] = {
        "webhookEndpoints": home,
        "webhookDeliveries": {"endpointId": number},
        "webhookDelivery": {"id": sent["id"]},
        "addWebhookEndpoint": wanted,
        "updateWebhookEndpoint": {"id": number, "name": "Meiner"},
        "switchWebhookEndpoint": {"id": number, "on": False},
        "renewWebhookSecret": {"id": number},
        "pingWebhookEndpoint": {"id": number},
        "replayWebhookDelivery": {"id": sent["id"]},
        "removeWebhookEndpoint": {"id": number},
    }
    assert {charlie.refused(field, **told) for field, told in foreign.items()} == {"not_found"}
    changes: dict[str, Any] = {"name": "Lager", "eventTypes": ["SESSION_STARTED", "SESSION_ENDED"]}
    alice.does("updateWebhookEndpoint", id=number, **changes)
    alice.does("switchWebhookEndpoint", id=number, on=False)
    (shown,) = alice.asks("webhookEndpoints", "name eventTypes disabledAt disabledBecause", **home)
    assert (shown["name"], set(shown["eventTypes"])) == ("Lager", set(changes["eventTypes"]))
    assert shown["disabledAt"] is not None
    assert alice.does("switchWebhookEndpoint", "disabledAt", id=number, on=True) == {"disabledAt": None}
    alice.does("removeWebhookEndpoint", id=number)
    assert alice.asks("webhookEndpoints", "id", **home) == []
