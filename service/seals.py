"""Secrets in addresses and pages: links, opened pages, staff sessions. Each purpose has its own seal (HMAC-SHA-256).

A link's token is its random key and our seal over it: the database holds only the key, so a copy of it opens nothing.
An opened page carries a sealed ticket instead of a session: which version was opened, when, and a key that makes
sending it twice one thing. Nothing expires but the wave itself.

A note is a short text that the browser keeps for us for a few minutes and cannot change. What we must read again
ourselves (the secret of one-time codes) is encrypted under a key derived from ours and bound to the row it stands in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY, SEAL = 22, 22  # characters of base64: 128 random bits, 128 bits of seal
NONCE = 12


def new_key() -> str:
    return secrets.token_urlsafe(16)


def link_token(secret: str, key: str) -> str:
    return key + _seal(secret, "link", key)


def link_key(secret: str, token: str) -> str | None:
    """The key of a link that we sealed, or None."""
    key, seal = token[:KEY], token[KEY:]
    return key if same(seal, _seal(secret, "link", key)) else None


def ballot_token(secret: str, key: str) -> str:
    """The address of an anonymous ticket."""
    return key + _seal(secret, "ballot", key)


def ballot_key(secret: str, token: str) -> str | None:
    key, seal = token[:KEY], token[KEY:]
    return key if same(seal, _seal(secret, "ballot", key)) else None


@dataclass(frozen=True)
class Ticket:
    """An opened page of a questionnaire: ``key`` is new for every opening."""

    key: str
    version_id: int
    opened_at: datetime


def new_ticket(secret: str, link: str, version_id: int, opened_at: datetime) -> str:
    body = f"{new_key()}.{version_id}.{int(opened_at.timestamp())}"
    return f"{body}.{_seal(secret, 'ticket', f'{link}:{body}')}"


def renewed(secret: str, link: str, ticket: Ticket) -> str:
    """The same opening under a new key: for a page whose answers are settled."""
    return new_ticket(secret, link, ticket.version_id, ticket.opened_at)


def open_ticket(secret: str, link: str, text: str) -> Ticket | None:
    """What was sealed for this link by ``new_ticket``, or None."""
    body, _, seal = text.rpartition(".")
    if not same(seal, _seal(secret, "ticket", f"{link}:{body}")):
        return None
    key, version, opened = body.split(".")
    return Ticket(key, int(version), datetime.fromtimestamp(int(opened), UTC))


def csrf_token(secret: str, sign_in_hash: str) -> str:
    return _seal(secret, "csrf", sign_in_hash)


def note(secret: str, purpose: str, text: str) -> str:
    body = f"{text}.{time.time_ns() // 1000}"
    return f"{body}.{_seal(secret, f'note-{purpose}', body)}"


def read_note(secret: str, purpose: str, text: str, seconds: int) -> tuple[str, datetime] | None:
    """What was noted not longer ago than ``seconds``, and when; or None."""
    body, _, seal = text.rpartition(".")
    if not same(seal, _seal(secret, f"note-{purpose}", body)):
        return None
    said, _, microseconds = body.rpartition(".")
    noted_at = datetime.fromtimestamp(int(microseconds) / 1e6, UTC)
    return (said, noted_at) if time.time() - noted_at.timestamp() <= seconds else None


def recovery_hash(secret: str, account_id: int, code: str) -> str:
    """What we keep of a code that stands in for a second factor; without our secret it cannot be guessed."""
    return _seal(secret, "recovery", f"{account_id}:{code}")


def encrypted(secret: str, purpose: str, row: int, plain: bytes) -> bytes:
    """AES-256-GCM, the nonce first."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + _cipher(secret, purpose).encrypt(nonce, plain, str(row).encode())


def decrypted(secret: str, purpose: str, row: int, hidden: bytes) -> bytes | None:
    """None when it was made under another secret or for another row."""
    try:
        return _cipher(secret, purpose).decrypt(hidden[:NONCE], hidden[NONCE:], str(row).encode())
    except InvalidTag:
        return None


def _cipher(secret: str, purpose: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, f"nastavnik-{purpose}".encode()).derive(secret.encode()))


def token_hash(token: str) -> str:
    """What we keep of a secret that the browser holds."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(errors="replace"), right.encode())


def _seal(secret: str, purpose: str, text: str) -> str:
    mac = hmac.new(secret.encode(), f"{purpose}:{text}".encode(errors="surrogatepass"), hashlib.sha256)
    return urlsafe_b64encode(mac.digest()[:16]).decode().rstrip("=")
