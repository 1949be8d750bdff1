"""Mentees without a pair, for those who support them meanwhile: who they are and what they need help with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

import forms
from service import queries
from service.queries import Member
from service.tables import Run
from service.web import render


def unpaired(request: Request, session: Session) -> Response:
    members = [
        member
        for member in queries.members(session, "mentee")
        if member.person.confirmed_at and not member.membership.withdrawn_at and not member.pairs
    ]
    run = session.exec(
        select(Run).where(col(Run.approved_at).is_not(None)).order_by(col(Run.approved_at).desc()).limit(1)
    ).first()
    compared = {mentee["id"] for mentee in run.snapshot["mentees"]} if run else set()
    left = [member for member in members if member.person.id in compared]
    return render(
        request,
        "people/unpaired.html",
        run=run,
        left=left,
        others=[member for member in members if member not in left],
        needs=_needs,
        wish=_wish,
    )


def _needs(member: Member) -> list[str]:
    """What they need help with, the foremost first; of those alone who have agreed to its being read."""
    levels: Mapping[str, str] = _answers(member).get("needs") or {}
    foremost = sorted(levels, key=lambda code: (-int(levels[code]), code))
    return [forms.competences().get(code, code) for code in foremost if levels[code] in ("2", "3")]


def _wish(member: Member) -> str:
    return str(_answers(member).get("request") or "")


def _answers(member: Member) -> Mapping[str, Any]:
    return (member.membership.profile or {}) if member.consent == "given" else {}
