"""Where the month stands and what to do next; the language of the pages."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlmodel import Session, col, func, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service import queries
from service.i18n import LANGUAGES
from service.tables import ROLES, Assignment, AssignmentOrder, Person, Run, Submission, Wave, now
from service.web import own_path, render


def show(request: Request, session: Session) -> Response:
    return render(
        request,
        "home/show.html",
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


def _open_waves(session: Session) -> list[tuple[Wave, int]]:
    """The waves that are open now, with how many have answered."""
    answered = (
        select(func.count(col(Submission.id)))
        .where(col(Submission.wave_id) == col(Wave.id), col(Submission.replaced_at).is_(None))
        .scalar_subquery()
    )
    rows = session.exec(select(Wave, answered).where(Wave.opens_at <= now(), Wave.closes_at >= now())).all()
    return [(wave, count) for wave, count in rows]


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
