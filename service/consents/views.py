"""The consent document for a respondent by link, its text for the curator, and consents on paper."""

from __future__ import annotations

from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from forms.staff import ConsentTextForm
from service import queries
from service.access import Opened
from service.consents import actions
from service.errors import Invalid
from service.i18n import N_
from service.tables import ConsentText, Person
from service.web import found, mistakes, redirect, render


def show(request: Request, session: Session) -> Response:
    return _document(request, session, _holder(request))


def _document(request: Request, session: Session, person: Person, status: int = 200) -> Response:
    errors = [("decision", str(N_("Choose: you give the consent or you do not.")))] if status == 422 else []
    return render(
        request,
        "consents/show.html",
        status,
        person=person,
        text=queries.consent_text(session),
        said=queries.consent_of(session, person.id),
        token=request.path_params["token"],
        errors=errors,
    )


def decide(request: Request, session: Session) -> Response:
    person, form = _holder(request), request.state.form
    state = {"give": "given", "refuse": "refused"}.get(str(form.get("decision")))
    if state is None:
        return _document(request, session, person, 422)
    text = found(session.exec(select(ConsentText).where(ConsentText.hash == str(form.get("text")))).first())
    actions.say(session, person, text.id, state, "link")
    step = "submissions.form" if state == "given" else "consents.refused"
    return redirect(request, step, token=request.path_params["token"])


def refused(request: Request, session: Session) -> Response:
    person = _holder(request)
    return render(request, "consents/refused.html", person=person, token=request.path_params["token"])


def _holder(request: Request) -> Person:
    """Whose personal link this is; by a common link one introduces oneself first."""
    opened: Opened = request.state.opened
    return found(opened.person)


# --- the curator's side


def text(request: Request, session: Session) -> Response:
    return _text_page(request, session, ConsentTextForm(obj=queries.consent_text(session)))


def publish(request: Request, session: Session) -> Response:
    form = ConsentTextForm(request.state.form)
    if not form.validate():
        return _text_page(request, session, form, 422)
    actions.publish(session, form.title.data, form.body.data, form.checked_on.data)
    return redirect(request, "consents.text")


def _text_page(request: Request, session: Session, form: ConsentTextForm, status: int = 200) -> Response:
    versions = session.exec(select(ConsentText).order_by(col(ConsentText.id).desc())).all()
    return render(request, "consents/text.html", status, form=form, errors=mistakes(form), versions=versions)


def on_paper(request: Request, session: Session) -> Response:
    """The curator holds a signed paper: given, refused or withdrawn."""
    person = found(session.get(Person, request.path_params["id"]))
    state = str(request.state.form.get("state"))
    if state not in ("given", "refused", "withdrawn"):
        raise Invalid
    actions.say(session, person, queries.consent_text(session).id, state, "paper", request.state.account)
    return redirect(request, "people.show", id=person.id)
