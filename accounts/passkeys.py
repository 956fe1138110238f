"""Passkeys by the rules of WebAuthn: what a browser is asked, and whether its answer is right.

A passkey belongs to the host of PUBLIC_URL. It has to verify its owner (by finger, face or PIN), so it is two factors.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

import orjson
import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.errors import PasskeyRefused
from kit import settings

_VERIFIED = UserVerificationRequirement.REQUIRED


@dataclass(frozen=True)
class Question:
    """What the browser is asked, as JSON, and the challenge that its answer has to contain."""

    options: str
    challenge: str


@dataclass(frozen=True)
class NewKey:
    """A passkey that was just made."""

    credential_id: str
    public_key: bytes
    sign_count: int


def ask_for_new(user_id: UUID, email: str, name: str, known: Iterable[str]) -> Question:
    """Ask a browser to make a passkey that finds its person by itself; not one more in a device that has one."""
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=settings.current().brand_name,
        user_id=user_id.bytes,
        user_name=email,
        user_display_name=name or email,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=[_descriptor(one) for one in known],
    )
    return Question(webauthn.options_to_json(options), bytes_to_base64url(options.challenge))


def read_new(answer: str, challenge: str) -> NewKey:
    """The passkey in a browser's answer. Raises PasskeyRefused."""
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_host(),
            expected_origin=settings.current().public_url,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused() from error
    return NewKey(bytes_to_base64url(made.credential_id), made.credential_public_key, made.sign_count)


def ask(known: Iterable[str] = ()) -> Question:
    """Ask a browser for one of these passkeys; for any that it has when none is named."""
    options = webauthn.generate_authentication_options(
        rp_id=_host(), allow_credentials=[_descriptor(one) for one in known], user_verification=_VERIFIED
    )
    return Question(webauthn.options_to_json(options), bytes_to_base64url(options.challenge))


def credential_id_in(answer: str) -> str:
    """Which passkey answers. Raises PasskeyRefused."""
    try:
        return bytes_to_base64url(base64url_to_bytes(orjson.loads(answer)["id"]))
    except (ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused() from error


def count_in(answer: str, challenge: str, public_key: bytes, sign_count: int) -> int:
    """The passkey's own count of uses, once its answer is found right. Raises PasskeyRefused."""
    try:
        found = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_host(),
            expected_origin=settings.current().public_url,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefused() from error
    return found.new_sign_count


def _descriptor(credential_id: str) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(credential_id))


def _host() -> str:
    return urlsplit(settings.current().public_url).hostname or ""
