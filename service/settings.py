"""Everything that can be configured. The command line alone reads the environment, once, and gives it here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

MAIL_PORTS = {"smtp": 25, "starttls": 587, "smtps": 465}


class SettingsError(ValueError):
    """A variable of the environment cannot be used; the text says which and why."""


@dataclass(frozen=True)
class Settings:
    """``address`` is where people reach us (it stands in printed links); empty means: as the request says. Without
    ``mail_url`` the service sends no mail; who sends it is ``mail_from``. Without ``backup_folder`` nobody makes a
    backup every day. ``ballots_url`` is another login for anonymous answers (PostgreSQL)."""

    secret_key: str
    database_url: str = "sqlite:///var/nastavnik.db"
    jobs_url: str = "sqlite:///var/jobs.db"
    ballots_url: str = ""
    address: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    solve_seconds: int = 60
    solve_megabytes: int = 3000
    body_megabytes: int = 12
    at_once: int = 64
    mail_url: str = ""
    mail_from: str = ""
    backup_key: str = ""
    backup_folder: str = ""

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
            ballots_url=_database(env, "BALLOTS_URL", "") if env.get("BALLOTS_URL") else "",
            address=_address(env),
            host=env.get("HOST", cls.host),
            port=_whole(env, "PORT", cls.port, at_most=65535),
            solve_seconds=_whole(env, "SOLVE_SECONDS", cls.solve_seconds),
            solve_megabytes=_whole(env, "SOLVE_MEGABYTES", cls.solve_megabytes),
            body_megabytes=_whole(env, "BODY_MEGABYTES", cls.body_megabytes),
            at_once=_whole(env, "AT_ONCE", cls.at_once),
            mail_url=_mail_server(env),
            mail_from=env.get("MAIL_FROM", ""),
            backup_key=_backup_key(env),
            backup_folder=env.get("BACKUP_FOLDER", ""),
        )


def _secret(env: Mapping[str, str]) -> str:
    """SECRET_KEY itself, or the contents of the file named by SECRET_KEY_FILE."""
    secret = _content(env, "SECRET_KEY_FILE") or env.get("SECRET_KEY", "")
    if len(secret) < 32:
        raise SettingsError("SECRET_KEY: give at least 32 random characters (or a file in SECRET_KEY_FILE)")
    return secret


def _backup_key(env: Mapping[str, str]) -> str:
    """It is kept in a file of its own, apart from the backups and from the database."""
    key = _content(env, "BACKUP_KEY_FILE")
    if len(key) < 32 and (env.get("BACKUP_KEY_FILE") or env.get("BACKUP_FOLDER")):
        raise SettingsError("BACKUP_KEY_FILE: name a file with at least 32 random characters")
    return key


def _content(env: Mapping[str, str], name: str) -> str:
    """Of the file that a variable names."""
    path = env.get(name, "")
    try:
        return Path(path).read_text(encoding="utf-8").strip() if path else ""
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"{name}: cannot read {path}: {error}") from error


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


def _mail_server(env: Mapping[str, str]) -> str:
    """It is not repeated in a complaint: there may be a password in it."""
    url, sender = env.get("MAIL_URL", ""), env.get("MAIL_FROM", "")
    if not url:
        return url
    try:
        parts = urlsplit(url)
        fit = parts.scheme in MAIL_PORTS and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        fit = False
    if not fit:
        raise SettingsError("MAIL_URL: give starttls://user:password@host:port (or smtps://, smtp://)")
    if not re.fullmatch(r"[^\r\n]*[^\s<>]+@[\w.-]+>?", sender):
        raise SettingsError(
            "MAIL_FROM: give the address that letters come from, such as Наставник <post@school.ru>"
        )
    if not env.get("ADDRESS"):
        raise SettingsError("ADDRESS: needed for the links in letters, such as https://nastavnik.school.ru")
    return url


def _whole(env: Mapping[str, str], name: str, default: int, at_most: int = 10**6) -> int:
    text = env.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= at_most):
        raise SettingsError(f"{name}: {text!r} is not a whole number from 1 to {at_most}")
    return int(text)
