"""Opening one door of a surface as somebody of the cast, for real, and undoing whatever came of it."""

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

import flask.templating
import pytest
from flask import Flask
from flask.testing import FlaskClient
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)
from werkzeug.routing import Rule

from accounts.rights import Right
from graphql_api.context import Context
from graphql_api.execution import run
from graphql_api.schema import schema
from kit import db
from kit.errors import AppError, Forbidden, NotFound
from tests.house.cast import MODELS, Cast, Somebody

ALLOWED, FORBIDDEN, NOT_FOUND, SIGN_IN = "allowed", "forbidden", "not found", "sign in"
REFUSED = "refused"  # it was open, and what was sent to it is wrong, or impossible now
BY_STATUS = {401: SIGN_IN, 403: FORBIDDEN, 404: NOT_FOUND, 410: NOT_FOUND}
POLICY_VIOLATION = 1008
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "graphql-transport-ws",
}
_addresses = count(1)  # each comes from another one: no door is shut because somebody else knocked too often


class _Undone(Exception):
    """What a door did is not to last."""


@contextmanager
def undone() -> Iterator[None]:
    """Everything that happens within is taken back, also what a door's neighbours commit by themselves."""
    try:
        with db.transaction(writing=True) as unit, pytest.MonkeyPatch.context() as patch:
            patch.setattr(db, "transaction", lambda *, writing: nullcontext(unit))
            patch.setattr(flask.templating, "_render", _right_in)
            yield
            raise _Undone
    except _Undone:
        pass


def _right_in(_app: Flask, _template: Any, context: dict[str, Any]) -> str:
    """In the place of a page, how it looks is for others to judge: the right that a refusal names."""
    right = context.get("right")
    return right.value if isinstance(right, Right) else ""


# ------------------------------------------------------------------------------------------- portal

# what a parameter stands for, where its name says too little
NOUNS = {
    "row_id": "campaignstation",
    "role_id": "ownrole",
    "group_id": "stationgroup",
    "job_id": "filejob",
    "number": "message",
    "report_id": "commissioningreport",
    "mass_change_id": "masschange",
    "work_order_id": "workorder",
    "person_price_id": "personprice",
    "former_payee_id": "formerpayee",
    "hand_out_id": "handout",
    "hand_over_id": "handover",
}
TEXTS = {
    "function": "maintenance",
    "plan": "premium",
    "currency": "CHF",
    "interval": "month",
    "action": "Reset",
    "subject": "prices",
    "what": "confirmation",
    "name": "x",
    "address": "x",
    "filename": "x",
    "ref": "x",
    "link_token": "x",
    "link_key": "x",
}


# in the addresses that begin so
BY_RULE = {
    ("/partner/", "assignment_id"): "ownassignment",
    ("/campaigns/<uuid:campaign_id>/stations/", "deed"): "skip",
    ("/campaigns/", "deed"): "cancel",
    ("/licences/places/", "deed"): "keep",
    ("/licences/", "deed"): "cancel",
}


def doors(app: Flask) -> dict[str, tuple[str, Rule]]:
    """Every address of the web application with each of its methods: `POST /tags/new`, and `LIVE /tags/live`."""
    return {
        f"{'LIVE' if rule.websocket else method} {rule.rule}": (method, rule)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    }


def about_something(rule: Rule) -> bool:
    """Whether the address names something in an account."""
    return "_id>" in rule.rule or "number>" in rule.rule


def filled(rule: str, here: Cast) -> str:
    """The address with what stands in the account."""

    def value(parameter: re.Match[str]) -> str:
        name = parameter.group(1)
        by_rule = next((told for (begin, of), told in BY_RULE.items() if rule.startswith(begin) and of == name), None)
        noun = by_rule or NOUNS.get(name) or TEXTS.get(name) or name.removesuffix("_id")
        return str(here.ids[noun] if "_id" in name else here.ids.get(noun, noun))

    return re.sub(r"<(?:[^<>]*:)?(\w+)>", value, rule)


def open_page(who: Somebody, method: str, rule: Rule, here: Cast) -> str:
    """Ask for the address; what is sent to it is an empty form."""
    asked: dict[str, Any] = {"method": method, "base_url": "http://localhost:8000", "environ_base": somewhere()}
    with undone():
        if rule.websocket:
            return _open_live(who, here.browser, filled(rule.rule, here), asked)
        if method != "GET":
            asked["data"] = {}
        answer = here.browser.open(filled(rule.rule, here), headers=who.headers, **asked)
        right = answer.get_data(as_text=True) if answer.status_code == 403 else ""
        answer.close()
        return _said(answer.status_code, answer.headers.get("Location", ""), right)


def somewhere() -> dict[str, str]:
    """Another address each time."""
    number = next(_addresses)
    return {"REMOTE_ADDR": f"198.18.{number // 250 % 250}.{number % 250}"}


def _said(status: int, location: str = "", right: str = "") -> str:
    assert status < 500, "the door is broken"
    if location.startswith("/login"):
        return SIGN_IN
    return f"{BY_STATUS.get(status, ALLOWED)} {right}".strip()


def _open_live(who: Somebody, browser: FlaskClient, path: str, asked: dict[str, Any]) -> str:
    near, far = socket.socketpair()
    with near, far:
        headers = who.headers | UPGRADE | {"Origin": "http://localhost:8000"}
        answer = browser.open(path, headers=headers, environ_overrides={"werkzeug.socket": far}, **asked)
        if answer.status_code >= 400:
            return _said(answer.status_code)
        near.settimeout(10)
        head, _, frame = near.recv(4096).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head
        if not frame.startswith(b"\x88"):
            return ALLOWED
        assert int.from_bytes(frame[2:4]) == POLICY_VIOLATION
        return FORBIDDEN if frame[4:] == b"forbidden" else NOT_FOUND


# ------------------------------------------------------------------------------------------- GraphQL

_schema = schema._schema
ROOTS = {"query": _schema.query_type, "mutation": _schema.mutation_type, "subscription": _schema.subscription_type}
# the noun of an argument `id`, where the field does not say it
FIELD_NOUNS = {
    "renewClientSecret": "apiclient",
    "endOldClientSecrets": "apiclient",
    "retryCampaignStation": "campaignstation",
    "skipCampaignStation": "campaignstation",
    "revokeStationCertificate": "certificate",
    "withdrawDocumentHandOut": "handout",
    "deleteRoot": "installed",
    "createBranch": "account",
    "acceptPartnerAssignment": "ownassignment",
    "declinePartnerAssignment": "ownassignment",
    "endPartnerAssignment": "assignment",
    "setQuietAfterBoot": "station",
    "renewWebhookSecret": "endpoint",
    "pingWebhookEndpoint": "endpoint",
    "revokeApiToken": "token",
    "sessionsOfOrphanStop": "orphan",
    "markDoubtsLookedAt": "doubt",
    "parentId": "account",
    "groupId": "stationgroup",
    "waitingId": "waiting",
    "sendPriceLink": "personprice",
}
PLAIN = {"Int": "1", "Float": "1", "Boolean": "true", "DateTime": '"2027-01-01T00:00:00+00:00"', "Date": '"2027-01-01"'}
PLAIN |= {"JSON": "{}", "Decimal": '"1"', "Upload": "null"}


@cache
def fields() -> dict[str, GraphQLField]:
    """Every field of the schema's roots: `mutation addTag`."""
    return {
        f"{kind} {name}": field
        for kind, root in ROOTS.items()
        for name, field in (root.fields if root is not None else {}).items()
    }


# what else a field wants that its type does not say
MORE = {"orderWork": ["fitting: {}"], "change": ["vat: {}"]}


def operation(door: str, ids: Mapping[str, UUID | int | str]) -> tuple[str, bool]:
    """An operation with this field and what it needs, no more; and whether it names something in the account."""
    kind, name = door.split()
    field = fields()[door]
    needed = {one: arg for one, arg in field.args.items() if isinstance(arg.type, GraphQLNonNull)}
    written = ", ".join(f"{one}: {_value(name, one, arg.type, ids)}" for one, arg in needed.items())
    selected = "{ __typename }" if isinstance(get_named_type(field.type), GraphQLObjectType | GraphQLUnionType) else ""
    text = f"{kind} {{ {name}{f'({written})' if written else ''} {selected} }}"
    return text, any(f'"{one}"' in text for one in ids.values())


def ask(who: Somebody, text: str, here: Cast) -> str:
    """Run the operation; a visitor sends it over HTTP, and comes no further."""
    if who.actor is None:
        return _said(here.browser.post("/graphql", json={"query": text}, environ_base=somewhere()).status_code)
    context = Context(who.actor, here.app.config["SETTINGS"])
    with undone():
        result = run(text, context, subscription=text.startswith("subscription")).result
    errors = [error.original_error or error for error in result.errors or ()]
    return _refused([*context.refusals, *errors], text)


def _refused(refusals: list[Any], text: str) -> str:
    for refusal in refusals:
        assert isinstance(refusal, AppError), f"{text}: {refusal!r}"
        if isinstance(refusal, Forbidden):
            return f"{FORBIDDEN} {refusal.right}".strip()
        if isinstance(refusal, NotFound):
            return NOT_FOUND
    return REFUSED if refusals else ALLOWED


def _value(field: str, name: str, kind: Any, ids: Mapping[str, UUID | int | str]) -> str:
    if isinstance(kind, GraphQLNonNull):
        return _value(field, name, kind.of_type, ids)
    if isinstance(kind, GraphQLList):
        return f"[{_value(field, name, kind.of_type, ids)}]" if name.endswith("Ids") or name == "ids" else "[]"
    if isinstance(kind, GraphQLEnumType):
        return str(next(iter(kind.values)))
    if isinstance(kind, GraphQLInputObjectType):
        wanted = {one: part for one, part in kind.fields.items() if isinstance(part.type, GraphQLNonNull)}
        facts = [f"{one}: {_value(field, one, part.type, ids)}" for one, part in wanted.items()]
        return "{" + ", ".join([*facts, *MORE.get(name, MORE.get(field, []))]) + "}"
    if kind.name in ("UUID", "ID"):
        return f'"{ids[noun_of(field, name)]}"'
    return PLAIN.get(kind.name, '"x"')


def noun_of(field: str, name: str) -> str:
    """What an id is of: the longest noun in the name of the argument, or in that of the field."""
    told = FIELD_NOUNS.get(name) or (FIELD_NOUNS.get(field) if name in ("id", "ids") else None)
    words = field if name in ("id", "ids") else name
    known = sorted((noun for noun in MODELS if noun in words.lower()), key=len)
    return told or (known[-1] if known else "station")
