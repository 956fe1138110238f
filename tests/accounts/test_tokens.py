"""Keys for programs: shown once, kept as a hash, gone when revoked."""

import pytest

from accounts import use_cases
from accounts.access import SYSTEM
from accounts.models import ApiToken
from accounts.queries import account_tree, actor_of_token, tokens
from accounts.rights import Role
from accounts.values import AccountId, ApiTokenId
from kit.errors import AppError, Forbidden, Invalid, NotFound
from tests import make
from tests.people import People


def test_a_key_acts_in_its_account_and_below_until_it_is_revoked(everybody: People) -> None:
    made = use_cases.create_api_token(everybody.alice, everybody.master.id, name="Billing export")
    assert made.secret.startswith("cp_")
    assert len(made.secret) == 46
    assert made.secret not in repr(made)
    assert made.secret not in str(make.row(ApiToken, made.token.id).__dict__)
    actor = actor_of_token(SYSTEM, made.secret)
    assert actor is not None
    assert actor.reference == f"token:{made.token.id}"
    assert actor.grants == {everybody.master.id: frozenset({Role.API_CLIENT})}
    assert [node.name for node in account_tree(actor)] == ["Immobilien Test AG", "Haus am Berg", "Haus am See"]
    use_cases.revoke_api_token(everybody.alice, ApiTokenId(made.token.id))
    assert actor_of_token(SYSTEM, made.secret) is None
    assert tokens(everybody.alice, everybody.master.id) == []


def test_a_guessed_key_opens_nothing(everybody: People) -> None:
    assert actor_of_token(SYSTEM, "cp_" + "x" * 43) is None
    assert actor_of_token(SYSTEM, "") is None


def test_a_key_gets_no_rights_over_people(everybody: People) -> None:
    for role in (Role.OWNER, Role.MANAGER):
        with pytest.raises(Invalid):
            use_cases.create_api_token(everybody.alice, everybody.master.id, name="Too much", role=role)
    with pytest.raises(Invalid):
        use_cases.create_api_token(everybody.alice, everybody.master.id, name=" ")
    assert tokens(everybody.alice, everybody.master.id) == []


@pytest.mark.parametrize(("who", "refusal"), [("bob", Forbidden), ("charlie", NotFound)])
def test_others_make_see_and_revoke_no_keys(everybody: People, who: str, refusal: type[AppError]) -> None:
    actor, home = getattr(everybody, who), AccountId(everybody.home.id)
    made = use_cases.create_api_token(everybody.alice, home, name="Export", role=Role.VIEWER)
    with pytest.raises(refusal):
        use_cases.create_api_token(actor, home, name="Mine")
    with pytest.raises(refusal):
        tokens(actor, home)
    with pytest.raises(refusal):
        use_cases.revoke_api_token(actor, ApiTokenId(made.token.id))
    assert [token.name for token in tokens(everybody.alice, home)] == ["Export"]


def test_the_use_of_a_key_is_noted_at_most_once_an_hour(everybody: People) -> None:
    made = use_cases.create_api_token(everybody.alice, everybody.master.id, name="Export")
    use_cases.note_token_use(SYSTEM, ApiTokenId(made.token.id))
    first = make.row(ApiToken, made.token.id).last_used_at
    use_cases.note_token_use(SYSTEM, ApiTokenId(made.token.id))
    assert first is not None
    assert make.row(ApiToken, made.token.id).last_used_at == first
