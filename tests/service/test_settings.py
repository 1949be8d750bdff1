"""The environment is read once, and what cannot be used is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.settings import Settings, SettingsError

SECRET = "s" * 32


def test_a_secret_is_all_that_must_be_given() -> None:
    settings = Settings.from_env({"SECRET_KEY": SECRET})
    assert settings == Settings(secret_key=SECRET)
    assert settings.database_url.startswith("sqlite:///")
    assert not settings.https


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    assert Settings.from_env({"SECRET_KEY_FILE": str(tmp_path / "secret")}).secret_key == SECRET


def test_a_postgresql_address_is_understood_in_its_usual_forms_and_holds_the_jobs_too() -> None:
    for prefix in ("postgres://", "postgresql://", "postgresql+psycopg://"):
        settings = Settings.from_env({"SECRET_KEY": SECRET, "DATABASE_URL": f"{prefix}u@h/d"})
        assert settings.database_url == settings.jobs_url == "postgresql+psycopg://u@h/d"


def test_jobs_of_a_sqlite_service_live_in_a_file_of_their_own() -> None:
    settings = Settings.from_env({"SECRET_KEY": SECRET, "DATABASE_URL": "sqlite:////srv/n.db"})
    assert settings.jobs_url == "sqlite:////srv/jobs.db"


def test_an_address_decides_on_https_and_loses_its_last_slash() -> None:
    settings = Settings.from_env({"SECRET_KEY": SECRET, "ADDRESS": "https://n.example.org/"})
    assert settings.https
    assert settings.address == "https://n.example.org"


MAIL = {
    "SECRET_KEY": SECRET,
    "MAIL_URL": "starttls://post:se%40cret@mail.school.ru",
    "MAIL_FROM": "Наставник <post@school.ru>",
    "ADDRESS": "https://nastavnik.school.ru",
}


def test_mail_is_sent_only_when_it_is_configured_whole() -> None:
    assert Settings.from_env(MAIL).mail_url == MAIL["MAIL_URL"]
    assert Settings.from_env({"SECRET_KEY": SECRET}).mail_url == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_URL", "http://secret@mail.school.ru"),
        ("MAIL_URL", "smtp://secret@"),
        ("MAIL_URL", "smtp://secret@host:99999"),
        ("MAIL_FROM", ""),
        ("MAIL_FROM", "Наставник"),
        ("MAIL_FROM", "a@school.ru\r\nBcc: b@school.ru"),
        ("ADDRESS", ""),
    ],
)
def test_half_a_mail_server_is_refused_without_repeating_its_password(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as refused:
        Settings.from_env({**MAIL, name: value})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY_FILE", "/nowhere/at/all"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "eighty"),
        ("PORT", "٨٠"),
        ("PORT", "-1"),
        ("PORT", "80.5"),
        ("AT_ONCE", ""),
        ("SOLVE_SECONDS", "1e3"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://u@h/d"),
        ("JOBS_URL", ""),
        ("ADDRESS", "n.example.org"),
        ("ADDRESS", "javascript://n"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: ") as refused:
        Settings.from_env({"SECRET_KEY": SECRET} | {name: value})
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff" * 40)
    with pytest.raises(SettingsError, match=r"^SECRET_KEY_FILE: cannot read"):
        Settings.from_env({"SECRET_KEY_FILE": str(tmp_path / "secret")})
