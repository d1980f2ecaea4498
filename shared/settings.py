"""Settings: everything that a city may change without touching code, from `MARU_*` environment variables.

They are read once at the start, checked as a whole, and refused with one sentence per wrong value.
"""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

SERVICES = ("maps", "booking", "grants")
DATABASES = (*SERVICES, "identity")
PREFIXES = {"maps": "", "booking": "/booking", "grants": "/grants", "auth": "/auth", "assets": "/assets"}


class SettingsError(Exception):
    """A setting that can't be used; the text names the variable and says what it takes."""


@dataclass(frozen=True)
class Settings:
    """What one process runs with.

    `data` is the folder of everything that the embedded default keeps. `database` is an SQLAlchemy URL in which
    `{service}` stands for maps, booking, grants or identity. `broker` is `memory://` (embedded: relay and
    consumers live in the server's process) or an `amqp://` URL. `session_hours` is how long a sign-in lasts. Without
    `smtp` no e-mail is sent, without `sms_url` no text message. What is personal is forgotten after `retention_days`.
    """

    data: Path
    secret_key: str
    database: str
    broker: str = "memory://"
    bus_prefix: str = "maru"
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""
    session_hours: int = 12
    log_level: str = "info"
    log_format: str = "text"
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    local_sign_in: bool = True
    smtp: str = ""
    mail_from: str = ""
    sms_url: str = ""
    retention_days: int = 1095
    workers: int = 2

    @property
    def embedded(self) -> bool:
        """Whether the bus lives in this process, so that relay and consumers must too."""
        return self.broker.startswith("memory:")

    @property
    def secure_cookies(self) -> bool:
        """Cookies are limited to https exactly where the public address is https."""
        return self.public_url.startswith("https://")

    def database_url(self, service: str) -> str:
        """The address of one service's own database."""
        return self.database.replace("{service}", service)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read and check all settings. Raises SettingsError that lists every wrong value, one a line."""
        env = os.environ if environment is None else environment
        given = {
            key[5:].lower(): value.strip()
            for key, value in env.items()
            if key.startswith("MARU_") and not key.startswith("MARU_TEST_") and value.strip()
        }
        names = {field.name for field in fields(cls)}
        wrong = [
            f"MARU_{key.upper()} is not a setting of Maru; the README lists them all." for key in given.keys() - names
        ]
        values: dict[str, object] = {}
        for key in given.keys() & names:
            try:
                values[key] = _READERS.get(key, str)(given[key])
            except ValueError as error:
                wrong.append(f"MARU_{key.upper()}={given[key]!r}: {error}")
        wrong += _missing_together(values)
        if wrong:
            raise SettingsError("\n".join(sorted(wrong)))
        data = Path(str(values.pop("data", ".data"))).expanduser().absolute()
        values.setdefault("database", f"sqlite:///{data}/{{service}}.sqlite3")
        values["secret_key"] = values.get("secret_key") or _kept_secret(data, str(values["database"]))
        return cls(data=data, **values)  # type: ignore[arg-type]


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(f"give a whole number from {low} to {high}")
        return int(text)

    return read


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"give one of {', '.join(choices)}")
        return text.lower()

    return read


def _database(text: str) -> str:
    if urlsplit(text).scheme not in ("sqlite", "postgresql+psycopg"):
        raise ValueError("give sqlite:///FOLDER/{service}.sqlite3 or postgresql+psycopg://USER:PASSWORD@HOST/{service}")
    if "{service}" not in text:
        raise ValueError("write {service} where the service's name goes: each service has a database of its own")
    return text


def _broker(text: str) -> str:
    if urlsplit(text).scheme not in ("memory", "amqp", "amqps"):
        raise ValueError("give memory:// (embedded) or amqp://USER:PASSWORD@HOST:5672/VHOST")
    return text


def _secret(text: str) -> str:
    if len(text) < 32:
        raise ValueError(
            "give at least 32 characters, for instance from: python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )
    return text


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("give a web address such as https://maru.example.go.kr")
    return text.rstrip("/")


def _host_address(text: str) -> str:
    address = _web_address(text)
    if urlsplit(address)[2:] != ("", "", ""):
        raise ValueError("give a web address without a path, such as https://maru.example.go.kr")
    return address


def _smtp(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("smtp", "smtp+starttls", "smtps") or not parts.hostname or parts[2:] != ("", "", ""):
        raise ValueError(
            "give smtp://HOST:25, smtp+starttls://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST:465"
        )
    _ = parts.port  # ValueError for what is no port
    if parts.username and parts.scheme == "smtp" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("the password would go unencrypted; give smtp+starttls://… or smtps://…")
    return text


def _sender(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", text):
        raise ValueError("give a plain address such as maru@city.example.go.kr")
    return text


def _gateway(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("give the web address of the gateway, such as https://USER:PASSWORD@sms.example/send")
    return text


_READERS: dict[str, Callable[[str], object]] = {
    "database": _database,
    "broker": _broker,
    "secret_key": _secret,
    "port": _whole(0, 65535),
    "session_hours": _whole(1, 720),
    "workers": _whole(1, 64),
    "log_level": _one_of("debug", "info", "warning", "error"),
    "log_format": _one_of("text", "json"),
    "local_sign_in": lambda text: _one_of("yes", "no")(text) == "yes",
    "public_url": _host_address,
    "oidc_issuer": _web_address,
    "smtp": _smtp,
    "mail_from": _sender,
    "sms_url": _gateway,
    "retention_days": _whole(30, 36500),
}


def _missing_together(values: Mapping[str, object]) -> list[str]:
    """What the other settings need: the city's sign-in a client, a closed password form another way in."""
    wrong = []
    if values.get("oidc_issuer"):
        wrong += [
            f"MARU_{name.upper()} is missing: MARU_OIDC_ISSUER is set, and the provider knows Maru by it."
            for name in ("oidc_client_id", "oidc_client_secret")
            if not values.get(name)
        ]
    elif values.get("local_sign_in") is False:
        wrong.append("MARU_LOCAL_SIGN_IN=no leaves no way to sign in: set MARU_OIDC_ISSUER too, or leave it out.")
    if values.get("smtp") and not values.get("mail_from"):
        wrong.append("MARU_MAIL_FROM is missing: MARU_SMTP is set, and every mail comes from an address.")
    return wrong


def _kept_secret(data: Path, database: str) -> str:
    """The session key of the embedded default: made once, kept readable by its owner only."""
    if not database.startswith("sqlite:"):
        raise SettingsError(
            "MARU_SECRET_KEY is missing: with a database server all processes share one key of 32 characters or more."
        )
    path = data / "secret_key"
    try:
        data.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
        except FileExistsError:
            pass
        key = path.read_text().strip()
    except OSError as error:
        raise SettingsError(
            f"MARU_DATA={data}: the folder can't be written ({error.strerror}); make it writable or name another."
        ) from error
    if len(key) < 32:
        raise SettingsError(
            f"{path} holds no usable key (an interrupted start, or a full disk?); delete it and start again."
        )
    return key
