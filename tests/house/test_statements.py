"""No query asks the database more often because there is more to tell.

Every field of the schema is asked for everything below it, once where there is one thing of each kind and once where
there are many. A field that has nothing to tell there fails: then this would say nothing about it.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
)

import wsgi
from accounts.access import Actor
from accounts.models import Account, ClientQuery
from billing.models import PersonPrice
from charging.models import Authorisation, ChargingSession, OrphanStop, Reservation, Tag
from closures.models import Closure
from graphql_api import limits
from graphql_api.context import Context
from graphql_api.execution import run
from graphql_api.schema import schema
from imports.models import Import
from kit import db
from kit.settings import Settings
from mass_changes.models import MassChange
from partners.models import CommissioningReport, Partner
from stations.models import Campaign, FileJob, Message, StationCommand, WorkOrder
from tests import make, scene
from tests.databases import leave_writing_to_the_system, migrate
from tests.graphql_api.plenty import Plenty, plenty
from webhooks.models import WebhookDelivery, WebhookEndpoint

MOST = 12  # statements, whatever is asked for
PAGE = 50
AS_MANY = re.compile(r"IN \(\?(, \?)+\)")  # the same statement for more of them
core = schema._schema
ROOTS = {"query": core.query_type, "subscription": core.subscription_type}
FIELDS = {
    (operation, name): field
    for operation, root in ROOTS.items()
    if root is not None
    for name, field in root.fields.items()
}
OF_INSTALLER = {"ownPartnerAssignments", "installations", "ownCommissioningReports"}  # whose account is the partner's
OF_MASTER = {"properties", "propertyTotals", "rolesHeld", "mixedAccounts"}
THINGS: dict[str, Any] = {
    "account": Account,
    "authorisation": Authorisation,
    "campaign": Campaign,
    "command": StationCommand,
    "commissioningReport": CommissioningReport,
    "fileJob": FileJob,
    "import": Import,
    "importRows": Import,
    "massChange": MassChange,
    "message": Message,
    "partner": Partner,
    "personPrice": PersonPrice,
    "reservation": Reservation,
    "session": ChargingSession,
    "sessionsOfOrphanStop": OrphanStop,
    "tag": Tag,
    "webhookDelivery": WebhookDelivery,
    "workOrder": WorkOrder,
}
SMART_ME = {"SMART_ME_URL": "http://localhost:9", "SMART_ME_CLIENT_ID": "1", "SMART_ME_CLIENT_SECRET": "2"}
GIVEN: dict[str, str] = {
    "kind": "OCPP",
    "legalChanges.state": "WITHDRAWN",
    "change": '{prices: {energyPrice: {kind: PERCENT, value: "10"}}}',
    "scope": "{everything: true}",
}
# lists of objects that do not get longer with the account, and why
SHORT: dict[str, str] = {
    "Query.readyRoles": "the policy",
    "Query.flags": "what the code knows",
    "AuditLineConnection.nodes": "a page is full of what was done to make the things",
    "Query.announcements": "known to the process, which was not told",
    "OpeningHours.week": "seven days",
    "OpeningHours.special": "part of the row",
    "OpeningDay.spans": "part of the row",
    "SpecialOpening.spans": "part of the row",
    "AccountPlaces.places": "of one account",
    "Announcement.texts": "one of each language",
    "ImportDetails.counts": "one of each outcome",
    "Query.messageWords": "a dictionary",
    "Query.planFunctions": "the plans",
    "Query.planPrices": "the plans",
    "Query.compositeSchedules": "one of each connector",
    "Query.accountExports": "the newest ten",
    "ClosurePreview.obstacles": "one of each kind",
    "ClosurePreview.ends": "one of each kind",
    "ClosurePreview.stays": "one of each kind",
    "HandOverPreview.goes": "one of each kind",
    "HandOverPreview.ends": "one of each kind",
    "Message.meanings": "codes of one message",
    "Charge.lines": "part of the row",
    "Receipt.lines": "part of the row",
    "CompositeSchedule.points": "part of the row",
    "WebhookDelivery.tries": "part of the row",
    "WaitingStation.connectors": "part of the row",
    "Income.balances": "one of each currency",
    "Income.months": "twelve",
    "Overview.states": "one of each state",
    "Overview.energy": "one of each day",
    "Overview.income": "one of each day",
    "PropertyFigures.states": "one of each state",
    "PropertyFigures.income": "one of each currency",
    "Campaign.counts": "one of each state",
    "MassChange.counts": "one of each state",
    "WorkOrder.counts": "one of each state",
    "TransportReport.counts": "one of each kind",
    "TransportReport.refusals": "one of each kind",
    "Commissioning.checks": "six",
}
# what cannot be there together with the rest, and why
EMPTY = {
    "Licences.card": "whoever stores one is on the payment provider's page",
    "Verification.requirements": "the provider wants nothing",
    "MassChangeValue.hours": "a price changes; hours are asked for with connectors",
    "Query.accountClosure": "while a session runs no account is closed",
    "Query.accountExports": "whoever asks for a copy has just proved in a browser who he is",
}
# fields that may take more than the others, and why
MORE = {
    "Query.handOverPreview": (24, "it counts one kind of thing after another"),
    "Query.accountClosurePreview": (27, "it counts one kind of thing after another"),
}


@dataclass(frozen=True)
class Answers:
    """What every field answered where there is one thing of each kind, and where there are many."""

    world: Plenty
    program: Settings
    few: dict[tuple[str, str], "Asked"]
    many: dict[tuple[str, str], "Asked"]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    """One database is enough for counting."""
    folder = tmp_path_factory.mktemp("plenty")
    url = f"sqlite:///{folder / 'platform.db'}"
    migrate(url)
    leave_writing_to_the_system(db.connect(url))
    program = make.settings_for(folder / "var", **SMART_ME)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "MOST_COST", 10**6)
        world = plenty(wsgi.create_app(program))
        few = {at: _ask(world, program, *at) for at in FIELDS}
        world.more()
        yield Answers(world, program, few, {at: _ask(world, program, *at) for at in FIELDS})
    db.disconnect()


def test_no_query_asks_more_often_where_there_is_more(answers: Answers) -> None:
    wrong = [
        f"{at[1]}: {line}"
        for at, field in FIELDS.items()
        for line in _judged(field, f"{at[0].title()}.{at[1]}", answers.few[at], answers.many[at])
    ]
    assert wrong == [], "\n".join(wrong)


def test_every_connection_goes_on_where_it_ended(answers: Answers) -> None:
    walked = 0
    for (operation, name), field in FIELDS.items():
        kind = get_named_type(field.type)
        if operation != "query" or not isinstance(kind, GraphQLObjectType) or "pageInfo" not in kind.fields:
            continue
        whole, pages = _walk(answers, name, field, 100), _walk(answers, name, field, 3)
        assert pages == whole, f"{name} skips or repeats where a page ends"
        walked += 1
    assert walked > 20


def _walk(answers: Answers, name: str, field: GraphQLField, size: int) -> list[str]:
    """Every cursor of a connection, asked for so many at a time; at most a hundred."""
    found: list[str] = []
    after: str | None = None
    for _ in range(100):
        given = _given(answers.world, name, field) | {"first": str(size)} | ({"after": f'"{after}"'} if after else {})
        told = ", ".join(f"{one}: {value}" for one, value in given.items())
        query = f"{{ {name}({told}) {{ edges {{ cursor }} pageInfo {{ hasNextPage endCursor }} }} }}"
        ran = run(query, Context(_actor(answers.world, name), answers.program)).result
        assert ran.errors is None, ran.errors
        assert ran.data is not None
        page = ran.data[name]
        found += [edge["cursor"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"] or len(found) >= 100:
            break
    return found[:100]


class Asked:
    """What a field answered: the statements it took, how long each list was at most, and which objects were there."""

    def __init__(self, statements: list[str], errors: Any) -> None:
        self.statements = Counter(AS_MANY.sub("IN (?)", one) for one in statements if one != "BEGIN")
        self.errors = errors
        self.longest: Counter[str] = Counter()

    def read(self, field: GraphQLField, at: str, value: Any) -> None:
        """Look through the value of a field: `at` is its type and name."""
        kind = get_named_type(field.type)
        items = value if isinstance(get_nullable_type(field.type), GraphQLList) else [value]
        there = [one for one in items or () if one is not None]
        self.longest[at] = max(self.longest[at], len(there))
        if isinstance(kind, GraphQLObjectType):
            for one in there:
                for name, below in _below(kind):
                    self.read(below, f"{kind.name}.{name}", one[name])


def _ask(world: Plenty, settings: Settings, operation: str, name: str) -> Asked:
    field = FIELDS[operation, name]
    query = f"{operation} {{ {name}{_arguments(world, name, field)}{_selection(field)} }}"
    context = Context(_actor(world, name), settings, topics=set())
    follows = operation == "subscription"
    run(query, context, subscription=follows)  # what is looked up once per process is known then
    with scene.statements() as statements:
        answer = run(query, context, subscription=follows).result
    asked = Asked(statements, answer.errors)
    if answer.data is not None:
        asked.read(field, f"{operation.title()}.{name}", answer.data[name])
    return asked


def _judged(field: GraphQLField, at: str, few: Asked, many: Asked) -> Iterator[str]:
    """What is wrong with a field."""
    if few.errors or many.errors:
        yield f"is refused: {few.errors or many.errors}"
        return
    more = many.statements - few.statements
    if more.total():
        yield f"takes {many.statements.total()} statements instead of {few.statements.total()}, {more.most_common(3)}"
    if many.statements.total() > MORE.get(at, (MOST, ""))[0]:
        yield f"takes {many.statements.total()} statements"
    for path, kind in _paths(field, at):
        objects = isinstance(get_named_type(kind.type), GraphQLObjectType) and path not in SHORT
        listed = isinstance(get_nullable_type(kind.type), GraphQLList)
        if listed and objects and many.longest[path] <= max(few.longest[path], 1):
            yield f"lists {many.longest[path]} of {path}, no more than before: it needs an example"
        if not many.longest[path] and path not in EMPTY:
            yield f"has no {path}: it needs an example"


def _actor(world: Plenty, name: str) -> Actor:
    return world.installer if name.removesuffix("Connection") in OF_INSTALLER else world.owner


def _arguments(world: Plenty, name: str, field: GraphQLField) -> str:
    """Ids of what is there, and a page as long as it needs to be."""
    told = ", ".join(f"{one}: {value}" for one, value in _given(world, name, field).items())
    return f"({told})" if told else ""


def _given(world: Plenty, name: str, field: GraphQLField) -> dict[str, str]:
    needed = (one for one, arg in field.args.items() if isinstance(arg.type, GraphQLNonNull))
    given = {one: _value(world, name.removesuffix("Connection"), one) for one in needed}
    page = {"first": str(PAGE)} if "first" in field.args else {}
    return {one: value for one, value in given.items() if value} | page


def _value(world: Plenty, field: str, argument: str) -> str:
    if argument == "accountId":
        master, partner = field in OF_MASTER, field in OF_INSTALLER
        return f'"{world.master_id if master else world.partner_account if partner else world.account_id}"'
    if argument == "id":
        return f'"{_first(THINGS[field]) if field in THINGS else world.station_id}"'
    if argument == "clientId":
        return f'"{scene.rows(ClientQuery)[0].client_id}"'
    ids = {
        "stationId": world.station_id,
        "closureId": _first(Closure),
        "endpointId": _first(WebhookEndpoint),
        "massChangeId": _first(MassChange),
    }
    return f'"{ids[argument]}"' if argument in ids else GIVEN.get(f"{field}.{argument}", GIVEN.get(argument, ""))


def _first(model: Any) -> UUID:
    found: UUID = scene.rows(model)[0].id
    return found


def _selection(field: GraphQLField, above: tuple[str, ...] = ()) -> str:
    kind = get_named_type(field.type)
    if not isinstance(kind, GraphQLObjectType):
        return ""
    return "{ " + " ".join(name + _selection(below, (*above, kind.name)) for name, below in _below(kind)) + " }"


def _below(kind: GraphQLObjectType) -> Iterator[tuple[str, GraphQLField]]:
    """The fields of a type; of a connection its nodes, which the edges only repeat."""
    return ((name, field) for name, field in kind.fields.items() if name not in ("edges", "pageInfo"))


def _paths(field: GraphQLField, at: str) -> Iterator[tuple[str, GraphQLField]]:
    """Every list and every object below a field."""
    kind = get_named_type(field.type)
    if isinstance(kind, GraphQLObjectType) or isinstance(get_nullable_type(field.type), GraphQLList):
        yield at, field
    if isinstance(kind, GraphQLObjectType) and at not in EMPTY:
        for name, below in _below(kind):
            yield from _paths(below, f"{kind.name}.{name}")
