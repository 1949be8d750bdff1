"""The groups of mentees, and the form that makes one."""

from __future__ import annotations

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from forms.text import line
from service.people import teams
from service.tables import Team
from service.web import found, number, redirect, render


def index(request: Request, session: Session) -> Response:
    return render(request, "people/teams.html", teams=teams.teams(session), free=teams.free_mentees(session))


def add(request: Request, session: Session) -> Response:
    form = request.state.form
    members = {number(value) or 0 for value in form.getlist("member")}
    teams.add(session, request.state.account, line(str(form.get("name", ""))), members)
    return redirect(request, "people.teams")


def dissolve(request: Request, session: Session) -> Response:
    teams.dissolve(session, found(session.get(Team, request.path_params["id"])))
    return redirect(request, "people.teams")
