"""Every setting of the application, and the only reader of the environment.

`load()` makes the configuration of this process. In production it refuses to start with anything unsafe and
names what is wrong, one line each (`ConfigError`).
"""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
DEV_SECRET = "development-only, never of a production"  # noqa: S105 - refused there


class ConfigError(Exception):
    """The environment does not make a working or a safe configuration."""


class Config:
    """What is the same everywhere. Upper-case attributes and properties become Flask's configuration."""

    ENVIRONMENT = "development"
    APP_NAME = "Rodnik"
    VERSION = "0.1.0"
    TIMEZONE = "Asia/Yekaterinburg"
    LANGUAGES = {"ru": {"name": "Русский", "flag": "ru"}, "en": {"name": "English", "flag": "gb"}}
    BABEL_DEFAULT_LOCALE = "ru"
    BABEL_TRANSLATION_DIRECTORIES = str(ROOT / "app" / "translations")

    # FAB: migrations own the tables, `flask init` the permissions, roles are rows
    FAB_CREATE_DB = False
    FAB_UPDATE_PERMS = False
    FAB_ADD_SECURITY_API = False
    FAB_API_SWAGGER_UI = True
    FAB_API_MAX_PAGE_SIZE = 100
    FAB_ROLES: dict[str, Any] = {}
    AUTH_TYPE = 1
    AUTH_USERNAME_CI = True
    AUTH_USER_REGISTRATION = False
    AUTH_RATE_LIMITED = False
    FAB_PASSWORD_HASH_METHOD = "scrypt"  # noqa: S105 - a name of a method
    RATELIMIT_ENABLED = False
    RATELIMIT_STORAGE_URI = "memory://"  # the limiter warns without one, though it is off
    FAB_MENU = "app.panel.menu.PanelMenu"
    FAB_BASE_TEMPLATE = "appbuilder/baselayout.html"

    SQLALCHEMY_TRACK_MODIFICATIONS = False
    WTF_CSRF_TIME_LIMIT = None
    MAX_CONTENT_LENGTH = 1024 * 1024  # what else a request may bring is in app/views/bodies.py
    LARGEST_JSON = 64 * 1024
    LARGEST_IMPORT = 64 * 1024 * 1024
    MAX_FORM_MEMORY_SIZE = 1024 * 1024
    MAX_FORM_PARTS = 500
    PERMANENT_SESSION_LIFETIME = timedelta(days=30)
    SESSION_IDLE = timedelta(hours=12)
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SECURE = False
    JWT_ACCESS_TOKEN_EXPIRES = timedelta(minutes=15)
    JWT_REFRESH_TOKEN_EXPIRES = timedelta(days=1)
    DEMO_ALLOWED = True
    SECOND_FACTOR_DEFAULT = "offered"

    def __init__(self, env: Mapping[str, str]) -> None:
        self.DATA_DIR = Path(env.get("DATA_DIR") or ROOT / "var").resolve()
        self.BIND = env.get("BIND") or "127.0.0.1"
        self.PORT = _number(env, "PORT", 8080)
        self.SANDBOX_PORT = _number(env, "SANDBOX_PORT", self.PORT + 1)
        self.WEB_PROCESSES = _number(env, "WEB_PROCESSES", 2)
        self.PUBLIC_URL = (env.get("PUBLIC_URL") or f"http://localhost:{self.PORT}").rstrip("/")
        self.SQLALCHEMY_DATABASE_URI = _database(env.get("DATABASE_URL") or f"sqlite:///{self.DATA_DIR}/rodnik.db")
        self.REPORTS_DATABASE_URL = _database(env.get("REPORTS_DATABASE_URL") or self.SQLALCHEMY_DATABASE_URI)
        self.QUEUE_URL = env.get("QUEUE_URL") or f"sqlite://{self.DATA_DIR}/queue.db"
        self.SECRET_KEY = env.get("SECRET_KEY") or self._kept_secret()
        hosts = env.get("TRUSTED_HOSTS", "")
        self.TRUSTED_HOSTS = [host.strip() for host in hosts.split(",") if host.strip()] or self._local_hosts()
        self.FAB_SAFE_REDIRECT_HOSTS = ["rodnik.invalid"]  # `next` never leaves the site
        self.PROXIES = _number(env, "TRUSTED_PROXIES", 0)
        self._mail(env)
        self._gateway(env)
        self.ADMIN_PASSWORD = env.get("ADMIN_PASSWORD") or ""
        self.STAFF_SECOND_FACTOR = env.get("STAFF_SECOND_FACTOR") or self.SECOND_FACTOR_DEFAULT
        if self.STAFF_SECOND_FACTOR not in ("required", "offered"):
            raise ConfigError("STAFF_SECOND_FACTOR is 'required' or 'offered'")
        self.SQLALCHEMY_ENGINE_OPTIONS = _engine_options(self.SQLALCHEMY_DATABASE_URI)

    def _kept_secret(self) -> str:
        """A secret made on the first start and kept in the data folder, so that a restart signs nobody out."""
        path = self.DATA_DIR / "secret_key"
        try:
            self.DATA_DIR.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                fresh = path.with_suffix(f".{os.getpid()}")
                fresh.write_text(secrets.token_hex(32))
                fresh.chmod(0o600)
                with suppress(FileExistsError):
                    os.link(fresh, path)  # atomic: of two first starts one wins
                fresh.unlink()
            return path.read_text()
        except OSError as error:
            raise ConfigError(f"DATA_DIR {self.DATA_DIR} cannot be written: {error.strerror}") from error

    def _local_hosts(self) -> list[str]:
        return ["localhost", "127.0.0.1", "[::1]"]

    def _mail(self, env: Mapping[str, str]) -> None:
        self.MAIL_SERVER = env.get("MAIL_SERVER") or ""
        self.MAIL_PORT = _number(env, "MAIL_PORT", 25)
        self.MAIL_USERNAME = env.get("MAIL_USERNAME") or None
        self.MAIL_PASSWORD = env.get("MAIL_PASSWORD") or None
        self.MAIL_USE_TLS = env.get("MAIL_USE_TLS") == "1"
        self.MAIL_USE_SSL = env.get("MAIL_USE_SSL") == "1"
        self.MAIL_DEFAULT_SENDER = env.get("MAIL_DEFAULT_SENDER") or "Rodnik <no-reply@localhost>"
        self.MAIL_TIMEOUT = 20

    def _gateway(self, env: Mapping[str, str]) -> None:
        """MONETA's account, or the embedded sandbox which speaks the same protocol on its own port."""
        self.GATEWAY = env.get("GATEWAY") or "sandbox"
        if self.GATEWAY not in ("sandbox", "moneta"):
            raise ConfigError("GATEWAY is 'sandbox' or 'moneta'")
        self.MONETA_ID = env.get("MONETA_ID") or "54600817"
        self.MONETA_CODES = [code for code in env.get("MONETA_CODE", "").split(",") if code] or [self._sandbox_code()]
        self.MONETA_URL = env.get("MONETA_URL") or f"http://localhost:{self.SANDBOX_PORT}/assistant.htm"
        own = self._sandbox_api() if self.GATEWAY == "sandbox" else ("", "", "")
        self.MONETA_API_URL = env.get("MONETA_API_URL") or own[0]
        self.MONETA_API_USER = env.get("MONETA_API_USER") or own[1]
        self.MONETA_API_PASSWORD = env.get("MONETA_API_PASSWORD") or own[2]
        self._refuse_halves()
        self.MONETA_TEST_MODE = env.get("MONETA_TEST_MODE") or ("1" if self.GATEWAY == "sandbox" else "0")

    def _sandbox_code(self, kind: str = "") -> str:
        """A code that the sandbox's command line may show: it tells nothing of the secret it comes from."""
        return sha256(f"sandbox{kind}:{self.SECRET_KEY}".encode()).hexdigest()[:16]

    def _sandbox_api(self) -> tuple[str, str, str]:
        return f"http://localhost:{self.SANDBOX_PORT}/services", "rodnik", self._sandbox_code("-api")

    def _refuse_halves(self) -> None:
        api = (self.MONETA_API_URL, self.MONETA_API_USER, self.MONETA_API_PASSWORD)
        if any(api) and not all(api):
            raise ConfigError("MONETA_API_URL, MONETA_API_USER and MONETA_API_PASSWORD are set together or not at all")
        if len(self.MONETA_CODES) > 2:
            raise ConfigError("MONETA_CODE holds one code, or two with a comma while they change")

    def problems(self) -> list[str]:
        """What makes this configuration unsafe where it runs; empty when nothing does."""
        return []


class Development(Config):
    """One machine, made to be tried: everything has a default."""


class Testing(Config):
    ENVIRONMENT = "testing"
    TESTING = True
    FAB_PASSWORD_HASH_METHOD = "pbkdf2:sha256:1"  # noqa: S105 - the slow one is slow by design
    AUTH_DB_FAKE_PASSWORD_HASH_CHECK = "pbkdf2:sha256:1$rodnik$" + "0" * 64

    def _sandbox_api(self) -> tuple[str, str, str]:
        """No sandbox runs beside the tests; those that need one start it."""
        return "", "", ""

    def _kept_secret(self) -> str:
        return DEV_SECRET


class Production(Config):
    ENVIRONMENT = "production"
    SESSION_COOKIE_SECURE = True
    DEMO_ALLOWED = False
    SECOND_FACTOR_DEFAULT = "required"

    def __init__(self, env: Mapping[str, str]) -> None:
        super().__init__(env)
        self._env = env

    def _kept_secret(self) -> str:
        return ""

    def _local_hosts(self) -> list[str]:
        return []

    def problems(self) -> list[str]:
        checks = {
            "SECRET_KEY is missing or shorter than 32 characters": len(self.SECRET_KEY) < 32,
            "SECRET_KEY is the development one": self.SECRET_KEY.startswith(DEV_SECRET),
            "GATEWAY is the sandbox: set GATEWAY=moneta": self.GATEWAY == "sandbox",
            "MONETA_ID is missing": not self._env.get("MONETA_ID"),
            "MONETA_CODE is missing": not self._env.get("MONETA_CODE"),
            "MONETA_URL is missing": not self._env.get("MONETA_URL"),
            "MONETA_TEST_MODE is on": self.MONETA_TEST_MODE != "0",
            "PUBLIC_URL is not an https address": not self.PUBLIC_URL.startswith("https://"),
            "TRUSTED_HOSTS is missing": not self.TRUSTED_HOSTS,
            "MAIL_SERVER is missing": not self.MAIL_SERVER,
            "MAIL_DEFAULT_SENDER is missing": not self._env.get("MAIL_DEFAULT_SENDER"),
            "FLASK_DEBUG is on": self._env.get("FLASK_DEBUG", "0") not in ("", "0"),
        }
        return [problem for problem, is_wrong in checks.items() if is_wrong]


ENVIRONMENTS = {"development": Development, "testing": Testing, "production": Production}


def load(env: Mapping[str, str] | None = None) -> Config:
    """The configuration named by RODNIK_ENV. Raises ConfigError with every problem, a line each."""
    env = os.environ if env is None else env
    name = env.get("RODNIK_ENV") or "development"
    if name not in ENVIRONMENTS:
        raise ConfigError(f"RODNIK_ENV is one of {', '.join(ENVIRONMENTS)}, not {name!r}")
    config = ENVIRONMENTS[name](env)
    problems = config.problems()
    if problems:
        raise ConfigError("The configuration is not safe for production:\n" + "\n".join(f"  - {p}" for p in problems))
    return config


def _number(env: Mapping[str, str], key: str, default: int) -> int:
    text = env.get(key) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise ConfigError(f"{key} is a number from 0 to 65535, not {text!r}")
    return int(text)


def _database(url: str) -> str:
    """Plain `postgresql://` means psycopg 3."""
    for prefix in ("postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _engine_options(url: str) -> dict[str, Any]:
    """Errors are logged without the values of their statements: those are people's."""
    if url.startswith("sqlite"):
        return {"hide_parameters": True}
    patience = {"connect_timeout": 5, "keepalives_idle": 60, "keepalives_interval": 10, "keepalives_count": 3}
    return {"hide_parameters": True, "pool_size": 5, "connect_args": patience}
