"""Passwords of people: judged, hashed by argon2id, compared. Takes tens of milliseconds: never inside a transaction."""

import functools
import re

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from accounts.usual_words import USUAL_WORDS, folded
from kit import settings
from kit.errors import Invalid

SHORTEST, LONGEST = 10, 200
GOOD_SCORE = 3  # of 4: more than 10^8 guesses
OWN_SIGNS = 6  # that stay when the words of the person are taken out
_JUDGED = 64  # what follows only makes it better, and judging long texts is slow
_LEAKED = frozenset(FREQUENCY_LISTS["passwords"])
_KNOWN = _LEAKED | USUAL_WORDS
_LETTERS_FOR_SIGNS = str.maketrans("4@310$5!7", "aaeiossit")
_hasher = PasswordHasher()


def hash_password(password: str, **words_of_the_person: str) -> str:
    """The hash to store; raises Invalid(password=...) for one that is too short or too long, was leaked somewhere, is
    such a word or a usual one with something around it, or soon guessed by whoever knows the person's own words.
    """
    if len(password) < SHORTEST:
        raise _refused("password_short")
    if len(password) > LONGEST:
        raise _refused("too_long")
    known = (settings.current().brand_name, *words_of_the_person.values())
    words = [part for word in known for part in (word, *re.split(r"\W+", word)) if len(part) > 2]
    judged = zxcvbn(password[:_JUDGED], user_inputs=[*words, *sorted(USUAL_WORDS)])
    if _was_leaked(password, judged["sequence"]):
        raise _refused("password_leaked")
    if judged["score"] < GOOD_SCORE or _is_dressed_up(password) or len(_without(password, words)) < OWN_SIGNS:
        raise _refused("password_easy")
    return _hasher.hash(password)


def fits(password: str, stored: str | None) -> bool:
    """Whether this is the password. Without a stored hash the same effort is made, so that time tells nothing."""
    try:
        _hasher.verify(stored or _nobodys(), password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str | None) -> bool:
    """Whether a hash was made with less effort than today's."""
    return stored is not None and _hasher.check_needs_rehash(stored)


def rehashed(password: str) -> str:
    """The hash of a password that was judged when it was chosen."""
    return _hasher.hash(password)


def _was_leaked(password: str, parts: list[dict[str, object]]) -> bool:
    """Whether the password is one of those that are tried first everywhere, as it is or with signs for letters."""
    whole = len(parts) == 1 and parts[0].get("dictionary_name") == "passwords"
    return whole or password.casefold() in _LEAKED


def _is_dressed_up(password: str) -> bool:
    """Whether it is no more than a word that everybody tries, once or several times, with few digits and signs around:
    a year, a postcode, an exclamation mark.
    """
    bare = re.sub(r"^[\W\d_]{0,8}|[\W\d_]{0,8}$", "", folded(password))
    for core in (bare, bare.translate(_LETTERS_FOR_SIGNS)):
        once = re.fullmatch(r"(.+?)[\W\d_]*(?:\1[\W\d_]*)*", core)
        if core in _KNOWN or (once is not None and once.group(1) in _KNOWN):
            return True
    return False


def _without(password: str, words: list[str]) -> str:
    rest = password.casefold()
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word.casefold(), "")
    return rest


def _refused(why: str) -> Invalid:
    return Invalid(password=why)


@functools.cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")
