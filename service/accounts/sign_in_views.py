"""Signing in by password and code, or by a passkey alone; signing out."""

from __future__ import annotations

from urllib.parse import quote

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from forms.accounts import CodeForm, SignInForm
from service import seals
from service.access import cookie_name, shown_password
from service.accounts import actions, factors, passkeys, sessions
from service.accounts.passkeys import Site
from service.database import Database
from service.i18n import N_
from service.tables import Account
from service.web import mistakes, own_path, redirect, render


def sign_in(request: Request, session: Session) -> Response:
    return _sign_in_page(request, SignInForm(next=request.query_params.get("next", "/")))


def enter(request: Request, database: Database) -> Response:
    form = SignInForm(request.state.form)
    if not form.validate():
        return _sign_in_page(request, form, 422)
    account = actions.known_by_password(database, form.login.data, form.password.data, network(request))
    if account is None:
        form.password.errors = [
            N_("The name or the password is wrong. Check the keyboard's language and try again.")
        ]
        return _sign_in_page(request, form, 422)
    onward = own_path(form.next.data or "/")
    with database.reading(account.organisation_id) as session:
        had = factors.of_account(session, account)
    if not had.any:
        return let_in(request, database, account, onward, second_factor=False)
    response = RedirectResponse(f"{request.app.url_path_for('accounts.code')}?next={quote(onward)}", 303)
    known = seals.note(request.app.state.settings.secret_key, "entering", shown_password(account))
    keep_cookie(request, response, "entering", known)
    return response


def code(request: Request, session: Session) -> Response:
    form = CodeForm(next=request.query_params.get("next", "/"))
    return _code_page(request, form, factors.of_account(session, request.state.entering))


def enter_code(request: Request, database: Database) -> Response:
    account = request.state.entering
    with database.reading(account.organisation_id) as session:
        had = factors.of_account(session, account)
    form = CodeForm(request.state.form)
    if not form.validate():
        return _code_page(request, form, had, 422)
    secret = request.app.state.settings.secret_key
    if not factors.is_right(database, secret, account, form.code.data, network(request)):
        form.code.errors = [
            N_(
                "This code does not fit, or has been used. Wait for the next one; check the clock of the phone."
            )
        ]
        return _code_page(request, form, had, 422)
    response = let_in(request, database, account, own_path(form.next.data or "/"), second_factor=True)
    drop_cookie(request, response, "entering")
    return response


def passkey(request: Request, database: Database) -> Response:
    """One's name need not be typed: the browser knows it."""
    said, site = request.state.form, site_of(request)
    challenge, credential = (str(said.get(name, "")) for name in ("challenge", "credential"))
    secret, where = request.app.state.settings.secret_key, network(request)
    account = (
        passkeys.known_by_passkey(database, site, secret, challenge, credential, where) if site else None
    )
    if account is None:
        form = SignInForm(next=own_path(str(said.get("next", "/"))))
        problem = N_("The passkey was not accepted. Try once more, or enter by name and password.")
        return _sign_in_page(request, form, 422, [("passkey", str(problem))])
    response = let_in(request, database, account, own_path(str(said.get("next", "/"))), second_factor=True)
    drop_cookie(request, response, "entering")
    return response


def _sign_in_page(
    request: Request, form: SignInForm, status: int = 200, problems: list[tuple[str, str]] | None = None
) -> Response:
    site = site_of(request)
    challenge = passkeys.to_sign_in(site, request.app.state.settings.secret_key) if site else None
    errors = problems or mistakes(form)
    return render(request, "accounts/sign_in.html", status, form=form, errors=errors, challenge=challenge)


def _code_page(request: Request, form: CodeForm, had: factors.Factors, status: int = 200) -> Response:
    site = site_of(request) if had.passkeys else None
    challenge = passkeys.to_sign_in(site, request.app.state.settings.secret_key) if site else None
    return render(
        request, "accounts/code.html", status, form=form, errors=mistakes(form), had=had, challenge=challenge
    )


def sign_out(request: Request, session: Session) -> Response:
    actions.sign_out(session, request.state.sign_in)
    response = redirect(request, "accounts.sign_in")
    drop_cookie(request, response)
    return response


# --- what the other ways in need too


def let_in(
    request: Request, database: Database, account: Account, onward: str, *, second_factor: bool
) -> Response:
    """Signed in, under a token that nobody has seen yet."""
    browser = sessions.browser_of(request.headers.get("user-agent", ""))
    before = request.cookies.get(cookie_name(request), "")
    token = actions.enter(database, account, browser, second_factor, instead_of=before)
    response = RedirectResponse(onward, 303)
    keep_cookie(request, response, "", token)
    return response


def keep_cookie(request: Request, response: Response, purpose: str, value: str) -> None:
    """Until the browser is closed, whatever else ends it before."""
    response.set_cookie(
        cookie_name(request, purpose),
        value,
        secure=request.app.state.settings.https,
        httponly=True,
        samesite="lax",
        path="/",
    )


def drop_cookie(request: Request, response: Response, purpose: str = "") -> None:
    response.delete_cookie(
        cookie_name(request, purpose), path="/", secure=request.app.state.settings.https, httponly=True
    )


def site_of(request: Request) -> Site | None:
    return Site.at(request.app.state.settings.address or str(request.base_url))


def network(request: Request) -> str:
    """Where a request comes from, as the server in front of us says."""
    return request.client.host if request.client else ""
