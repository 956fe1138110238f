"""Every list of GraphQL that grows goes on by cursors; of the others it is said why they end by themselves."""

from collections.abc import Iterator

from graphql import GraphQLField, GraphQLList, GraphQLObjectType, get_named_type, get_nullable_type

from graphql_api.schema import schema

CORE = schema._schema
ONE_PLACE, IN_THE_ROW, KINDS = "of one station", "part of the row", "one of each kind"
NOW = "what counts now; the log of it goes on by cursors"
# lists that need no cursor, and why
SHORT = {
    "Query.accountExports": "the newest ten",
    "Query.announcements": "what is announced now",
    "Query.apiClients": "what somebody made by hand and did not end",
    "Query.apiTokens": "what somebody made by hand and did not end",
    "Query.authorityCertificates": "one in years",
    "Query.clientQueries": "at most 500",
    "Query.compositeSchedules": ONE_PLACE,
    "Query.documentHandOuts": "the newest twenty",
    "Query.flags": "what the code knows",
    "Query.formerPlaces": "a station is seldom moved",
    "Query.handOvers": "a property seldom changes hands",
    "Query.imports": "an operator moves over once",
    "Query.invitations": "what waits for an answer, for some days",
    "Query.logins": "of one person",
    "Query.messageWords": "a dictionary",
    "Query.mixedAccounts": "at most 20",
    "Query.myRoles": NOW,
    "Query.ownRoles": "what somebody put together by hand",
    "Query.people": NOW,
    "Query.planFunctions": "the plans",
    "Query.planPrices": "the plans",
    "Query.readyRoles": "the policy",
    "Query.rolesGiven": NOW,
    "Query.stationGroups": "what somebody put together by hand",
    "Query.stationTroubles": "at most 500",
    "Query.supportVisits": "support seldom asks",
    "Query.webhookEndpoints": "at most 20",
    "Query.whoCan": NOW,
    "Announcement.texts": "the languages",
    "AccountPlaces.places": "of one account",
    "Campaign.counts": KINDS,
    "Charge.lines": IN_THE_ROW,
    "ImportDetails.counts": KINDS,
    "ClosurePreview.ends": KINDS,
    "ClosurePreview.obstacles": KINDS,
    "ClosurePreview.stays": KINDS,
    "Commissioning.checks": "six",
    "Commissioning.reports": ONE_PLACE,
    "CompositeSchedule.points": IN_THE_ROW,
    "FileJob.steps": "a file arrives, or does not",
    "HandOverPreview.ends": KINDS,
    "HandOverPreview.goes": KINDS,
    "Income.balances": KINDS,
    "Income.months": "twelve",
    "Licences.places": "what is paid for every month",
    "MassChange.counts": KINDS,
    "Message.meanings": IN_THE_ROW,
    "OpeningDay.spans": IN_THE_ROW,
    "OpeningHours.special": IN_THE_ROW,
    "OpeningHours.week": "seven",
    "Overview.energy": "as many days as were asked for",
    "Overview.income": "as many days as were asked for",
    "Overview.states": KINDS,
    "Problem.fields": "as many as were sent",
    "PropertyFigures.income": KINDS,
    "PropertyFigures.states": KINDS,
    "Receipt.lines": IN_THE_ROW,
    "SecondFactor.passkeys": "of one person",
    "Session.meterValues": "a session ends",
    "SpecialOpening.spans": IN_THE_ROW,
    "Station.connectors": ONE_PLACE,
    "StationSecurity.installed": ONE_PLACE,
    "StationSecurity.own": "the newest twenty of one station",
    "StationSettings.abilities": ONE_PLACE,
    "StationSettings.settings": ONE_PLACE,
    "TagImport.refused": "as many as were sent",
    "TransportReport.counts": KINDS,
    "TransportReport.refusals": KINDS,
    "Verification.changes": "an operator seldom becomes a company",
    "Verification.leftBehind": "an operator seldom changes his account at the provider",
    "WaitingStation.connectors": ONE_PLACE,
    "WebhookDelivery.tries": "eleven",
    "WorkOrder.counts": KINDS,
}


def _lists() -> Iterator[tuple[str, GraphQLField]]:
    """The lists of objects, but those within a page of a connection."""
    for kind in CORE.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__") and "pageInfo" not in kind.fields:
            for name, field in kind.fields.items():
                objects = isinstance(get_named_type(field.type), GraphQLObjectType)
                if objects and isinstance(get_nullable_type(field.type), GraphQLList):
                    yield f"{kind.name}.{name}", field


def test_every_list_that_grows_has_cursors() -> None:
    endless = [name for name, field in _lists() if name not in SHORT and not field.deprecation_reason]
    assert endless == [], "make it a connection, or say here why it ends by itself"


def test_no_reason_is_older_than_its_list() -> None:
    assert sorted(set(SHORT) - {name for name, _ in _lists()}) == [], "take it off the list"


def test_what_is_deprecated_has_a_connection_in_its_place() -> None:
    root = CORE.query_type
    assert root is not None
    replaced = [name for name, field in _lists() if field.deprecation_reason and name.startswith("Query.")]
    assert len(replaced) >= 10
    for name in replaced:
        page = get_named_type(root.fields[f"{name.removeprefix('Query.')}Connection"].type)
        assert isinstance(page, GraphQLObjectType)
        assert "pageInfo" in page.fields
