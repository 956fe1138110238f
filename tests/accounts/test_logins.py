"""Signing up and in, and what ends a login."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher, Type
from sqlalchemy import event

from accounts import passwords, use_cases
from accounts.access import ANYONE, SYSTEM
from accounts.errors import NotConfirmed, WrongLogin
from accounts.models import User
from accounts.queries import account_tree, actor_of_user, reset_link_holder, signed_in
from accounts.rights import Right, Role
from accounts.values import AccountKind, Browser, SignInMethod, UserId
from kit import clock, db
from kit.errors import Invalid
from kit.signing import LinkBroken, LinkExpired
from tests import make
from tests.accounts.conftest import Letters
from tests.people import People

GOOD = "a long enough word"
BROWSER = Browser("a browser's own word", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0", "192.0.2.7")


def _register(email: str = "Nina@Example.org", **changes: str) -> None:
    facts = {"password": GOOD, "name": "Nina", "account_name": "Nina AG", "language": "fr"} | changes
    use_cases.register(ANYONE, email=email, **facts)


def test_a_new_operator_confirms_the_address_and_owns_a_master_account(letters: Letters) -> None:
    _register()
    with pytest.raises(NotConfirmed):
        use_cases.sign_in(ANYONE, email="nina@example.org", password=GOOD)
    use_cases.confirm_email(ANYONE, letters.link("nina@example.org", "confirm"))
    user = use_cases.sign_in(ANYONE, email=" NINA@example.org ", password=GOOD)
    begun = use_cases.begin_login(SYSTEM, UserId(user.id), method=SignInMethod.PASSWORD, browser=BROWSER)
    person = signed_in(SYSTEM, begun.secret)
    assert person is not None
    assert (person.email, person.name, person.language, person.staff) == ("nina@example.org", "Nina", "fr", False)
    [node] = account_tree(person.actor)
    assert (node.name, node.kind, node.depth, node.rights) == ("Nina AG", AccountKind.MASTER, 0, frozenset(Right))
    assert person.actor.grants == {node.id: frozenset({Role.OWNER})}


def test_a_confirmation_link_ends_after_three_days_and_a_new_one_comes_by_registering_again(letters: Letters) -> None:
    _register()
    link = letters.link("nina@example.org", "confirm")
    with clock.moved_to(clock.now() + timedelta(days=3, minutes=1)), pytest.raises(LinkExpired):
        use_cases.confirm_email(ANYONE, link)
    with pytest.raises(LinkBroken):
        use_cases.confirm_email(ANYONE, link[:-3])
    _register(password="quite another word")
    assert len(letters.to("nina@example.org")) == 2
    use_cases.confirm_email(ANYONE, letters.link("nina@example.org", "confirm"))
    with pytest.raises(WrongLogin):  # who registers again does not set the password of somebody else's login
        use_cases.sign_in(ANYONE, email="nina@example.org", password="quite another word")


def test_a_click_on_an_unasked_letter_gives_nobody_a_login(letters: Letters) -> None:
    _register(email="victim@example.org", password="chosen by a stranger")
    link = letters.link("victim@example.org", "confirm")
    with pytest.raises(WrongLogin):
        use_cases.confirm(ANYONE, link_token=link, password="what the victim thinks of")
    with pytest.raises(NotConfirmed):
        use_cases.sign_in(ANYONE, email="victim@example.org", password="chosen by a stranger")
    use_cases.request_password_reset(ANYONE, email="victim@example.org")
    use_cases.reset_password(ANYONE, link_token=letters.link("victim@example.org", "reset"), password=GOOD)
    with pytest.raises(WrongLogin):
        use_cases.sign_in(ANYONE, email="victim@example.org", password="chosen by a stranger")
    assert use_cases.sign_in(ANYONE, email="victim@example.org", password=GOOD).confirmed_at is not None


def test_registering_a_known_address_changes_nothing_and_tells_its_owner_only(letters: Letters) -> None:
    _register()
    use_cases.confirm_email(ANYONE, letters.link("nina@example.org", "confirm"))
    _register(password="quite another word", name="Mallory")
    [newest, _] = letters.to("nina@example.org")
    assert newest.text.split()[-3:-1] == ["http://localhost:8000/login", "Charging"]
    user = use_cases.sign_in(ANYONE, email="nina@example.org", password=GOOD)
    assert user.name == "Nina"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("email", {"email": "not an address"}),
        ("password", {"password": "short"}),
        ("password", {"password": "aaaaaaaaaaaa"}),
        ("password", {"password": "Nina@example.org"}),
        ("password", {"password": "Nina AG 2026"}),
        ("password", {"password": "manchester"}),
        ("name", {"name": "  "}),
        ("account_name", {"account_name": ""}),
        ("language", {"language": "xx"}),
    ],
)
def test_wrong_input_is_refused_at_its_field(letters: Letters, field: str, changes: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        _register(**changes)
    assert list(refused.value.fields) == [field]
    assert letters.to("nina@example.org") == []


def test_a_wrong_password_and_an_unknown_address_are_refused_alike(everybody: People) -> None:
    for email, password in ((everybody.bob_login.email, "wrong password"), ("nobody@example.org", make.PASSWORD)):
        with pytest.raises(WrongLogin) as refused:
            use_cases.sign_in(ANYONE, email=email, password=password)
        assert refused.value.fields == {"password": "wrong_login"}


def test_a_reset_sets_the_password_once_and_ends_every_login(everybody: People, letters: Letters) -> None:
    bob = everybody.bob_login
    use_cases.request_password_reset(ANYONE, email=bob.email)
    link = letters.link(bob.email, "reset")
    assert reset_link_holder(ANYONE, link).email == bob.email
    user = use_cases.reset_password(ANYONE, link_token=link, password=GOOD)
    assert actor_of_user(SYSTEM, UserId(bob.user.id), bob.user.session_key) is None
    assert actor_of_user(SYSTEM, UserId(bob.user.id), user.session_key) == bob.actor
    assert use_cases.sign_in(ANYONE, email=bob.email, password=GOOD).id == bob.user.id
    with pytest.raises(LinkExpired):
        use_cases.reset_password(ANYONE, link_token=link, password="a third good word")
    assert any("/forgot" in letter.text for letter in letters.to(bob.email))


def test_a_reset_link_ends_after_two_hours(everybody: People, letters: Letters) -> None:
    use_cases.request_password_reset(ANYONE, email=everybody.bob_login.email)
    link = letters.link(everybody.bob_login.email, "reset")
    with clock.moved_to(clock.now() + timedelta(hours=2, minutes=1)), pytest.raises(LinkExpired):
        use_cases.reset_password(ANYONE, link_token=link, password=GOOD)
    with pytest.raises(Invalid):
        use_cases.reset_password(ANYONE, link_token=link, password="short")
    assert (
        use_cases.sign_in(ANYONE, email=everybody.bob_login.email, password=make.PASSWORD).name
        == everybody.bob_login.user.name
    )


def test_no_letter_goes_to_an_unknown_address(letters: Letters) -> None:
    use_cases.request_password_reset(ANYONE, email="nobody@example.org")
    assert letters.to("nobody@example.org") == []


def test_a_changed_password_needs_the_old_one(everybody: People) -> None:
    bob = everybody.bob_login
    with pytest.raises(WrongLogin) as refused:
        use_cases.change_password(bob.actor, email=bob.email, old_password="wrong", new_password=GOOD)
    assert refused.value.fields == {"old_password": "wrong_login"}
    with pytest.raises(WrongLogin):  # not somebody else's, even with the right password
        use_cases.change_password(everybody.charlie, email=bob.email, old_password=make.PASSWORD, new_password=GOOD)
    use_cases.change_password(bob.actor, email=bob.email, old_password=make.PASSWORD, new_password=GOOD)
    assert use_cases.sign_in(ANYONE, email=bob.email, password=GOOD).id == bob.user.id


def test_a_person_is_fetched_with_two_statements(everybody: People) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    actor_of_user(SYSTEM, UserId(everybody.bob_login.user.id), everybody.bob_login.user.session_key)
    assert len(statements) == 2
    begun = use_cases.begin_login(
        SYSTEM, UserId(everybody.bob_login.user.id), method=SignInMethod.PASSWORD, browser=BROWSER
    )
    statements.clear()
    person = signed_in(SYSTEM, begun.secret)
    assert len(statements) == 2
    assert person is not None
    assert person.actor.grants == everybody.bob.grants


def test_a_password_is_hashed_with_the_effort_that_is_advised(strong_hasher: PasswordHasher) -> None:
    """RFC 9106's second choice: 64 MiB, three times, four lanes. Elsewhere the tests make less effort."""
    assert (strong_hasher.memory_cost, strong_hasher.time_cost, strong_hasher.parallelism) == (65536, 3, 4)
    assert strong_hasher.type is Type.ID


def test_a_hash_of_former_days_becomes_a_strong_one_at_the_next_sign_in(
    everybody: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = everybody.bob_login
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=2, memory_cost=128, parallelism=1))
    use_cases.sign_in(ANYONE, email=bob.email, password=make.PASSWORD)
    stored = make.row(User, bob.user.id).password_hash
    assert "m=128,t=2" in stored
    use_cases.sign_in(ANYONE, email=bob.email, password=make.PASSWORD)
    assert make.row(User, bob.user.id).password_hash == stored


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("short", "password_short"),
        ("password123", "password_leaked"),
        ("Password123", "password_leaked"),
        ("P4ssword123", "password_easy"),
        ("liverpool12", "password_easy"),
        ("abcdefghijkl", "password_easy"),
        ("olga.owner77", "password_easy"),
        ("x" * 201, "too_long"),
        ("x" * 100, "password_easy"),
        ("Willkommen2026!", "password_easy"),
        ("Grüezi Grüezi 8001", "password_easy"),
        ("Gruessgott!!1", "password_easy"),
        ("2027Motdepasse", "password_easy"),
        ("Benvenuto-123", "password_easy"),
        ("Neuchâtel2000", "password_easy"),
        ("L4destation!!", "password_easy"),
        ("ElektroAuto22", "password_easy"),
        ("sommersommer2027", "password_easy"),
        ("qwertzuiop", "password_leaked"),
        ("1q2w3e4r5t6z", "password_easy"),
        ("ChargingPlatform1", "password_easy"),
    ],
)
def test_a_password_that_is_soon_guessed_is_refused(password: str, problem: str) -> None:
    with pytest.raises(Invalid) as refused:
        passwords.hash_password(password, email="olga.owner@example.org", name="Olga Owner")
    assert refused.value.fields == {"password": problem}


@pytest.mark.parametrize(
    "password", ["correct horse battery", "Zahnrad-Fenster-Möwe", "Sommer auf der Alp Flix 27", "k7#Vt2!pQz9w"]
)
def test_a_password_of_several_own_words_or_by_chance_is_taken(password: str) -> None:
    assert passwords.fits(password, passwords.hash_password(password, email="olga.owner@example.org", name="Olga"))
