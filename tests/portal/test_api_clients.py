"""Keys with chosen rights and an end, and programs that sign in, in the browser."""

import re
from datetime import timedelta

import wsgi
from accounts.access import SYSTEM
from accounts.queries import actor_of_token, api_clients, client_secrets, tokens
from accounts.rights import Right, Role
from accounts.values import AccountId
from kit import clock
from kit.settings import Settings
from tests import make
from tests.people import People
from tests.portal.desk import Desk, at_a_desk

SECRET = re.compile(r'<code class="secret">(c[ps]_[\w-]+)</code>')


def _desk(people: People, program: Settings) -> Desk:
    return at_a_desk(wsgi.create_app(program), people.alice_login.user.email)


def _secret(html: str) -> str:
    found = SECRET.search(html)
    assert found, "a secret is shown"
    return found.group(1)


def test_a_key_has_chosen_rights_and_an_end(people: People, program: Settings) -> None:
    desk = _desk(people, program)
    missing = desk.post("/api-keys", name="Export", role="chosen")
    assert (missing.status, "Please choose at least one." in missing.text) == (422, True)
    over = desk.post("/api-keys", name="Export", role="viewer", expires_at="2001-01-01")
    assert (over.status, "This is over already." in over.text) == (422, True)
    until = (clock.now() + timedelta(days=30)).date()
    page = desk.post("/api-keys", name="Export", role="chosen", rights="station:view", expires_at=until.isoformat())
    actor = actor_of_token(SYSTEM, _secret(page.html))
    assert actor is not None
    (key,) = tokens(people.alice, AccountId(people.master.id))
    assert key.rights == [Right.VIEW_STATIONS.value]
    assert key.expires_at is not None
    assert key.expires_at.date() in (until, until + timedelta(days=1)), "the end of that day where the account is"
    assert "see stations" in desk.get("/api-keys").text


def test_a_program_is_let_in_changes_over_and_is_shut_out(people: People, program: Settings) -> None:
    desk = _desk(people, program)
    assert desk.post("/api-clients/new", name="Lager").status == 422, "without a right it could do nothing"
    first = _secret(desk.post("/api-clients/new", name="Lager", rights="station:view").html)
    (row,) = api_clients(people.alice, AccountId(people.master.id))
    path = f"/api-clients/{row.client.id}"
    assert first.startswith("cs_")
    assert first not in desk.get(path).html
    assert "Lager" in desk.get("/api-keys").text
    second = _secret(desk.post(f"{path}/secret", at=path).html)
    assert second != first
    desk.post(f"{path}/end-old-secrets", at=path)
    known = client_secrets(SYSTEM, row.client.id)
    assert known is not None
    assert len(known[1]) == 1
    desk.post(f"{path}/revoke", at=path)
    assert client_secrets(SYSTEM, row.client.id) is None
    assert desk.get(path).status == 404


def test_a_program_is_held_to_its_list(people: People, program: Settings) -> None:
    desk = _desk(people, program)
    desk.post("/api-clients/new", name="Lager", rights="station:view")
    (row,) = api_clients(people.alice, AccountId(people.master.id))
    path = f"/api-clients/{row.client.id}"
    refused = desk.post(path, text="{ nonsense }")
    assert (refused.status, "This is no query that the interface knows." in refused.text) == (422, True)
    desk.post(path, text="{ stations { nodes { name } } }", name="Stationen")
    assert "Stationen" in desk.get(path).text
    desk.post(f"{path}/restrict", at=path, only="1")
    assert "nothing else is taken" in desk.get(path).text
    found = re.search(rf"{path}/queries/[\w-]+/remove", desk.get(path).html)
    assert found
    desk.post(found.group(), at=path)
    assert "Put at least one query on the list" in desk.get(path).text
    desk.post(f"{path}/restrict", at=path, only="0")
    desk.post(found.group(), at=path)
    assert "No queries yet" in desk.get(path).text


def test_only_who_makes_keys_sees_programs(people: People, program: Settings) -> None:
    desk = _desk(people, program)
    desk.post("/api-clients/new", name="Lager", rights="station:view")
    (row,) = api_clients(people.alice, AccountId(people.master.id))
    path = f"/api-clients/{row.client.id}"
    app = wsgi.create_app(program)
    viewer = at_a_desk(app, make.login(account=people.master.account, role=Role.VIEWER).email)
    stranger = at_a_desk(app, people.charlie_login.user.email)
    assert [viewer.get("/api-clients/new").status, viewer.get(path).status] == [403, 403]
    assert stranger.get(path).status == 404
