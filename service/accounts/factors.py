"""Second factors that are typed: codes of an authenticator (RFC 6238), and ten recovery codes on paper."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

import pyotp
from sqlalchemy import CursorResult
from sqlmodel import Session, col, delete, func, select, update

from service import seals
from service.accounts import throttle
from service.database import Database
from service.tables import Account, Passkey, RecoveryCode, now

STEP = 30  # seconds that a code lives
CODES = 10
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # without what looks alike
ISSUER = "Наставник"


@dataclass(frozen=True)
class Factors:
    """What an account has beside its password; ``codes`` are the recovery codes that are left."""

    totp: bool
    passkeys: Sequence[Passkey]
    codes: int

    @property
    def any(self) -> bool:
        return self.totp or bool(self.passkeys)


def of_account(session: Session, account: Account) -> Factors:
    left = select(func.count(col(RecoveryCode.id))).where(
        RecoveryCode.account_id == account.id, col(RecoveryCode.used_at).is_(None)
    )
    passkeys = select(Passkey).where(Passkey.account_id == account.id).order_by(col(Passkey.id))
    return Factors(account.totp_secret is not None, session.exec(passkeys).all(), session.exec(left).one())


def new_seed() -> str:
    return pyotp.random_base32()


def address_of(seed: str, login: str) -> str:
    """What the QR code says to an authenticator."""
    return pyotp.TOTP(seed).provisioning_uri(name=login, issuer_name=ISSUER)


def step_of(seed: str, typed: str, after: int = 0) -> int | None:
    """The step whose code was typed, if it is later than ``after``; clocks may differ by one step."""
    totp, here = pyotp.TOTP(seed), int(time.time()) // STEP
    return next(
        (
            step
            for step in (here, here - 1, here + 1)
            if step > after and seals.same(typed, totp.generate_otp(step))
        ),
        None,
    )


def keep_seed(session: Session, secret: str, account: Account, seed: str, step: int) -> None:
    kept = session.get_one(Account, account.id)
    kept.totp_secret = seals.encrypted(secret, "totp", account.id, seed.encode())
    kept.totp_step = step


def new_codes(session: Session, secret: str, account_id: int) -> list[str]:
    """Ten codes, to be shown once; earlier ones stop working."""
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(12)) for _ in range(CODES)]
    session.add_all(
        RecoveryCode(account_id=account_id, code_hash=seals.recovery_hash(secret, account_id, code))
        for code in codes
    )
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes]


def remove(session: Session, account_id: int, passkey_id: int | None) -> bool:
    """Take away one passkey, or the authenticator; whether there is still a second factor."""
    account = session.get_one(Account, account_id)
    if passkey_id is None:
        account.totp_secret = None
    else:
        mine = col(Passkey.id) == passkey_id, col(Passkey.account_id) == account_id
        session.exec(delete(Passkey).where(*mine))
    left = of_account(session, account).any
    if not left:
        session.exec(delete(RecoveryCode).where(col(RecoveryCode.account_id) == account_id))
    return left


def is_right(database: Database, secret: str, account: Account, typed: str, network: str = "") -> bool:
    """Whether ``typed`` is a code of the account's authenticator or a recovery code; neither works twice."""
    of_code, of_network = throttle.of_code(account.id), throttle.of_network(network)
    throttle.count(database, [of_code, *of_network])
    bare = "".join(letter for letter in typed.upper() if letter.isalnum())
    with database.writing(account.organisation_id) as session:
        right = _use_totp(session, secret, account.id, bare) or _use_code(session, secret, account.id, bare)
    if right:
        throttle.forget(database, of_code)
        throttle.take_back(database, of_network)
    return right


def _use_totp(session: Session, secret: str, account_id: int, typed: str) -> bool:
    account = session.get_one(Account, account_id, with_for_update=True)
    hidden = account.totp_secret
    seed = hidden and seals.decrypted(secret, "totp", account_id, hidden)
    step = step_of(seed.decode(), typed, account.totp_step) if seed else None
    if step is None:
        return False
    account.totp_step = step
    return True


def _use_code(session: Session, secret: str, account_id: int, typed: str) -> bool:
    used = session.exec(
        update(RecoveryCode)
        .where(
            col(RecoveryCode.account_id) == account_id,
            col(RecoveryCode.code_hash) == seals.recovery_hash(secret, account_id, typed),
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=now())
    )
    return isinstance(used, CursorResult) and used.rowcount == 1
