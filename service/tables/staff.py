"""The organisation, its staff and how they sign in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from service.tables.base import Document, Owned, now, one_of

STAFF_ROLES = ("director", "curator", "psychologist", "officer", "viewer")


class Organisation(SQLModel, table=True):
    """``legal_bases`` and the other texts of orders are data that the curator edits, never rules of ours.

    A director and a curator sign in by two factors unless the organisation has said otherwise: who and when.
    """

    id: int = Field(default=None, primary_key=True)
    full_name: str
    short_name: str
    founder_line: str = ""
    place: str = ""
    address: str = ""
    inn: str = ""
    ogrn: str = ""
    head_post: str = ""
    head_name: str = ""
    school_year: str = ""
    programme_months: int = 9
    zone: str = "Europe/Moscow"
    order_texts: dict[str, Any] = Document()
    second_factor_off_at: datetime | None = None
    second_factor_off_by: str = ""


class Account(Owned, table=True):
    """``totp_secret`` is encrypted (seals.py); ``totp_step`` is the last one whose code was used: none works twice."""

    __table_args__ = (one_of("role", *STAFF_ROLES),)

    login: str = Field(unique=True)
    password_hash: str
    role: str
    name: str
    post: str = ""
    created_at: datetime = Field(default_factory=now)
    disabled_at: datetime | None = None
    totp_secret: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    totp_step: int = 0


class SignIn(Owned, table=True):
    """A staff session. The browser holds a random token, we hold its SHA-256. ``seen_at`` is true to the hour;
    ``second_factor`` says that the person has shown more than a password."""

    token_hash: str = Field(unique=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    browser: str = ""
    second_factor: bool = False
    created_at: datetime = Field(default_factory=now)
    seen_at: datetime = Field(default_factory=now)
    expires_at: datetime


class Passkey(Owned, table=True):
    """``credential_id`` in base64url; a challenge given before ``used_at`` is spent."""

    account_id: int = Field(foreign_key="account.id", index=True)
    credential_id: str = Field(unique=True)
    public_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sign_count: int = 0
    name: str
    created_at: datetime = Field(default_factory=now)
    used_at: datetime | None = None


class RecoveryCode(Owned, table=True):
    """One of ten that stand in for a lost second factor, each once."""

    account_id: int = Field(foreign_key="account.id", index=True)
    code_hash: str = Field(unique=True)
    used_at: datetime | None = None


class OneTimeLink(Owned):
    """The address holds a token; opening it by the button gives the browser a ticket instead, for an hour.
    Of both we hold the SHA-256."""

    token_hash: str = Field(unique=True)
    ticket_hash: str | None = Field(default=None, unique=True)
    created_at: datetime = Field(default_factory=now)
    expires_at: datetime
    opened_at: datetime | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class Invitation(OneTimeLink, table=True):
    """To become one of the staff; ``account_id`` is who came of it."""

    __table_args__ = (one_of("role", *STAFF_ROLES),)

    name: str
    post: str = ""
    role: str
    invited_by: int = Field(foreign_key="account.id")
    account_id: int | None = Field(default=None, foreign_key="account.id")


class Recovery(OneTimeLink, table=True):
    """A way back in that somebody else gave, kept as the record of it; ``made_by`` is empty for the machine's console.
    ``factors_too``: not the password alone is set anew, the second factors are taken away as well."""

    account_id: int = Field(foreign_key="account.id", index=True)
    made_by: int | None = Field(default=None, foreign_key="account.id")
    reason: str
    factors_too: bool = False


class Attempt(SQLModel, table=True):
    """How often something was tried and failed; ``key`` is a hash, the moments are seconds since 1970."""

    key: str = Field(primary_key=True)
    count: int = 0
    tried_at: int = 0
    waits_until: int = 0
