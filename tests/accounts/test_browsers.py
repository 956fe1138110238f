"""Logins in browsers: where somebody is signed in, and how that ends."""

from datetime import timedelta

import pytest

from accounts import use_cases
from accounts.access import SYSTEM
from accounts.devices import device_name
from accounts.errors import CheckNeeded
from accounts.models import Login
from accounts.presence import PersonHere, fresh, is_fresh
from accounts.queries import knows_device, my_logins, signed_in
from accounts.use_cases import NewLogin
from accounts.values import Browser, LoginId, SignInMethod, UserId
from kit import clock
from kit.errors import NotFound
from tests import make
from tests.accounts.conftest import Letters
from tests.made import Login as MadeLogin
from tests.people import People

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
EDGE = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0"


def _begin(login: MadeLogin, device: str, agent: str = FIREFOX, *, remembered: bool = False) -> NewLogin:
    browser = Browser(device, agent, "192.0.2.7")
    return use_cases.begin_login(
        SYSTEM, UserId(login.user.id), method=SignInMethod.PASSWORD, browser=browser, remembered=remembered
    )


def _person(begun: NewLogin) -> PersonHere:
    person = signed_in(SYSTEM, begun.secret)
    assert person is not None
    return person.actor


def test_a_login_ends_at_once_and_only_its_own_person_ends_it(everybody: People) -> None:
    here, there = _begin(everybody.bob_login, "here"), _begin(everybody.bob_login, "there")
    there_id = LoginId(there.login.id)
    with pytest.raises(NotFound):
        use_cases.end_login(everybody.alice, there_id)
    assert [login.id for login in my_logins(everybody.bob)] == [there.login.id, here.login.id]
    use_cases.end_login(_person(here), there_id)
    assert signed_in(SYSTEM, there.secret) is None
    assert signed_in(SYSTEM, here.secret) is not None
    assert [login.id for login in my_logins(everybody.bob)] == [here.login.id]
    assert not knows_device(SYSTEM, email=everybody.bob_login.email, device_secret="there")
    assert my_logins(everybody.alice) == []


def test_whoever_signs_out_is_known_when_he_comes_back(everybody: People) -> None:
    here = _begin(everybody.bob_login, "here")
    use_cases.end_login(_person(here), LoginId(here.login.id))
    assert signed_in(SYSTEM, here.secret) is None
    assert knows_device(SYSTEM, email=everybody.bob_login.email.upper(), device_secret="here")
    assert not knows_device(SYSTEM, email=everybody.alice_login.email, device_secret="here")


def test_all_others_end_and_this_one_stays(everybody: People) -> None:
    here, there = _begin(everybody.bob_login, "here"), _begin(everybody.bob_login, "there")
    foreign = _begin(everybody.alice_login, "here")
    use_cases.end_other_logins(_person(here))
    assert signed_in(SYSTEM, here.secret) is not None
    assert signed_in(SYSTEM, there.secret) is None
    assert signed_in(SYSTEM, foreign.secret) is not None


def test_a_new_password_ends_all_logins_but_the_one_where_it_was_set(everybody: People) -> None:
    bob = everybody.bob_login
    here, there = _begin(bob, "here"), _begin(bob, "there")
    use_cases.change_password(
        _person(here), email=bob.email, old_password=make.PASSWORD, new_password="a long enough word"
    )
    assert signed_in(SYSTEM, here.secret) is not None
    assert signed_in(SYSTEM, there.secret) is None


def test_a_letter_tells_of_a_browser_never_seen_before(everybody: People, letters: Letters) -> None:
    bob = everybody.bob_login
    _begin(bob, "the first one ever")
    before = len(letters.to(bob.email))
    _begin(bob, "the first one ever")
    assert len(letters.to(bob.email)) == before
    _begin(bob, "another", PHONE)
    [letter, *_] = letters.to(bob.email)
    assert len(letters.to(bob.email)) == before + 1
    assert "Safari, iPhone" in letter.text
    assert "192.0.2.7" in letter.text
    assert "/me/security" in letter.text


def test_a_login_lives_on_while_it_is_used_though_not_for_ever(everybody: People) -> None:
    begun, start = _begin(everybody.bob_login, "here"), clock.now()
    login_id = LoginId(begun.login.id)
    with clock.moved_to(start + timedelta(hours=11)):
        use_cases.note_login_seen(SYSTEM, login_id, address="192.0.2.8")
    with clock.moved_to(start + timedelta(hours=22)):
        assert signed_in(SYSTEM, begun.secret) is not None
    with clock.moved_to(start + timedelta(hours=24)):
        assert signed_in(SYSTEM, begun.secret) is None
    assert make.row(Login, begun.login.id).address == "192.0.2.8"
    lasting = _begin(everybody.bob_login, "here", remembered=True)
    for week in range(1, 26):
        with clock.moved_to(start + timedelta(days=7 * week)):
            use_cases.note_login_seen(SYSTEM, LoginId(lasting.login.id), address="192.0.2.8")
    with clock.moved_to(start + timedelta(days=181)):
        assert signed_in(SYSTEM, lasting.secret) is None


def test_what_is_over_is_forgotten_and_known_browsers_are_not(everybody: People) -> None:
    here, there = _begin(everybody.bob_login, "here"), _begin(everybody.bob_login, "there")
    use_cases.end_login(_person(here), LoginId(there.login.id))
    with clock.moved_to(clock.now() + timedelta(days=300)):
        use_cases.prune_logins(SYSTEM)
        assert knows_device(SYSTEM, email=everybody.bob_login.email, device_secret="here")
    with clock.moved_to(clock.now() + timedelta(days=370)):
        use_cases.prune_logins(SYSTEM)
        assert not knows_device(SYSTEM, email=everybody.bob_login.email, device_secret="here")


def test_a_check_is_fresh_for_ten_minutes(everybody: People) -> None:
    here = _person(_begin(everybody.bob_login, "here"))
    fresh(here)
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        assert not is_fresh(here)
        with pytest.raises(CheckNeeded):
            fresh(here)
    with pytest.raises(CheckNeeded):  # in no browser at all
        fresh(everybody.bob)


@pytest.mark.parametrize(
    ("agent", "words"),
    [(FIREFOX, "Firefox, Windows"), (PHONE, "Safari, iPhone"), (EDGE, "Edge, macOS"), ("curl/8.5", ""), ("", "")],
)
def test_a_browser_has_a_name(agent: str, words: str) -> None:
    assert device_name(agent) == words
