"""Signing in and out (Argon2id, server-side sessions, throttled), and changing the organisation's card."""

from __future__ import annotations

import secrets
import time
from datetime import timedelta
from functools import cache
from threading import BoundedSemaphore
from typing import Any

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, select

from service.database import EVERYWHERE, Database
from service.errors import TooOften
from service.seals import token_hash
from service.tables import Account, Attempt, Organisation, SignIn, now

STAYS_SIGNED_IN = timedelta(hours=12)
WINDOW_SECONDS, TRIES = 15 * 60, 10
PASSWORD_LENGTH = 10
_PASSWORDS = PasswordHash((Argon2Hasher(),))
_at_once = BoundedSemaphore(2)  # a hash takes 64 MiB


def hash_password(password: str) -> str:
    with _at_once:
        return str(_PASSWORDS.hash(password))


def sign_in(database: Database, login: str, password: str) -> str | None:
    """The token of a new session, or None. An unknown login takes as long as a wrong password."""
    login = login.strip().casefold()
    _count_try(database, login)
    with database.reading() as session:
        account = session.exec(
            select(Account).where(Account.login == login), execution_options=EVERYWHERE
        ).first()
    if not _right(account, password) or account is None or account.disabled_at:
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
    _count_try(database, account.login)
    right = _right(account, old)
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
    session.get_one(Organisation, organisation.id).sqlmodel_update(card)


def add_account(session: Session, login: str, role: str, name: str, post: str, hashed: str) -> Account:
    account = Account(login=login.strip().casefold(), role=role, name=name, post=post, password_hash=hashed)
    session.add(account)
    return account


def _right(account: Account | None, password: str) -> bool:
    hashed = account.password_hash if account else _nobodys_hash()
    with _at_once:
        matches = _PASSWORDS.verify(password, hashed)
    return bool(matches) and account is not None


@cache
def _nobodys_hash() -> str:
    return hash_password(secrets.token_urlsafe())


def _count_try(database: Database, login: str) -> None:
    """Ten tries a quarter of an hour for one login, counted by one statement on both databases."""
    window = int(time.time()) // WINDOW_SECONDS
    insert = (postgresql if database.engine.dialect.name == "postgresql" else sqlite).insert(Attempt)
    counted = insert.values(key=token_hash(f"sign-in:{login}"), window=window, count=1).on_conflict_do_update(
        index_elements=["key", "window"], set_={"count": Attempt.count + 1}
    )
    with database.writing() as session:
        session.connection().execute(Attempt.__table__.delete().where(col(Attempt.window) < window))  # type: ignore[attr-defined]
        tried = session.connection().execute(counted.returning(col(Attempt.count))).scalar_one()
    if tried > TRIES:
        raise TooOften
