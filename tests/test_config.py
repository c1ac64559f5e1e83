"""Configuration: production starts with everything safe or not at all, and names what is wrong."""

from pathlib import Path

import pytest

import config as configuration
from app import gateways

SAFE = {
    "RODNIK_ENV": "production",
    "SECRET_KEY": "s" * 40,
    "GATEWAY": "moneta",
    "MONETA_ID": "1",
    "MONETA_CODE": "code",
    "MONETA_URL": "https://pay.example.org/assistant.htm",
    "PUBLIC_URL": "https://cabinet.example.org",
    "TRUSTED_HOSTS": "cabinet.example.org",
    "MAIL_SERVER": "mail.example.org",
    "MAIL_DEFAULT_SENDER": "no-reply@example.org",
    "DATABASE_URL": "postgresql://rodnik@db/rodnik",
}


def test_a_safe_production_configuration_loads() -> None:
    loaded = configuration.load(SAFE)
    assert loaded.SESSION_COOKIE_SECURE
    assert loaded.FAB_PASSWORD_HASH_METHOD == "scrypt"
    assert loaded.SQLALCHEMY_DATABASE_URI.startswith("postgresql+psycopg://")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": configuration.DEV_SECRET * 3}, "SECRET_KEY"),
        ({"GATEWAY": "sandbox"}, "GATEWAY"),
        ({"MONETA_CODE": ""}, "MONETA_CODE"),
        ({"PUBLIC_URL": "http://cabinet.example.org"}, "PUBLIC_URL"),
        ({"TRUSTED_HOSTS": ""}, "TRUSTED_HOSTS"),
        ({"MAIL_SERVER": ""}, "MAIL_SERVER"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
        ({"MONETA_TEST_MODE": "1"}, "MONETA_TEST_MODE"),
        ({"MONETA_CODE": "one,two,three"}, "MONETA_CODE"),
        ({"MONETA_API_URL": "https://api.example.org/services"}, "MONETA_API_USER"),
        ({"MONETA_API_USER": "utility", "MONETA_API_PASSWORD": "secret"}, "MONETA_API_URL"),
    ],
    ids=lambda value: str(value),
)
def test_production_refuses_an_unsafe_setting_by_name(change: dict[str, str], named: str) -> None:
    with pytest.raises(configuration.ConfigError, match=named):
        configuration.load({**SAFE, **change})


def test_two_codes_are_taken_while_they_change_and_the_interface_with_its_user() -> None:
    api = {"MONETA_API_URL": "https://api.example.org/services", "MONETA_API_USER": "u", "MONETA_API_PASSWORD": "p"}
    loaded = configuration.load({**SAFE, **api, "MONETA_CODE": "new,old"})
    assert loaded.MONETA_CODES == ["new", "old"]
    gateway = gateways.from_config(vars(loaded))
    assert (gateway.can_be_asked, gateway.is_test, gateway.name) == (True, False, "moneta")
    assert not gateways.from_config(vars(configuration.load(SAFE))).can_be_asked


@pytest.mark.parametrize("port", ["eighty", "-1", "99999", "٨٠٨٠"])
def test_a_port_that_is_no_port_is_named(port: str, tmp_path: Path) -> None:
    with pytest.raises(configuration.ConfigError, match="PORT"):
        configuration.load({"PORT": port, "DATA_DIR": str(tmp_path)})


def test_the_secret_of_a_first_start_is_kept(tmp_path: Path) -> None:
    first = configuration.load({"DATA_DIR": str(tmp_path)}).SECRET_KEY
    assert len(first) == 64
    assert first == configuration.load({"DATA_DIR": str(tmp_path)}).SECRET_KEY


def test_an_unknown_environment_is_refused() -> None:
    with pytest.raises(configuration.ConfigError, match="RODNIK_ENV"):
        configuration.load({"RODNIK_ENV": "prod"})
