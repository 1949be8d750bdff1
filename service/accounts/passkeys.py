"""Passkeys (WebAuthn): made and shown by the browser, checked here. One is enough to sign in: it asks for a finger, a
face or a PIN itself, so it is something one has and something one is or knows.

The challenge travels with the form as a sealed note; one that was given before its key was last used is spent.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

import webauthn
from sqlmodel import Session, select
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from service.accounts import throttle
from service.database import EVERYWHERE, Database
from service.seals import note, read_note
from service.tables import Account, Passkey, now

SECONDS = 5 * 60  # a challenge lives
MOST = 10  # of one account
VERIFIED = UserVerificationRequirement.REQUIRED
UNREADABLE = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError)


@dataclass(frozen=True)
class Site:
    """For which name browsers keep passkeys; there are none for bare IP addresses."""

    name: str
    origin: str

    @classmethod
    def at(cls, address: str) -> Site | None:
        parts = urlsplit(address)
        name = parts.hostname or ""
        try:
            ip_address(name)
        except ValueError:
            return cls(name, f"{parts.scheme}://{parts.netloc}") if name else None
        return None


@dataclass(frozen=True)
class Challenge:
    """``options`` for the browser as JSON, ``sealed`` to come back with its answer."""

    options: str
    sealed: str


def to_register(site: Site, secret: str, account: Account, known: Iterable[Passkey]) -> Challenge:
    challenge = secrets.token_bytes(32)
    options = webauthn.generate_registration_options(
        rp_id=site.name,
        rp_name="Наставник",
        user_id=str(account.id).encode(),
        user_name=account.login,
        user_display_name=account.name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(base64url_to_bytes(row.credential_id)) for row in known
        ],
    )
    return _challenge(secret, f"passkey-of-{account.id}", options, challenge)


def to_sign_in(site: Site, secret: str) -> Challenge:
    challenge = secrets.token_bytes(32)
    options = webauthn.generate_authentication_options(
        rp_id=site.name, challenge=challenge, user_verification=VERIFIED
    )
    return _challenge(secret, "passkey", options, challenge)


def _challenge(secret: str, purpose: str, options: object, challenge: bytes) -> Challenge:
    sealed = note(secret, purpose, bytes_to_base64url(challenge))
    return Challenge(webauthn.options_to_json(options), sealed)  # type: ignore[arg-type]


def register(
    session: Session, site: Site, secret: str, account: Account, sealed: str, said: str, name: str
) -> bool:
    """Keep the new passkey that the browser speaks of; False when it cannot be believed."""
    noted = read_note(secret, f"passkey-of-{account.id}", sealed, SECONDS)
    try:
        made = noted and webauthn.verify_registration_response(
            credential=said,
            expected_challenge=base64url_to_bytes(noted[0]),
            expected_rp_id=site.name,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except UNREADABLE:
        return False
    if not made:
        return False
    session.add(
        Passkey(
            account_id=account.id,
            credential_id=bytes_to_base64url(made.credential_id),
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=name,
        )
    )
    return True


def known_by_passkey(
    database: Database, site: Site, secret: str, sealed: str, said: str, network: str = ""
) -> Account | None:
    """Whose passkey has answered our challenge; None when it cannot be believed."""
    tries = throttle.of_network(network)
    throttle.count(database, tries)
    noted = read_note(secret, "passkey", sealed, SECONDS)
    found = _found(database, said) if noted else None
    if noted is None or found is None:
        return None
    account, key = found
    with database.writing(key.organisation_id) as session:
        key = session.get_one(Passkey, key.id, with_for_update=True)
        believed = not account.disabled_at and _believed(key, site, noted, said)
    if not believed:
        return None
    throttle.take_back(database, tries)
    return account


def _found(database: Database, said: str) -> tuple[Account, Passkey] | None:
    try:
        credential_id = str(json.loads(said)["id"])
    except (*UNREADABLE, RecursionError):
        return None
    if not credential_id.isascii():
        return None
    with database.reading() as session:
        row = session.exec(
            select(Account, Passkey).where(
                Passkey.account_id == Account.id, Passkey.credential_id == credential_id
            ),
            execution_options=EVERYWHERE,
        ).first()
    return (row[0], row[1]) if row else None


def _believed(key: Passkey, site: Site, noted: tuple[str, datetime], said: str) -> bool:
    challenge, noted_at = noted
    if key.used_at and noted_at <= key.used_at:
        return False
    try:
        shown = webauthn.verify_authentication_response(
            credential=said,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except UNREADABLE:
        return False
    key.sign_count, key.used_at = shown.new_sign_count, now()
    return True
