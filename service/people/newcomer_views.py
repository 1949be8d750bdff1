"""Who is who: newcomers waiting to be looked at, and two entries of the list that may be one person."""

from __future__ import annotations

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from service.errors import Invalid, NotFound
from service.i18n import N_
from service.people import actions, merging
from service.tables import Person
from service.web import found, number, redirect, render


def newcomers(request: Request, session: Session) -> Response:
    people = session.exec(actions.listed()).all()
    waiting = [(person, actions.look_alikes(person, people)) for person in actions.newcomers(session)]
    return render(request, "people/newcomers.html", newcomers=waiting)


def confirm(request: Request, session: Session) -> Response:
    """As a new person, or joined to the one who was chosen."""
    newcomer = found(session.get(Person, request.path_params["id"], with_for_update=True))
    chosen = str(request.state.form.get("person", ""))
    if chosen == "new":
        actions.confirm(session, newcomer)
        return redirect(request, "people.show", id=newcomer.id)
    if chosen == "nobody":
        actions.reject(session, newcomer)
        return redirect(request, "people.newcomers")
    if not chosen:
        raise Invalid(N_("It is not chosen who this is."), N_("Go back and mark one of the answers."))
    person = _listed(session, chosen)
    merging.join(session, newcomer, person)
    return redirect(request, "people.show", id=person.id)


def merging_page(request: Request, session: Session) -> Response:
    """Whom the person may be the same as; with ``?person=`` both beside each other."""
    one = _listed(session, request.path_params["id"])
    chosen = request.query_params.get("person", "")
    others = [person for person in session.exec(actions.listed()).all() if person.id != one.id]
    return render(
        request,
        "people/merge.html",
        person=one,
        other=_listed(session, chosen) if chosen else None,
        alike=actions.look_alikes(one, others),
        others=sorted(others, key=lambda person: person.sort_name),
    )


def merge(request: Request, session: Session) -> Response:
    """The person of the page stays; the other one becomes a trace of them."""
    into, chosen = _listed(session, request.path_params["id"]), str(request.state.form.get("person", ""))
    if not chosen:
        raise Invalid(N_("Choose people from the banks."))
    merging.merge(session, _listed(session, chosen), into)
    return redirect(request, "people.show", id=into.id)


def _listed(session: Session, chosen: object) -> Person:
    person = found(session.get(Person, number(chosen) or 0))
    if person.confirmed_at is None or person.merged_into:
        raise NotFound
    return person
