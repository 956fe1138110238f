"""Everything an operator of the software can set, read once from the environment.

A wrong value stops the program at its start and names the variable, so nobody has to find out later.
Secrets may come from a file instead: `SECRET_KEY_FILE=/run/secrets/key` stands for `SECRET_KEY=<its content>`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal

from kit.settings.environment import (
    LOOPBACK,
    SHORTEST_SECRET,
    SWISSTOPO_TILES,
    PaymentProviderName,
    SettingsError,
    Source,
)

__all__ = ["LOOPBACK", "SHORTEST_SECRET", "SWISSTOPO_TILES", "Settings", "SettingsError", "current", "use"]

Role = Literal["all", "web", "hub", "worker"]
KeyKind = Literal["ec", "rsa"]
LogFormat = Literal["console", "json"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of one process. Each field is the environment variable of the same name in capitals."""

    # where it runs
    role: Role
    host: str
    port: int
    threads: int
    public_url: str  # no slash at the end; QR codes, mails and charger addresses start with it
    trusted_proxies: int  # how many proxies in front may add to X-Forwarded-*
    demo: bool
    lan: bool
    # what it keeps
    var_dir: Path
    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    secret_key: str = field(repr=False)
    encryption_keys: tuple[str, ...] = field(repr=False)  # Fernet keys; the first encrypts, all decrypt
    # certificates of chargers
    ca_key: KeyKind
    certificates_dir: Path  # what the proxy reads: our roots, and what was revoked
    station_certificate_days: int
    security_event_days: int  # how long reports of chargers about their safety are kept
    connection_log_days: int
    command_days: int  # how long commands, work orders and the stories of files are kept once they are over
    doubt_days: int  # how long doubts are kept once somebody has looked at them
    audit_days: int  # how long it is known who did what
    origin_days: int  # how long network addresses and browsers of those are known
    message_log_days: int  # how long it is known what chargers and the platform said to each other
    # files of chargers; files_url None: var_dir/files
    files_url: str | None
    s3_endpoint: str | None
    s3_region: str
    s3_access_key: str | None = field(repr=False)
    s3_secret_key: str | None = field(repr=False)
    upload_most_mb: int  # the largest file that a charger may send
    firmware_most_mb: int
    file_days: int  # how long what chargers sent is kept
    # mail; smtp_url None: letters are written to var_dir/mail
    smtp_url: str | None = field(repr=False)
    mail_from: str
    # signing in with the login of another platform, by OpenID Connect; login_issuer None: not offered
    login_issuer: str | None
    login_client_id: str | None
    login_client_secret: str | None = field(repr=False)
    login_name: str  # what the button says
    # smart-me; smart_me_url None: nothing of it is to be seen
    smart_me_url: str | None
    smart_me_client_id: str | None
    smart_me_client_secret: str | None = field(repr=False)
    smart_me_partner_key: str | None = field(repr=False)  # opens accounts there
    smart_me_inbound_secret: str | None = field(repr=False)  # what it signs with when it tells us something
    # what people see
    brand_name: str
    brand_logo: str | None
    imprint_name: str
    imprint_address: str
    imprint_email: str
    terms_version: str
    map_tiles_url: str
    # money
    payment_provider: PaymentProviderName
    stripe_secret_key: str | None = field(repr=False)
    stripe_webhook_secret: str | None = field(repr=False)
    stripe_api_base: str | None  # None: the provider's own address
    platform_fee_percent: Decimal
    hold_default_minor: int
    # calling programs of others
    webhook_private_addresses: bool  # by http and into the own network too; for trying out
    # who sends invoices to operators; without an address and an IBAN no licences are sold, and all functions are free
    platform_street: str
    platform_postcode: str
    platform_city: str
    platform_country: str
    platform_uid: str
    platform_vat_registered: bool
    platform_iban: str
    plans_file: Path | None  # None: the shipped plans
    # watching it
    metrics_token: str | None = field(repr=False)
    metrics_port: int | None
    log_format: LogFormat
    log_level: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and judge all settings; raises SettingsError at the first wrong one.

        In demo mode missing secrets are made at random and kept in `var_dir`, readable by the owner only.
        """
        source = Source(environ)
        blocks = (
            source.place(),
            source.store(),
            source.certificates(),
            source.files(),
            source.login(),
            source.smart_me(),
            source.public(),
            source.money(),
            source.calling(),
            source.licences(),
            source.watching(),
        )
        return cls(**{name: value for block in blocks for name, value in block.items()})

    @property
    def sells_licences(self) -> bool:
        """Whether operators pay for functions; the platform must be able to write an invoice."""
        return all((self.platform_street, self.platform_postcode, self.platform_city, self.platform_iban))

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies are sent over TLS only."""
        return self.public_url.startswith("https://")

    @property
    def transfers_at_once(self) -> int:
        """How many files may be on their way to and from chargers at once; the other threads stay free for pages."""
        return max(2, self.threads // 2)

    @property
    def mail_dir(self) -> Path:
        """Where letters are written when there is no mail server."""
        return self.var_dir / "mail"

    @property
    def files_dir(self) -> Path:
        """Where files are kept when there is no bucket; part of every backup."""
        return self.var_dir / "files"

    @property
    def incoming_dir(self) -> Path:
        """Where files are written until they are complete; on the same disk as `files_dir`."""
        return self.var_dir / "incoming"


_settings: Settings | None = None


def use(settings: Settings) -> None:
    """Make these the settings of the process; called once by `wsgi.py` (and by tests)."""
    global _settings
    _settings = settings


def current() -> Settings:
    """The settings of the process, for the rooms; surfaces get theirs from `create_app`."""
    assert _settings is not None, "kit.settings.use() was not called"
    return _settings
