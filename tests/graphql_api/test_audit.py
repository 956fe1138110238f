"""Who did what, for programs: the same door as in the portal."""

from accounts.jobs import seal_audit
from accounts.queries import audit_anchor
from accounts.rights import Right
from accounts.use_cases import create_api_token
from accounts.values import AccountId
from tests import make
from tests.graphql_api.conftest import Ask
from tests.people import People

LINES = """query($search: AuditSearch, $first: Int!, $after: String) {
    auditLines(search: $search, first: $first, after: $after) {
        nodes { door thing actor changes arguments number seal words(language: "de") }
        pageInfo { hasNextPage endCursor } } }"""


def test_a_program_reads_who_did_what_page_by_page(ask: Ask, people: People) -> None:
    station = make.station(property=people.home, owner=people.alice, name="Garage")
    make.station(property=people.home, owner=people.alice, name="Hof")
    seal_audit()
    chosen = [Right.VIEW_ACCOUNT, Right.VIEW_AUDIT]
    token = create_api_token(people.alice, AccountId(people.master.id), name="audit", rights=chosen).secret
    search = {"accountId": str(people.home.id), "door": "stations.use_cases.stations.add_station"}
    first = ask(LINES, token=token, search=search, first=1, after=None)["data"]["auditLines"]
    rest = ask(LINES, token=token, search=search, first=1, after=first["pageInfo"]["endCursor"])["data"]["auditLines"]
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)
    [line] = rest["nodes"]
    assert (line["thing"], line["words"]) == (f"stations:{station.id}", "Station hinzugefügt")
    assert line["changes"][0]["after"]["name"] == "Garage"
    assert len(line["seal"]) == 64
    newest = audit_anchor(people.alice, AccountId(people.home.id))
    asked = ask(
        "query($id: UUID!) { auditAnchor(accountId: $id) { number hash } }", token=token, id=str(people.home.id)
    )
    assert newest is not None
    assert asked["data"]["auditAnchor"] == {"number": newest.number, "hash": newest.hash}
