"""The organisation, its staff and how they sign in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from service.tables.base import Document, Owned, now, one_of


class Organisation(SQLModel, table=True):
    """``legal_bases`` and the other texts of orders are data that the curator edits, never rules of ours."""

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


class Account(Owned, table=True):
    __table_args__ = (one_of("role", "curator", "director"),)

    login: str = Field(unique=True)
    password_hash: str
    role: str
    name: str
    post: str = ""
    created_at: datetime = Field(default_factory=now)
    disabled_at: datetime | None = None


class SignIn(Owned, table=True):
    """A staff session. The browser holds a random token, we hold its SHA-256."""

    token_hash: str = Field(unique=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    created_at: datetime = Field(default_factory=now)
    expires_at: datetime


class Attempt(SQLModel, table=True):
    """How often something was tried within a window of time; ``key`` is a hash."""

    key: str = Field(primary_key=True)
    window: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    count: int = 0
