"""Signing in and out, one's password, the organisation's card."""

from __future__ import annotations

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from forms.staff import OrganisationForm, PasswordForm, SignInForm
from service.access import cookie_name
from service.accounts import actions
from service.database import Database
from service.i18n import N_, translate
from service.web import mistakes, own_path, redirect, render


def sign_in(request: Request, session: Session) -> Response:
    return _sign_in_page(request, SignInForm(next=request.query_params.get("next", "/")))


def enter(request: Request, database: Database) -> Response:
    form = SignInForm(request.state.form)
    if not form.validate():
        return _sign_in_page(request, form, 422)
    token = actions.sign_in(database, form.login.data, form.password.data)
    if token is None:
        form.password.errors = [
            N_("The name or the password is wrong. Check the keyboard's language and try again.")
        ]
        return _sign_in_page(request, form, 422)
    response = RedirectResponse(own_path(form.next.data or "/"), 303)
    response.set_cookie(
        cookie_name(request),
        token,
        secure=request.app.state.settings.https,
        httponly=True,
        samesite="lax",
        path="/",
    )
    return response


def _sign_in_page(request: Request, form: SignInForm, status: int = 200) -> Response:
    return render(request, "accounts/sign_in.html", status, form=form, errors=mistakes(form))


def sign_out(request: Request, session: Session) -> Response:
    actions.sign_out(session, request.state.sign_in)
    response = redirect(request, "accounts.sign_in")
    response.delete_cookie(
        cookie_name(request), path="/", secure=request.app.state.settings.https, httponly=True
    )
    return response


def password(request: Request, session: Session) -> Response:
    return _password_page(request, PasswordForm())


def change_password(request: Request, database: Database) -> Response:
    form = PasswordForm(request.state.form)
    if not form.validate():
        return _password_page(request, form, 422)
    if not actions.change_password(database, request.state.account, form.old.data, form.new.data):
        form.old.errors = [N_("This is not your present password.")]
        return _password_page(request, form, 422)
    return redirect(request, "accounts.sign_in")


def _password_page(request: Request, form: PasswordForm, status: int = 200) -> Response:
    return render(request, "accounts/password.html", status, form=form, errors=mistakes(form))


def organisation(request: Request, session: Session) -> Response:
    return _organisation_page(request, OrganisationForm(obj=request.state.organisation))


def save_organisation(request: Request, session: Session) -> Response:
    form = OrganisationForm(request.state.form)
    if not form.validate():
        return _organisation_page(request, form, 422)
    actions.change_organisation(session, request.state.organisation, form.data)
    return _organisation_page(request, form, done=translate("Saved."))


def _organisation_page(
    request: Request, form: OrganisationForm, status: int = 200, done: str | None = None
) -> Response:
    return render(request, "accounts/organisation.html", status, form=form, errors=mistakes(form), done=done)
