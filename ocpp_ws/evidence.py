"""What the proxy saw of a charger's TLS connection, from headers that are believed only where there is a proxy.

`deploy/proxy/` has samples that set them, and remove the ones a client sends itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CLIENT_CERTIFICATE, CLIENT_VERIFIED = "HTTP_X_SSL_CLIENT_CERT", "HTTP_X_SSL_CLIENT_VERIFY"
_VERSION, _CIPHER, _NAME = "HTTP_X_SSL_VERSION", "HTTP_X_SSL_CIPHER", "HTTP_X_SSL_SNI"
_FORWARDED = "HTTP_X_FORWARDED_PROTO"
_LONGEST = 100
_GOOD = ("0", "SUCCESS")  # as HAProxy and nginx say it


@dataclass(frozen=True, slots=True)
class Evidence:
    """How somebody came: by TLS or not, and with which certificate (text in the proxy's own form; empty: none).

    `verified`: the proxy found it signed by one of ours. The certificate itself is judged by `fitting_certificate`.
    `version`, `cipher` and `name` (SNI) are the proxy's words for the TLS connection, for people to read.
    """

    tls: bool = False
    certificate: str = ""
    verified: bool = False
    version: str = ""
    cipher: str = ""
    name: str = ""


NOTHING = Evidence()


def evidence_in(environ: Mapping[str, Any]) -> Evidence:
    """What the headers of the proxy say."""
    version, cipher, name = (str(environ.get(key, "")).strip()[:_LONGEST] for key in (_VERSION, _CIPHER, _NAME))
    tls = bool(version) or str(environ.get(_FORWARDED, "")).strip().lower() == "https"
    certificate = str(environ.get(CLIENT_CERTIFICATE, "")).strip() if tls else ""
    verified = bool(certificate) and str(environ.get(CLIENT_VERIFIED, "")).strip() in _GOOD
    version = version.replace("tls1", "TLSv1")  # Caddy's word, as the others say it
    return Evidence(tls, certificate, verified, version or ("TLS" if tls else ""), cipher, name)
