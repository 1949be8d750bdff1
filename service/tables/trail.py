"""What was done to personal data, rights and decisions: a chain that only grows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from service.tables.base import Document, Owned


class AuditEntry(Owned, table=True):
    """One deed, the ``number``-th of its organisation. ``by`` is an account, a person (by their link), a job or the
    console; ``about`` a person. ``facts`` hold no personal value. Triggers refuse to change or delete a row, and
    ``hash`` binds it to all before it (service/audit.py). Nothing here refers to a row: the trail outlives them."""

    __table_args__ = (UniqueConstraint("organisation_id", "number"),)

    number: int
    at: datetime
    by: str
    deed: str
    about: int | None = Field(default=None, index=True)
    facts: dict[str, Any] = Document()
    previous: str
    hash: str
