"""Two people, one form: whoever saves what was changed since they opened it is shown both versions, and loses neither.

A form carries a fingerprint of what it showed (templates/_parts/version.html). When it is saved, that is compared with
what is stored then, under a lock, so that of two who save at once one is told. Whoever saves once more has seen the
other version, and theirs takes its place.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, SQLModel
from starlette.requests import Request
from wtforms import Field, Form

SEEN = "seen"  # the hidden field


@dataclass(frozen=True)
class Difference:
    """How a field stands with the one who saves, and how it is stored; ``label`` is a msgid."""

    label: str
    mine: str
    theirs: str


def lock(session: Session, row: SQLModel) -> None:
    """Nobody else changes ``row`` until this transaction ends, and it is as the last one left it."""
    session.refresh(row, with_for_update=True)


def conflicts(request: Request, form: Form, stored: Form) -> bool:
    """Whether ``form`` would undo what its sender has not seen: ``stored`` is the same form filled from the locked row.

    Then ``form`` shows both, and goes on from what is stored now. Only a valid form is compared.
    """
    posted, there = request.state.form.get(SEEN), fingerprint(stored)
    form.differences = [] if posted in (None, there) else differences(form, stored)
    form.seen = there if form.differences else fingerprint(form)
    return bool(form.differences)


def fingerprint(form: Form) -> str:
    shown = repr([(field.name, str(field.data or "")) for field in form])
    return hashlib.sha256(shown.encode()).hexdigest()[:32]


def seen(request: Request, form: Form) -> str:
    """What ``form`` carries: of the row that fills it, or what was posted with it when it comes back with mistakes."""
    posted = getattr(request.state, "form", {}).get(SEEN)
    return str(getattr(form, "seen", None) or posted or fingerprint(form))


def differences(mine: Form, theirs: Form) -> list[Difference]:
    pairs = [(field, theirs[field.name]) for field in mine]
    return [
        Difference(str(field.label.text), _shown(field), _shown(other))
        for field, other in pairs
        if str(field.data or "") != str(other.data or "")
    ]


def _shown(field: Field) -> str:
    if isinstance(field.data, datetime):
        return f"{field.data:%d.%m.%Y %H:%M}"
    if isinstance(field.data, date):
        return f"{field.data:%d.%m.%Y}"
    choices = {choice.value: choice.label for choice in getattr(field, "choices", None) or ()}
    return str(choices.get(field.data) or field.data or "")
