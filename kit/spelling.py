"""Words that stand in a list, however they are spelt: case, blanks, dashes and the like tell nothing."""

import functools
from collections.abc import Iterable, Mapping

LONGEST_WORD = 64  # whatever is longer is no word of a list


def plain(said: str) -> str:
    """A word without what writers vary: `No Error`, `noError` and `NOERROR` are one."""
    return _plain(said) if len(said) <= LONGEST_WORD else said


def spellings(words: Iterable[str]) -> Mapping[str, str]:
    """The words of a list by what they are plainly."""
    return {plain(word): word for word in words}


@functools.lru_cache(4096)
def _plain(said: str) -> str:
    return "".join(sign for sign in said.casefold() if sign.isalnum())
