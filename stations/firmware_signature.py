"""Whether a manufacturer's signature fits a firmware file: RSA or ECDSA over the file's SHA-256."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from stations.pem import certificate_in

LONGEST_SIGNATURE = 800  # signs, as OCPP has it
_DIGEST = Prehashed(SHA256())
_RSA_PADDINGS = (padding.PKCS1v15(), padding.PSS(padding.MGF1(SHA256()), padding.PSS.AUTO))


def signature_fits(sha256: str, signature: str, certificate: str) -> bool:
    """Whether the key of the certificate made this signature (base64) of a file with this SHA-256 (hex).

    RSA signatures may be padded by PKCS #1 v1.5 or by PSS: the standard leaves it open, and stations know theirs.
    """
    found, raw = certificate_in(certificate), _decoded(signature)
    if found is None or raw is None:
        return False
    digest = bytes.fromhex(sha256)
    try:
        key = found.public_key()
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(raw, digest, ec.ECDSA(_DIGEST))
            return True
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return isinstance(key, rsa.RSAPublicKey) and any(_rsa_fits(key, raw, digest, each) for each in _RSA_PADDINGS)


def _rsa_fits(key: rsa.RSAPublicKey, raw: bytes, digest: bytes, how: padding.AsymmetricPadding) -> bool:
    try:
        key.verify(raw, digest, how, _DIGEST)
    except InvalidSignature:
        return False
    return True


def _decoded(signature: str) -> bytes | None:
    try:
        return base64.b64decode("".join(signature.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
