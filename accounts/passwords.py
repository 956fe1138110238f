"""Passwords of people: judged, hashed by argon2id, compared. Takes tens of milliseconds: never inside a transaction."""

import functools

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kit.errors import Invalid

SHORTEST, LONGEST = 10, 200
_hasher = PasswordHasher()


def hash_password(password: str, **words_of_the_person: str) -> str:
    """The hash to store; raises Invalid(password=...) for one that is too short, too long or the person's own name."""
    if len(password) < SHORTEST:
        raise _refused("password_short")
    if len(password) > LONGEST:
        raise _refused("too_long")
    if len(set(password)) < 4 or password.casefold() in {word.casefold() for word in words_of_the_person.values()}:
        raise _refused("password_easy")
    return _hasher.hash(password)


def fits(password: str, stored: str | None) -> bool:
    """Whether this is the password. Without a stored hash the same effort is made, so that time tells nothing."""
    try:
        _hasher.verify(stored or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def _refused(why: str) -> Invalid:
    return Invalid(password=why)


@functools.cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")
