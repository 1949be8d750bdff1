"""Where the month stands and what to do next; the language of the pages."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service import backup_folder, queries
from service.i18n import LANGUAGES
from service.tables import (
    ROLES,
    Assignment,
    AssignmentOrder,
    Person,
    Questionnaire,
    Run,
    Series,
    SubjectRequest,
    Submission,
    Wave,
    now,
)
from service.web import own_path, redirect, render
from service.working_days import alarm

FIRST_PAGES = {"psychologist": "people.unpaired", "officer": "accounts.record"}  # the others begin here


def show(request: Request, session: Session) -> Response:
    if there := FIRST_PAGES.get(request.state.account.role):
        return redirect(request, there)
    return render(
        request,
        "home/show.html",
        stuck=_stuck_series(session),
        demands=_demands(request, session),
        backups=_backups(request),
        waves=_open_waves(session),
        newcomers=_count(session, col(Person.id), col(Person.confirmed_at).is_(None)),
        statuses={
            role: Counter(member.status for member in queries.members(session, role)) for role in ROLES
        },
        last_run=session.exec(select(Run).order_by(col(Run.id).desc()).limit(1)).first(),
        pairs=_count(session, col(Assignment.id), col(Assignment.ended_at).is_(None)),
        not_in_order=_count(
            session,
            col(Assignment.id),
            col(Assignment.ended_at).is_(None),
            col(Assignment.order_id).is_(None),
        ),
        last_order=session.exec(
            select(AssignmentOrder).order_by(col(AssignmentOrder.id).desc()).limit(1)
        ).first(),
    )


def _backups(request: Request) -> tuple[datetime | None, bool] | None:
    """When the last good one was made, and whether that is too long ago; None where nobody asked for any."""
    folder = request.app.state.settings.backup_folder
    if not folder:
        return None
    return backup_folder.last_good(Path(folder)), backup_folder.is_alarming(Path(folder))


def _open_waves(session: Session) -> list[tuple[Wave, int]]:
    """The waves that are open now, with how many have answered."""
    answered = (
        select(func.count(col(Submission.id)))
        .where(col(Submission.wave_id) == col(Wave.id), col(Submission.replaced_at).is_(None))
        .scalar_subquery()
    )
    rows = session.exec(select(Wave, answered).where(Wave.opens_at <= now(), Wave.closes_at >= now())).all()
    return [(wave, count) for wave, count in rows]


def _stuck_series(session: Session) -> list[tuple[Series, str]]:
    """Series that cannot open their waves, with the titles of their questionnaires."""
    rows = session.exec(
        select(Series, Questionnaire.title)
        .join(Questionnaire, col(Questionnaire.id) == col(Series.questionnaire_id))
        .where(col(Series.obstacle).is_not(None), col(Series.paused_at).is_(None))
        .order_by(col(Series.obstacle_since))
    ).all()
    return [(series, title) for series, title in rows]


def _demands(request: Request, session: Session) -> list[tuple[SubjectRequest, Person, str]]:
    """What people demand about their data, when the term is near."""
    today = now().astimezone(ZoneInfo(request.state.organisation.zone)).date()
    rows = session.exec(
        select(SubjectRequest, Person)
        .join(Person, col(Person.id) == col(SubjectRequest.person_id))
        .where(col(SubjectRequest.closed_at).is_(None))
        .order_by(col(SubjectRequest.due_on))
    ).all()
    return [(row, person, urgent) for row, person in rows if (urgent := alarm(row.due_on, today))]


def _count(session: Session, column: Any, *conditions: Any) -> int:
    return session.exec(select(func.count(column)).where(*conditions)).one()


def language(request: Request, session: Session) -> Response:
    """Back to where the button was pressed, in the language that was chosen."""
    chosen = str(request.state.form.get("language"))
    back = "/" + request.headers.get("referer", "").partition("://")[2].partition("/")[2]
    response = RedirectResponse(own_path(back), 303)
    if chosen in LANGUAGES:
        response.set_cookie(
            "language",
            chosen,
            max_age=365 * 86400,
            secure=request.app.state.settings.https,
            httponly=True,
            samesite="lax",
        )
    return response
