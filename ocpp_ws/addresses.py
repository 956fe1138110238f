"""The address that a charger dials: which account it names, and what the charger calls itself.

`/ocpp/<identity>`, `/ocpp/<account code>/<identity>` and `/api/Ocpp16/<account code>/<identity>`; and everything that
chargers make of them: doubled slashes, doubled paths, the whole address typed into the field for the identity.
"""

from dataclasses import dataclass
from urllib.parse import unquote

from accounts.codes import clean_account_code

PREFIXES = (("ocpp",), ("api", "ocpp16"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for. `code`: the account that is named, as codes are stored; None where there is none.
    `identity`: decoded once and otherwise as it came.
    """

    code: str | None
    identity: str


def is_of_chargers(path: str) -> bool:
    """Whether a path belongs to chargers; the words before the identity are read in any case."""
    parts = tuple(part.lower() for part in path.split("/") if part)
    return any(parts[: len(prefix)] == prefix for prefix in PREFIXES)


def read(address: str) -> Asked:
    """The last part that is not empty is the identity, the account code stands somewhere before it."""
    parts = [part for part in address.partition("?")[0].split("/") if part.strip()]
    words = [part.lower() for part in parts]
    starts = next((len(prefix) for prefix in PREFIXES if tuple(words[: len(prefix)]) == prefix), 0)
    below = parts[starts:]
    identity = unquote(below[-1], errors="replace").strip() if below else ""
    before = below[:-1]
    if "://" in identity:  # the whole address, typed as the identity
        *inside, identity = [part for part in identity.split("/") if part.strip()]
        before = [*before, *inside]
    codes = (clean_account_code(part) for part in reversed(before))
    return Asked(next((code for code in codes if code), None), identity)
