"""Signing in and out, one's password, the organisation's card."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, delete, select

from service import audit
from service.accounts import passwords, sessions, throttle
from service.database import EVERYWHERE, Database
from service.seals import token_hash
from service.standard_consent import body_for, follow_card
from service.tables import Account, Organisation, Passkey, Recovery, RecoveryCode, SignIn, now

hash_password = passwords.hashed


def as_login(typed: str) -> str:
    return typed.strip().casefold()


def known_by_password(database: Database, login: str, password: str, network: str = "") -> Account | None:
    """Whose login and password these are. An unknown login takes as long as a wrong password."""
    login = as_login(login)
    of_login, of_network = throttle.of_login(login), throttle.of_network(network)
    with database.reading() as session:
        account = session.exec(
            select(Account).where(Account.login == login), execution_options=EVERYWHERE
        ).first()
    with passwords.turn_to_hash():
        throttle.count(database, [of_login, *of_network])
        right = passwords.verified(password, account.password_hash if account else None)
    if not right or account is None:
        return None
    throttle.forget(database, of_login)
    throttle.take_back(database, of_network)
    return None if account.disabled_at else account


def enter(
    database: Database, account: Account, browser: str, second_factor: bool = False, instead_of: str = ""
) -> str:
    """The token of a new session, which takes the place of the one that the browser had."""
    with database.writing(account.organisation_id) as session:
        sessions.end_token(session, instead_of)
        return sessions.begin(session, account.id, browser, second_factor)


def sign_out(session: Session, sign_in: SignIn) -> None:
    session.exec(delete(SignIn).where(col(SignIn.id) == sign_in.id))


def is_own_password(database: Database, account: Account, password: str) -> bool:
    tries = throttle.of_login(account.login)
    with passwords.turn_to_hash():
        throttle.count(database, [tries])
        right = passwords.verified(password, account.password_hash)
    if right:
        throttle.forget(database, tries)
    return right


def forget_tries(database: Database, account: Account) -> None:
    """Whoever guessed in vain, the account's owner need not wait any longer."""
    throttle.forget(database, throttle.of_login(account.login), throttle.of_code(account.id))


def is_waiting(session: Session, account: Account) -> bool:
    tries = throttle.of_login(account.login), throttle.of_code(account.id)
    return throttle.is_waiting(session.connection(), *tries)


def set_password(database: Database, account: Account, new: str) -> None:
    """Every session of the account ends."""
    hashed = passwords.hashed(new)
    with database.writing(account.organisation_id) as session:
        session.get_one(Account, account.id).password_hash = hashed
        sessions.end_all(session, account.id)


def set_password_at_console(database: Database, account: Account, new: str) -> None:
    set_password(database, account, new)
    with database.writing(account.organisation_id) as session:
        moment = now()
        session.add(
            Recovery(
                token_hash=token_hash(f"{account.id} {moment}"),
                account_id=account.id,
                reason="set-password",
                expires_at=moment,
                used_at=moment,
            )
        )
        audit.record(session, "accounts.set_password", account=account.id)


def take_away_factors(session: Session, account_id: int) -> None:
    session.get_one(Account, account_id).totp_secret = None
    session.exec(delete(Passkey).where(col(Passkey.account_id) == account_id))
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))


def change_organisation(session: Session, organisation: Organisation, card: dict[str, Any]) -> None:
    kept = session.get_one(Organisation, organisation.id)
    before = body_for(kept)
    kept.sqlmodel_update(card)
    follow_card(session, before, kept)


def want_second_factor(session: Session, organisation: Organisation, wanted: bool, by: str) -> None:
    """Whether a director and a curator need more than a password; switching it off is remembered by name."""
    session.get_one(Organisation, organisation.id).sqlmodel_update(
        {"second_factor_off_at": None if wanted else now(), "second_factor_off_by": "" if wanted else by}
    )


def add_account(session: Session, login: str, role: str, name: str, post: str, hashed: str) -> Account:
    account = Account(login=as_login(login), role=role, name=name, post=post, password_hash=hashed)
    session.add(account)
    return account
