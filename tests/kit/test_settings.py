"""The environment becomes settings, or a refusal that names the variable."""

import stat
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from kit.settings import SWISSTOPO_TILES, Settings, SettingsError

KEY = Fernet.generate_key().decode()
OLD_KEY = Fernet.generate_key().decode()


@pytest.fixture
def demo(tmp_path: Path) -> dict[str, str]:
    return {"DEMO": "1", "VAR_DIR": str(tmp_path / "var")}


@pytest.fixture
def live(tmp_path: Path) -> dict[str, str]:
    return {
        "VAR_DIR": str(tmp_path / "var"),
        "PUBLIC_URL": "https://charge.example.com",
        "SECRET_KEY": "s" * 48,
        "ENCRYPTION_KEYS": KEY,
        "SMTP_URL": "smtp://user:pass@mail.example.com:587?starttls=1",
        "MAIL_FROM": "Charging <noreply@example.com>",
        "IMPRINT_NAME": "Muster AG",
        "IMPRINT_ADDRESS": "Weg 1, 8000 Zürich",
        "IMPRINT_EMAIL": "info@example.com",
        "PAYMENT_PROVIDER": "stripe",
        "STRIPE_SECRET_KEY": "sk_live_1",
        "STRIPE_WEBHOOK_SECRET": "whsec_1",
    }


def test_the_demo_needs_no_setting_at_all(demo: dict[str, str], tmp_path: Path) -> None:
    settings = Settings.from_environ(demo)
    assert settings.database_url == f"sqlite:///{tmp_path}/var/platform.db"
    assert (settings.role, settings.host, settings.port, settings.threads) == ("all", "127.0.0.1", 8000, 16)
    assert settings.public_url == "http://localhost:8000"
    assert (settings.redis_url, settings.smtp_url, settings.stripe_api_base) == (None, None, None)
    assert settings.payment_provider == "sandbox"
    assert (settings.platform_fee_percent, settings.hold_default_minor) == (Decimal(10), 6000)
    assert settings.map_tiles_url == SWISSTOPO_TILES
    assert (settings.log_format, settings.log_level, settings.secure_cookies) == ("console", "info", False)
    assert settings.mail_dir == tmp_path / "var" / "mail"


def test_the_demo_keeps_its_random_secrets_for_the_owner_only(demo: dict[str, str], tmp_path: Path) -> None:
    first = Settings.from_environ(demo)
    second = Settings.from_environ(demo)
    other = Settings.from_environ({**demo, "VAR_DIR": str(tmp_path / "other")})
    assert (first.secret_key, first.encryption_keys) == (second.secret_key, second.encryption_keys)
    assert first.secret_key != other.secret_key
    assert sorted(path.name for path in first.var_dir.iterdir()) == ["encryption_keys", "secret_key"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in first.var_dir.iterdir()} == {0o600}


def test_a_live_platform_reads_every_setting(live: dict[str, str]) -> None:
    settings = Settings.from_environ(
        {
            **live,
            "PUBLIC_URL": "https://charge.example.com/",
            "ENCRYPTION_KEYS": f"{KEY}, {OLD_KEY}",
            "DATABASE_URL": "postgres://u:p@db/name",
            "REDIS_URL": "redis://localhost:6379/0",
            "ROLE": "hub",
            "HOST": "0.0.0.0",
            "PORT": "8080",
            "TRUSTED_PROXIES": "1",
            "PLATFORM_FEE_PERCENT": "7.5",
            "METRICS_PORT": "9100",
            "LOG_LEVEL": "WARNING",
        }
    )
    assert settings.public_url == "https://charge.example.com"
    assert settings.encryption_keys == (KEY, OLD_KEY)
    assert settings.database_url == "postgresql+psycopg://u:p@db/name"
    assert (settings.role, settings.host, settings.port, settings.trusted_proxies) == ("hub", "0.0.0.0", 8080, 1)
    assert settings.platform_fee_percent == Decimal("7.5")
    assert (settings.metrics_port, settings.log_format, settings.log_level) == (9100, "json", "warning")
    assert settings.secure_cookies is True


def test_secrets_come_from_files_too(live: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40 + "\n")
    (tmp_path / "keys").write_text(f"{KEY}\n{OLD_KEY}\n")
    del live["SECRET_KEY"], live["ENCRYPTION_KEYS"]
    live |= {"SECRET_KEY_FILE": str(tmp_path / "key"), "ENCRYPTION_KEYS_FILE": str(tmp_path / "keys")}
    settings = Settings.from_environ(live)
    assert (settings.secret_key, settings.encryption_keys) == ("k" * 40, (KEY, OLD_KEY))


@pytest.mark.parametrize(
    "missing",
    [
        "PUBLIC_URL",
        "SECRET_KEY",
        "ENCRYPTION_KEYS",
        "SMTP_URL",
        "MAIL_FROM",
        "IMPRINT_NAME",
        "IMPRINT_ADDRESS",
        "IMPRINT_EMAIL",
        "STRIPE_SECRET_KEY",
        "STRIPE_WEBHOOK_SECRET",
    ],
)
def test_outside_the_demo_a_missing_setting_is_named(live: dict[str, str], missing: str) -> None:
    del live[missing]
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environ(live)
    assert refusal.value.variable == missing
    assert str(refusal.value).startswith(f"{missing}: is missing")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DEMO", "perhaps"),
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("THREADS", "0"),
        ("ROLE", "boss"),
        ("PUBLIC_URL", "charge.example.com"),
        ("PUBLIC_URL", "https://charge.example.com/path"),
        ("PUBLIC_URL", "https://charge.example.com:port"),
        ("PUBLIC_URL", "http://charge.example.com"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DATABASE_URL", "sqlite://"),
        ("REDIS_URL", "localhost:6379"),
        ("SECRET_KEY", "short"),
        ("ENCRYPTION_KEYS", "not-a-key"),
        ("ENCRYPTION_KEYS", ","),
        ("SMTP_URL", "mail.example.com"),
        ("MAIL_FROM", "nobody"),
        ("MAP_TILES_URL", "https://tiles.example.com/"),
        ("PAYMENT_PROVIDER", "cash"),
        ("STRIPE_API_BASE", "localhost"),
        ("PLATFORM_FEE_PERCENT", "ten"),
        ("PLATFORM_FEE_PERCENT", "NaN"),
        ("PLATFORM_FEE_PERCENT", "100"),
        ("HOLD_DEFAULT_MINOR", "0"),
        ("METRICS_PORT", "-1"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "loud"),
        ("TRUSTED_PROXIES", "-1"),
        ("SECRET_KEY_FILE", "/there/is/no/such/file"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(live: dict[str, str], variable: str, value: str) -> None:
    if variable == "SECRET_KEY_FILE":
        del live["SECRET_KEY"]
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environ({**live, variable: value})
    assert refusal.value.variable == variable


def test_a_secret_given_twice_is_refused(live: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40)
    with pytest.raises(SettingsError, match=r"^SECRET_KEY: is set twice"):
        Settings.from_environ({**live, "SECRET_KEY_FILE": str(tmp_path / "key")})


@pytest.mark.parametrize("role", ["web", "hub", "worker"])
def test_several_processes_without_redis_are_refused(live: dict[str, str], role: str) -> None:
    with pytest.raises(SettingsError, match=r"^REDIS_URL: is missing"):
        Settings.from_environ({**live, "ROLE": role})


def test_the_sandbox_takes_no_real_customers_unless_allowed(live: dict[str, str]) -> None:
    live["PAYMENT_PROVIDER"] = "sandbox"
    with pytest.raises(SettingsError, match=r"^PAYMENT_PROVIDER: "):
        Settings.from_environ(live)
    assert Settings.from_environ({**live, "ALLOW_SANDBOX": "1"}).payment_provider == "sandbox"


def test_the_demo_leaves_this_machine_only_when_asked_to(demo: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"^HOST: "):
        Settings.from_environ({**demo, "HOST": "0.0.0.0"})
    assert Settings.from_environ({**demo, "LAN": "1"}).host == "0.0.0.0"


def test_secrets_do_not_show_when_settings_are_printed(live: dict[str, str]) -> None:
    text = repr(Settings.from_environ({**live, "METRICS_TOKEN": "metrics-secret"}))
    for secret in ("s" * 48, KEY, "user:pass", "sk_live_1", "whsec_1", "metrics-secret"):
        assert secret not in text


def test_every_setting_is_described_for_operators() -> None:
    words = (Path(__file__).parents[2] / "docs" / "deploy.md").read_text(encoding="utf-8")
    described = {line.split("`")[1] for line in words.splitlines() if line.startswith("| `") and line[3].isupper()}
    assert described == {field.name.upper() for field in fields(Settings)}
