"""Reads settings from the environment, one by one, and judges each."""

import os
import secrets
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from schwifty import IBAN

PaymentProviderName = Literal["sandbox", "stripe"]

SWISSTOPO_TILES = "https://wmts.geo.admin.ch/1.0.0/ch.swisstopo.pixelkarte-farbe/default/current/3857/{z}/{x}/{y}.jpeg"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SHORTEST_SECRET = 32

_TRUE = ("1", "true", "yes", "on")
_FALSE = ("0", "false", "no", "off")


class SettingsError(Exception):
    """A setting is missing or wrong; `variable` is the name of the environment variable."""

    def __init__(self, variable: str, problem: str) -> None:
        super().__init__(f"{variable}: {problem}")
        self.variable = variable
        self.problem = problem


class Source:
    """Reads single values from the environment, with the rules that hold for several of them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.demo = self.flag("DEMO")
        self.var_dir = Path(self.text("VAR_DIR") or "var").absolute()

    def text(self, name: str) -> str | None:
        """The value without blanks around it; None when empty or missing."""
        return self.environ.get(name, "").strip() or None

    def secret(self, name: str) -> str | None:
        """A value that may be given as the content of the file NAME_FILE."""
        path = self.text(f"{name}_FILE")
        if path is None:
            return self.text(name)
        if self.text(name) is not None:
            raise SettingsError(name, f"is set twice; keep either {name} or {name}_FILE")
        try:
            return Path(path).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{name}_FILE", f"cannot be read ({error.__class__.__name__}: {path})") from error

    def flag(self, name: str) -> bool:
        value = (self.text(name) or "0").lower()
        if value not in _TRUE + _FALSE:
            raise SettingsError(name, "must be 1 or 0")
        return value in _TRUE

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        text = self.text(name)
        try:
            value = default if text is None else int(text)
        except ValueError as error:
            raise SettingsError(name, f"must be a whole number, not {text!r}") from error
        if not least <= value <= most:
            raise SettingsError(name, f"must be between {least} and {most}")
        return value

    def choice(self, name: str, default: str, choices: Iterable[str]) -> str:
        value = self.text(name) or default
        if value not in choices:
            raise SettingsError(name, f"must be one of {', '.join(choices)}, not {value!r}")
        return value

    def required(self, name: str, demo_default: str) -> str:
        """A text that only the demo may leave out."""
        value = self.text(name)
        if value is not None:
            return value
        if not self.demo:
            raise SettingsError(name, "is missing")
        return demo_default

    def url(self, name: str, value: str, schemes: tuple[str, ...]) -> str:
        try:
            parts = urlsplit(value)
            _ = parts.port  # a port that is no number shows only when it is asked for
        except ValueError as error:
            raise SettingsError(name, "is not an address") from error
        if parts.scheme not in schemes:
            raise SettingsError(name, f"must start with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return value

    def place(self) -> dict[str, Any]:
        lan = self.flag("LAN")
        host = self.text("HOST") or ("0.0.0.0" if lan else "127.0.0.1")  # noqa: S104  # asked for with LAN=1
        if self.demo and not lan and host not in LOOPBACK:
            raise SettingsError("HOST", "the demo listens on this machine only; LAN=1 opens it to the local network")
        port = self.number("PORT", 8000, least=1, most=65535)
        return {
            "role": self.choice("ROLE", "all", ("all", "web", "hub", "worker")),
            "host": host,
            "port": port,
            "threads": self.number("THREADS", 16, least=1, most=512),
            "public_url": self.public_url(port),
            "trusted_proxies": self.number("TRUSTED_PROXIES", 0, least=0, most=10),
            "demo": self.demo,
            "lan": lan,
        }

    def public_url(self, port: int) -> str:
        url = self.required("PUBLIC_URL", f"http://localhost:{port}").rstrip("/")
        parts = urlsplit(self.url("PUBLIC_URL", url, ("http", "https")))
        if not parts.hostname or parts.path or parts.query or parts.fragment:
            raise SettingsError("PUBLIC_URL", "must be scheme and host only, such as https://charge.example.com")
        if not self.demo and parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise SettingsError("PUBLIC_URL", "must start with https:// outside the demo")
        return url

    def store(self) -> dict[str, Any]:
        redis_url = self.secret("REDIS_URL")
        if redis_url is not None:
            self.url("REDIS_URL", redis_url, ("redis", "rediss"))
        elif (self.text("ROLE") or "all") != "all":
            raise SettingsError("REDIS_URL", "is missing: several processes (ROLE) speak to each other through Redis")
        return {
            "var_dir": self.var_dir,
            "database_url": self.database_url(),
            "redis_url": redis_url,
            "secret_key": self.secret_key(),
            "encryption_keys": self.encryption_keys(),
        }

    def database_url(self) -> str:
        url = self.secret("DATABASE_URL")
        if url is None:
            return f"sqlite:///{self.var_dir / 'platform.db'}"
        scheme, separator, rest = url.partition("://")
        if scheme in ("postgres", "postgresql", "postgresql+psycopg") and separator:
            return f"postgresql+psycopg://{rest}"
        if scheme == "sqlite" and rest.strip("/"):
            return url
        raise SettingsError("DATABASE_URL", "must start with postgresql:// or be sqlite:/// and a path")

    def secret_key(self) -> str:
        value = self.secret("SECRET_KEY")
        if value is None and self.demo:
            value = self.kept("secret_key", secrets.token_urlsafe(48))
        if value is None:
            raise SettingsError(
                "SECRET_KEY", "is missing; make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        if len(value) < SHORTEST_SECRET:
            raise SettingsError("SECRET_KEY", f"is too short; it needs {SHORTEST_SECRET} characters")
        return value

    def encryption_keys(self) -> tuple[str, ...]:
        value = self.secret("ENCRYPTION_KEYS")
        if value is None and self.demo:
            value = self.kept("encryption_keys", Fernet.generate_key().decode("ascii"))
        if value is None:
            raise SettingsError("ENCRYPTION_KEYS", "is missing; make one with: openssl rand -base64 32 | tr '+/' '-_'")
        keys = tuple(key for key in value.replace("\n", ",").replace(" ", "").split(",") if key)
        for position, key in enumerate(keys, start=1):
            try:
                Fernet(key)
            except ValueError as error:
                raise SettingsError("ENCRYPTION_KEYS", f"number {position} is not a Fernet key") from error
        if not keys:
            raise SettingsError("ENCRYPTION_KEYS", "is missing")
        return keys

    def certificates(self) -> dict[str, Any]:
        return {
            "ca_key": self.choice("CA_KEY", "ec", ("ec", "rsa")),
            "certificates_dir": Path(self.text("CERTIFICATES_DIR") or self.var_dir / "certificates").absolute(),
            "station_certificate_days": self.number("STATION_CERTIFICATE_DAYS", 365, least=31, most=1095),
            "security_event_days": self.number("SECURITY_EVENT_DAYS", 365, least=1, most=3650),
            "connection_log_days": self.number("CONNECTION_LOG_DAYS", 90, least=1, most=3650),
            "command_days": self.number("COMMAND_DAYS", 730, least=1, most=3650),
            "doubt_days": self.number("DOUBT_DAYS", 730, least=1, most=3650),
            "audit_days": self.number("AUDIT_DAYS", 730, least=30, most=4000),
            "origin_days": self.number("ORIGIN_DAYS", 180, least=1, most=730),
            "message_log_days": self.number("MESSAGE_LOG_DAYS", 90, least=1, most=3650),
        }

    def files(self) -> dict[str, Any]:
        url, endpoint = self.text("FILES_URL"), self.text("S3_ENDPOINT")
        if url is not None and not urlsplit(self.url("FILES_URL", url, ("s3",))).netloc:
            raise SettingsError("FILES_URL", "must name a bucket, such as s3://bucket/folder")
        if endpoint is not None:
            self.url("S3_ENDPOINT", endpoint, ("http", "https"))
        return {
            "files_url": url,
            "s3_endpoint": endpoint,
            "s3_region": self.text("S3_REGION") or "us-east-1",
            "s3_access_key": self.secret("S3_ACCESS_KEY"),
            "s3_secret_key": self.secret("S3_SECRET_KEY"),
            "upload_most_mb": self.number("UPLOAD_MOST_MB", 100, least=1, most=5000),
            "firmware_most_mb": self.number("FIRMWARE_MOST_MB", 512, least=1, most=5000),
            "file_days": self.number("FILE_DAYS", 90, least=1, most=3650),
        }

    def kept(self, name: str, fresh: str) -> str:
        """The demo's own secret: the one from the last start, or `fresh`, now written down.

        Written aside and linked, so that two processes that start together agree on one.
        """
        path = self.var_dir / name
        if not path.exists():
            self.var_dir.mkdir(parents=True, exist_ok=True)
            aside = self.var_dir / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(fresh)
            try:
                os.link(aside, path)
            except FileExistsError:
                pass
            finally:
                aside.unlink()
        return path.read_text(encoding="utf-8").strip()

    def public(self) -> dict[str, Any]:
        smtp_url = self.secret("SMTP_URL")
        if smtp_url is not None:
            self.url("SMTP_URL", smtp_url, ("smtp", "smtps"))
        elif not self.demo:
            raise SettingsError("SMTP_URL", "is missing, such as smtp://user:password@mail.example.com:587?starttls=1")
        tiles = self.url("MAP_TILES_URL", self.text("MAP_TILES_URL") or SWISSTOPO_TILES, ("http", "https"))
        if not all(part in tiles for part in ("{z}", "{x}", "{y}")):
            raise SettingsError("MAP_TILES_URL", "must contain {z}, {x} and {y}")
        return {
            "smtp_url": smtp_url,
            "mail_from": self.address("MAIL_FROM", "charging@demo.example"),
            "brand_name": self.text("BRAND_NAME") or "Charging Platform",
            "brand_logo": self.text("BRAND_LOGO"),
            "imprint_name": self.required("IMPRINT_NAME", "Demo platform"),
            "imprint_address": self.required("IMPRINT_ADDRESS", "Musterstrasse 1, 8000 Zürich"),
            "imprint_email": self.address("IMPRINT_EMAIL", "contact@demo.example"),
            "terms_version": self.text("TERMS_VERSION") or "1",
            "map_tiles_url": tiles,
        }

    def login(self) -> dict[str, Any]:
        issuer = self.text("LOGIN_ISSUER")
        given = {
            "login_client_id": self.text("LOGIN_CLIENT_ID"),
            "login_client_secret": self.secret("LOGIN_CLIENT_SECRET"),
        }
        if issuer is not None:
            self.url("LOGIN_ISSUER", issuer, ("http", "https") if self.demo else ("https",))
            for name, value in given.items():
                if value is None:
                    raise SettingsError(name.upper(), "is missing")
        return {
            "login_issuer": issuer,
            **given,
            "login_name": self.text("LOGIN_NAME") or (urlsplit(issuer or "").hostname or ""),
        }

    def smart_me(self) -> dict[str, Any]:
        url = self.text("SMART_ME_URL")
        names = ("client_id", "client_secret", "partner_key", "inbound_secret")
        given = {f"smart_me_{name}": self.secret(f"SMART_ME_{name.upper()}") for name in names}
        if url is not None:
            self.url("SMART_ME_URL", url, ("http", "https") if self.demo else ("https",))
            for name in ("smart_me_client_id", "smart_me_client_secret"):
                if given[name] is None:
                    raise SettingsError(name.upper(), "is missing")
        return {"smart_me_url": url.rstrip("/") if url else None, **given}

    def address(self, name: str, demo_default: str) -> str:
        """An e-mail address; a display name before it in angle-bracket form is fine."""
        value = self.required(name, demo_default)
        local, _, domain = value.rstrip(">").rpartition("@")
        if not local or not domain or "\n" in value:
            raise SettingsError(name, "is not an e-mail address")
        return value

    def money(self) -> dict[str, Any]:
        provider = cast(PaymentProviderName, self.choice("PAYMENT_PROVIDER", "sandbox", ("sandbox", "stripe")))
        if provider == "sandbox" and not self.demo and not self.flag("ALLOW_SANDBOX"):
            raise SettingsError("PAYMENT_PROVIDER", "sandbox takes no real money; set stripe, or ALLOW_SANDBOX=1")
        stripe = {name: self.secret(name.upper()) for name in ("stripe_secret_key", "stripe_webhook_secret")}
        for name, value in stripe.items():
            if provider == "stripe" and value is None:
                raise SettingsError(name.upper(), "is missing")
        api_base = self.text("STRIPE_API_BASE")
        if api_base is not None:
            self.url("STRIPE_API_BASE", api_base, ("http", "https"))
        return {
            "payment_provider": provider,
            **stripe,
            "stripe_api_base": api_base,
            "platform_fee_percent": self.percent("PLATFORM_FEE_PERCENT", Decimal(10)),
            "hold_default_minor": self.number("HOLD_DEFAULT_MINOR", 6000, least=50, most=100_000_00),
        }

    def licences(self) -> dict[str, Any]:
        made_up = dict.fromkeys(("STREET", "POSTCODE", "CITY", "UID", "IBAN"), "")
        if self.demo:
            made_up = {
                "STREET": "Musterstrasse 1",
                "POSTCODE": "8000",
                "CITY": "Zürich",
                "UID": "CHE-999.999.996",
                "IBAN": "CH9300762011623852957",
            }
        texts = {f"platform_{part.lower()}": self.text(f"PLATFORM_{part}") or usual for part, usual in made_up.items()}
        iban = IBAN(texts["platform_iban"], allow_invalid=True)
        if iban and not (iban.is_valid and iban.country_code in ("CH", "LI")):
            raise SettingsError("PLATFORM_IBAN", "must be an IBAN of Switzerland or Liechtenstein")
        plans = self.text("PLANS_FILE")
        if plans is not None and not Path(plans).is_file():
            raise SettingsError("PLANS_FILE", "is no file")
        return {
            **texts,
            "platform_iban": str(iban),
            "platform_country": self.choice("PLATFORM_COUNTRY", "CH", ("CH", "LI")),
            "platform_vat_registered": self.demo or self.flag("PLATFORM_VAT_REGISTERED"),
            "plans_file": None if plans is None else Path(plans).absolute(),
        }

    def percent(self, name: str, default: Decimal) -> Decimal:
        text = self.text(name)
        try:
            value = default if text is None else Decimal(text)
        except InvalidOperation as error:
            raise SettingsError(name, f"must be a number, not {text!r}") from error
        if not value.is_finite() or not 0 <= value < 100:
            raise SettingsError(name, "must be 0 or more and less than 100")
        return value

    def calling(self) -> dict[str, Any]:
        return {"webhook_private_addresses": self.flag("WEBHOOK_PRIVATE_ADDRESSES")}

    def watching(self) -> dict[str, Any]:
        port = self.text("METRICS_PORT")
        level = (self.text("LOG_LEVEL") or "info").lower()
        if level not in ("debug", "info", "warning", "error"):
            raise SettingsError("LOG_LEVEL", "must be debug, info, warning or error")
        return {
            "metrics_token": self.secret("METRICS_TOKEN"),
            "metrics_port": None if port is None else self.number("METRICS_PORT", 0, least=1, most=65535),
            "log_format": self.choice("LOG_FORMAT", "console" if self.demo else "json", ("console", "json")),
            "log_level": level,
        }
