"""Account codes: 16 signs that stand in the address of an account's chargers and say whose they are."""

import re
import secrets

# No 0, O, 1, I, L, U: a code is read from a screen and typed into a charger's menu.
_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 16
_SHAPE = re.compile(r"[A-Z0-9]{16}")


def new_account_code() -> str:
    """A code that nobody can guess (78 bits)."""
    return "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))


def clean_account_code(text: str) -> str | None:
    """The code as it is stored, from however it was typed; None where it can't be one."""
    code = text.strip().upper()
    return code if _SHAPE.fullmatch(code) else None
