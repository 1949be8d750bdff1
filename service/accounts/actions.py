"""Signing in and out (Argon2id, server-side sessions, throttled), and changing the organisation's card."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from threading import BoundedSemaphore
from typing import Any

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, select

from service.database import EVERYWHERE, Database
from service.errors import Busy, TooOften
from service.i18n import N_
from service.seals import token_hash
from service.standard_consent import body_for, follow_card
from service.tables import Account, Attempt, Organisation, SignIn, now

STAYS_SIGNED_IN = timedelta(hours=12)
WINDOW_SECONDS, TRIES = 15 * 60, 10
PASSWORD_LENGTH = 10
_PASSWORDS = PasswordHash((Argon2Hasher(),))
HASH_SECONDS = 2  # at most so long one waits for a turn to hash
_hashing = BoundedSemaphore(2)  # a hash takes 64 MiB
_in_line = BoundedSemaphore(8)  # whoever waits holds one of the forty threads that respondents need


def as_login(typed: str) -> str:
    return typed.strip().casefold()


def hash_password(password: str) -> str:
    with _turn_to_hash():
        return str(_PASSWORDS.hash(password))


def sign_in(database: Database, login: str, password: str) -> str | None:
    """The token of a new session, or None. An unknown login takes as long as a wrong password."""
    login = as_login(login)
    with database.reading() as session:
        account = session.exec(
            select(Account).where(Account.login == login), execution_options=EVERYWHERE
        ).first()
    if not _right(database, login, account, password) or account is None or account.disabled_at:
        return None
    token = secrets.token_urlsafe(32)
    with database.writing(account.organisation_id) as session:
        session.exec(delete(SignIn).where(col(SignIn.expires_at) < now()))
        session.add(
            SignIn(token_hash=token_hash(token), account_id=account.id, expires_at=now() + STAYS_SIGNED_IN)
        )
    return token


def sign_out(session: Session, sign_in: SignIn) -> None:
    session.exec(delete(SignIn).where(col(SignIn.id) == sign_in.id))


def change_password(database: Database, account: Account, old: str, new: str) -> bool:
    """False when ``old`` is wrong."""
    right = _right(database, account.login, account, old)
    if right:
        set_password(database, account, new)
    return right


def set_password(database: Database, account: Account, new: str) -> None:
    """Every session of the account ends."""
    hashed = hash_password(new)
    with database.writing(account.organisation_id) as session:
        session.get_one(Account, account.id).password_hash = hashed
        session.exec(delete(SignIn).where(col(SignIn.account_id) == account.id))


def change_organisation(session: Session, organisation: Organisation, card: dict[str, Any]) -> None:
    kept = session.get_one(Organisation, organisation.id)
    before = body_for(kept)
    kept.sqlmodel_update(card)
    follow_card(session, before, kept)


def add_account(session: Session, login: str, role: str, name: str, post: str, hashed: str) -> Account:
    account = Account(login=as_login(login), role=role, name=name, post=post, password_hash=hashed)
    session.add(account)
    return account


def _right(database: Database, login: str, account: Account | None, password: str) -> bool:
    """Ten failures a quarter of an hour for one login: every try counts until it proves right."""
    with _turn_to_hash():
        _count_try(database, login)
        right = bool(_PASSWORDS.verify(password, account.password_hash if account else _nobodys_hash()))
    if right and account is not None:
        _forget_tries(database, login)
        return True
    return False


@contextmanager
def _turn_to_hash() -> Iterator[None]:
    if not _in_line.acquire(blocking=False):
        raise _busy()
    try:
        if not _hashing.acquire(timeout=HASH_SECONDS):
            raise _busy()
        try:
            yield
        finally:
            _hashing.release()
    finally:
        _in_line.release()


def _busy() -> Busy:
    return Busy(advice=N_("Wait a little and try again."))


@cache
def _nobodys_hash() -> str:
    return str(_PASSWORDS.hash(secrets.token_urlsafe()))


def _count_try(database: Database, login: str) -> None:
    """By one statement on both databases, so that tries at the same moment are counted too."""
    window = int(time.time()) // WINDOW_SECONDS
    insert = (postgresql if database.engine.dialect.name == "postgresql" else sqlite).insert(Attempt)
    counted = insert.values(key=_key(login), window=window, count=1).on_conflict_do_update(
        index_elements=["key", "window"], set_={"count": Attempt.count + 1}
    )
    with database.writing() as session:
        session.connection().execute(Attempt.__table__.delete().where(col(Attempt.window) < window))  # type: ignore[attr-defined]
        tried = session.connection().execute(counted.returning(col(Attempt.count))).scalar_one()
    if tried > TRIES:
        raise TooOften


def _forget_tries(database: Database, login: str) -> None:
    with database.writing() as session:
        session.connection().execute(Attempt.__table__.delete().where(col(Attempt.key) == _key(login)))  # type: ignore[attr-defined]


def _key(login: str) -> str:
    return token_hash(f"sign-in:{login}")
