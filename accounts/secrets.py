"""Secrets of which only a hash is kept."""

import hashlib


def fingerprint(secret: str) -> str:
    """What is stored of a long random secret; nobody finds the way back."""
    return hashlib.sha256(secret.encode()).hexdigest()
