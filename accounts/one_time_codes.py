"""Codes that are good once: six digits from an app, and the long ones on paper for when the app is gone."""

import secrets

import pyotp

from kit import clock, settings

STEP_S = 30
RECOVERY_CODES = 10
_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # read from paper: no 0, O, 1, I, L, U
_RECOVERY_LENGTH, _GROUP = 16, 4  # 78 bits: a plain hash of it is safe


def new_secret() -> str:
    """What an app makes codes from."""
    return pyotp.random_base32()


def app_address(secret: str, email: str) -> str:
    """What the app reads from the QR code."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=settings.current().brand_name))


def step_of(secret: str, code: str, *, after: int) -> int | None:
    """The time step whose code this is: the present one or a neighbour, for clocks that differ; None if it is wrong.

    A step up to `after` was used already.
    """
    totp, present = pyotp.TOTP(secret), int(clock.now().timestamp()) // STEP_S
    for step in (present, present - 1, present + 1):
        if step > after and secrets.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def clean_code(text: str) -> str:
    """A code however it was typed: without blanks and dashes, in capitals."""
    return "".join(sign for sign in text.upper() if sign.isalnum() and sign.isascii())[:64]


def new_recovery_codes() -> list[str]:
    """Ten fresh codes as they are printed."""
    return [_grouped("".join(secrets.choice(_SIGNS) for _ in range(_RECOVERY_LENGTH))) for _ in range(RECOVERY_CODES)]


def _grouped(code: str) -> str:
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))
