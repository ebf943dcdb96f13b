"""The settings of one running bot; nothing else in the product reads the environment."""

from __future__ import annotations

import binascii
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values

from bot.errors import SettingInvalid

_DATABASES: Final = ("sqlite", "sqlite+aiosqlite", "postgres", "postgresql", "postgresql+asyncpg")


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting; the variable of a field is its name in capitals. Secrets stay out of the repr."""

    database_url: str = field(default="sqlite+aiosqlite:///hubang.db", repr=False)
    telegram_token: str | None = field(default=None, repr=False)
    telegram_api_base: str = "https://api.telegram.org/bot"
    telegram_file_base: str = "https://api.telegram.org/file/bot"
    webhook_url: str | None = None
    webhook_secret: str | None = field(default=None, repr=False)
    webhook_port: int = 8443
    web_host: str = "127.0.0.1"
    web_port: int = 8080
    web_address: str | None = None
    timezone: ZoneInfo = ZoneInfo("Asia/Shanghai")
    county: str = "huarong"
    sample_village: bool = True
    sample: str = "county"
    files_dir: str | None = None
    evidence_limit_mb: int = 10
    hubang_keys: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    """Names with 32 bytes each: the first seals what is sensitive, all of them open it."""

    @property
    def page(self) -> str:
        """Where phones reach our pages: the public address, in practice this machine; "" for nowhere."""
        if self.web_address or self.telegram_token or not self.web_port:
            return self.web_address or ""
        return f"http://{self.web_host}:{self.web_port}"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ`; without it from `.env` in the working directory and the environment.

    The environment wins over `.env`; an empty value means the default. Raises SettingInvalid, which names
    the variable and says what is accepted.
    """
    given = _surroundings() if environ is None else environ
    read: dict[str, object] = {}
    for name in names():
        if value := given.get(name, "").strip():
            read[name.lower()] = _READERS[name](value)
    settings = Settings(**read)  # type: ignore[arg-type]  # each reader returns the type of its field
    if settings.webhook_url and not settings.webhook_secret:
        raise _refused("WEBHOOK_SECRET", "", "WEBHOOK_URL is set, so choose a secret or anybody could post")
    return settings


def names() -> tuple[str, ...]:
    """Return the variable of every setting, in the order of the fields."""
    return tuple(each.name.upper() for each in fields(Settings))


def _surroundings() -> dict[str, str]:
    # No interpolation: a password may contain a dollar sign.
    written = dotenv_values(".env", interpolate=False, encoding="utf-8-sig")
    return {name: value for name, value in written.items() if value is not None} | dict(os.environ)


def _refused(name: str, value: str, why: str) -> SettingInvalid:
    return SettingInvalid(name=name, value=value, why=why)


def _database_url(value: str) -> str:
    scheme, _, place = value.partition("://")
    if scheme not in _DATABASES or not place:
        # Only the scheme is repeated: what follows may hold a password.
        why = "begin it with sqlite:/// or postgresql:// (sqlite+aiosqlite:/// and postgresql+asyncpg:// too)"
        raise _refused("DATABASE_URL", f"{scheme}://..." if place else "...", why)
    return value


def _token(value: str) -> str:
    if not re.fullmatch(r"\d+:[\w-]+", value, re.ASCII):
        why = "a token looks like 123456:ABC-def, copy it whole from BotFather"
        raise _refused("TELEGRAM_TOKEN", "...", why)
    return value


def _secret(value: str) -> str:
    if not re.fullmatch(r"[\w-]{1,256}", value, re.ASCII):
        raise _refused("WEBHOOK_SECRET", "...", "use 1 to 256 letters, digits, _ or -")
    return value


def _address(name: str, *, everywhere: bool) -> Callable[[str], str]:
    """Accept https; plain http to this machine, and `everywhere` when the server is one's own."""

    def read(value: str) -> str:
        why = "give an address that begins with https://"
        try:
            parts = urlsplit(value)
        except ValueError as error:  # such as a bracket that is never closed
            raise _refused(name, value, why) from error
        plain = parts.scheme == "http" and (everywhere or parts.hostname in ("127.0.0.1", "localhost"))
        if not parts.hostname or not (parts.scheme == "https" or plain):
            raise _refused(name, value, why)
        return value

    return read


def _port(name: str, *, none: bool = False) -> Callable[[str], int]:
    """Accept a port; with `none` also 0 for not listening at all."""

    def read(value: str) -> int:
        lowest = 0 if none else 1
        if not re.fullmatch(r"\d{1,5}", value, re.ASCII) or not lowest <= int(value) <= 65535:
            why = "give a port from 1 to 65535" + (", or 0 for no page" if none else "")
            raise _refused(name, value, why)
        return int(value)

    return read


def _timezone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _refused("TIMEZONE", value, "give the name of a time zone such as Asia/Shanghai") from error


def _county(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*|.*\.toml", value):
        raise _refused(
            "COUNTY", value, "give a name in counties/, such as huarong, or the path of a .toml file"
        )
    return value


def _megabytes(value: str) -> int:
    # Telegram gives no bot a larger file.
    if not re.fullmatch(r"\d{1,2}", value, re.ASCII) or not 1 <= int(value) <= 20:
        raise _refused("EVIDENCE_LIMIT_MB", value, "give a whole number of megabytes from 1 to 20")
    return int(value)


def _keys(value: str) -> tuple[tuple[str, bytes], ...]:
    """Accept keys as `python -m bot keys new` writes them, the newest first; no message repeats one."""
    found: dict[str, bytes] = {}
    for number, each in enumerate(value.split(","), 1):
        name, _, letters = each.strip().partition(":")
        try:
            key = binascii.a2b_base64(letters, strict_mode=True)
        except (binascii.Error, ValueError):
            key = b""
        if not re.fullmatch(r"[a-z0-9]{1,16}", name) or len(key) != 32:
            why = f"key {number} of the list is not as `python -m bot keys new` writes it (name:letters)"
            raise _refused("HUBANG_KEYS", "...", why)
        if name in found:
            raise _refused("HUBANG_KEYS", "...", f'two keys are named "{name}"')
        found[name] = key
    return tuple(found.items())


def _sample(value: str) -> str:
    if value.lower() not in ("county", "village"):
        raise _refused("SAMPLE", value, "write county or village")
    return value.lower()


def _yes_or_no(name: str) -> Callable[[str], bool]:
    """A reader of "yes" and "no"."""

    def read(value: str) -> bool:
        if value.lower() not in ("yes", "no"):
            raise _refused(name, value, "write yes or no")
        return value.lower() == "yes"

    return read


_READERS: Mapping[str, Callable[[str], object]] = {
    "DATABASE_URL": _database_url,
    "TELEGRAM_TOKEN": _token,
    "TELEGRAM_API_BASE": _address("TELEGRAM_API_BASE", everywhere=True),
    "TELEGRAM_FILE_BASE": _address("TELEGRAM_FILE_BASE", everywhere=True),
    "WEBHOOK_URL": _address("WEBHOOK_URL", everywhere=False),
    "WEBHOOK_SECRET": _secret,
    "WEBHOOK_PORT": _port("WEBHOOK_PORT"),
    "WEB_HOST": str,
    "WEB_PORT": _port("WEB_PORT", none=True),
    "WEB_ADDRESS": _address("WEB_ADDRESS", everywhere=False),
    "TIMEZONE": _timezone,
    "COUNTY": _county,
    "SAMPLE_VILLAGE": _yes_or_no("SAMPLE_VILLAGE"),
    "SAMPLE": _sample,
    "FILES_DIR": str,
    "EVIDENCE_LIMIT_MB": _megabytes,
    "HUBANG_KEYS": _keys,
}
