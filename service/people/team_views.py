"""The groups of mentees, and the form that makes one."""

from __future__ import annotations

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from forms.text import line
from service import versions
from service.people import teams
from service.tables import Team
from service.web import found, number, redirect, render


def index(request: Request, session: Session) -> Response:
    return _page(request, session)


def _page(
    request: Request, session: Session, status: int = 200, conflict: tuple[int, int | None] | None = None
) -> Response:
    listed, free = teams.teams(session), teams.free_mentees(session)
    return render(request, "people/teams.html", status, teams=listed, free=free, conflict=conflict)


def add(request: Request, session: Session) -> Response:
    form = request.state.form
    members = {number(value) or 0 for value in form.getlist("member")}
    teams.add(session, request.state.account, line(str(form.get("name", ""))), members)
    return redirect(request, "people.teams")


def represent(request: Request, session: Session) -> Response:
    """Who has chosen meanwhile what the sender had not seen is shown beside the sender's choice."""
    team = found(session.get(Team, request.path_params["id"]))
    versions.lock(session, team)
    stored, chosen = team.representative_id, number(request.state.form.get("person", ""))
    if request.state.form.get(versions.SEEN) not in (None, str(stored or "")) and chosen != stored:
        return _page(request, session, 409, conflict=(team.id, chosen))
    teams.choose_representative(session, team, chosen)
    return redirect(request, "people.teams")


def dissolve(request: Request, session: Session) -> Response:
    teams.dissolve(session, found(session.get(Team, request.path_params["id"])))
    return redirect(request, "people.teams")
