"""Everything that can be configured. The command line alone reads the environment, once, and gives it here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SettingsError(ValueError):
    """A variable of the environment cannot be used; the text says which and why."""


@dataclass(frozen=True)
class Settings:
    """``address`` is where people reach us (it stands in printed links); empty means: as the request says."""

    secret_key: str
    database_url: str = "sqlite:///var/nastavnik.db"
    jobs_url: str = "sqlite:///var/jobs.db"
    address: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    solve_seconds: int = 60
    solve_megabytes: int = 3000
    body_megabytes: int = 12
    at_once: int = 64

    @property
    def https(self) -> bool:
        return self.address.startswith("https://")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        database_url = _database(env, "DATABASE_URL", cls.database_url)
        folder, _, _ = database_url.rpartition("/")
        default_jobs = f"{folder}/jobs.db" if database_url.startswith("sqlite") else database_url
        return cls(
            secret_key=_secret(env),
            database_url=database_url,
            jobs_url=_database(env, "JOBS_URL", default_jobs),
            address=_address(env),
            host=env.get("HOST", cls.host),
            port=_whole(env, "PORT", cls.port, at_most=65535),
            solve_seconds=_whole(env, "SOLVE_SECONDS", cls.solve_seconds),
            solve_megabytes=_whole(env, "SOLVE_MEGABYTES", cls.solve_megabytes),
            body_megabytes=_whole(env, "BODY_MEGABYTES", cls.body_megabytes),
            at_once=_whole(env, "AT_ONCE", cls.at_once),
        )


def _secret(env: Mapping[str, str]) -> str:
    """SECRET_KEY itself, or the contents of the file named by SECRET_KEY_FILE."""
    if path := env.get("SECRET_KEY_FILE"):
        try:
            secret = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError) as error:
            raise SettingsError(f"SECRET_KEY_FILE: cannot read {path}: {error}") from error
    else:
        secret = env.get("SECRET_KEY", "")
    if len(secret) < 32:
        raise SettingsError("SECRET_KEY: give at least 32 random characters (or a file in SECRET_KEY_FILE)")
    return secret


def _database(env: Mapping[str, str], name: str, default: str) -> str:
    url = env.get(name, default)
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise SettingsError(f"{name}: give sqlite:///path or postgresql://user@host/database")
    return url


def _address(env: Mapping[str, str]) -> str:
    address = env.get("ADDRESS", Settings.address)
    if address and not address.startswith(("http://", "https://")):
        raise SettingsError(f"ADDRESS: {address!r} does not begin with https:// or http://")
    return address.rstrip("/")


def _whole(env: Mapping[str, str], name: str, default: int, at_most: int = 10**6) -> int:
    text = env.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= at_most):
        raise SettingsError(f"{name}: {text!r} is not a whole number from 1 to {at_most}")
    return int(text)
