"""The organisation's card."""

from __future__ import annotations

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from forms.staff import OrganisationForm
from service import versions
from service.accounts import actions
from service.i18n import translate
from service.tables import Organisation
from service.web import mistakes, render


def organisation(request: Request, session: Session) -> Response:
    return _organisation_page(request, OrganisationForm(obj=request.state.organisation))


def save_organisation(request: Request, session: Session) -> Response:
    form = OrganisationForm(request.state.form)
    if not form.validate():
        return _organisation_page(request, form, 422)
    stored = session.get_one(Organisation, request.state.organisation.id)
    versions.lock(session, stored)
    if versions.conflicts(request, form, OrganisationForm(obj=stored)):
        return _organisation_page(request, form, 409)
    actions.change_organisation(session, stored, form.data)
    return _organisation_page(request, form, done=translate("Saved."))


def _organisation_page(
    request: Request, form: OrganisationForm, status: int = 200, done: str | None = None
) -> Response:
    return render(request, "accounts/organisation.html", status, form=form, errors=mistakes(form), done=done)
