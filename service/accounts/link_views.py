"""One-time links: an invitation to the staff, and the way back for who has lost theirs.

Looking at a link changes nothing (mail scanners look). Its button exchanges it for a ticket in a cookie and goes on to
an address without any secret; the page there is what the link was for.
"""

from __future__ import annotations

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from forms.accounts import ComeBackForm, JoinForm
from service.accounts import actions, passwords, staffing
from service.accounts.sign_in_views import drop_cookie, keep_cookie, let_in
from service.database import Database
from service.i18n import N_
from service.tables import Account
from service.web import mistakes, redirect, render


def invitation(request: Request, session: Session) -> Response:
    return _link_page(request, "accounts/invitation.html")


def open_invitation(request: Request, session: Session) -> Response:
    return _exchanged(request, session, "invitation", "accounts.joining")


def recovery(request: Request, session: Session) -> Response:
    return _link_page(request, "accounts/recovery.html")


def open_recovery(request: Request, session: Session) -> Response:
    return _exchanged(request, session, "recovery", "accounts.coming_back")


def _link_page(request: Request, template: str) -> Response:
    response = render(request, template)
    response.headers["Referrer-Policy"] = "strict-origin"  # none at all would take the Origin from the post
    return response


def _exchanged(request: Request, session: Session, purpose: str, onward: str) -> Response:
    ticket = staffing.exchange(session, request.state.one_time)
    response = redirect(request, onward)
    keep_cookie(request, response, purpose, ticket)
    return response


def joining(request: Request, session: Session) -> Response:
    return _join_page(request, JoinForm())


def join(request: Request, database: Database) -> Response:
    form, invited = JoinForm(request.state.form), request.state.one_time
    if not form.validate():
        return _join_page(request, form, 422)
    names = invited.name, request.state.organisation.short_name
    if fault := passwords.fault(form.password.data, form.login.data, *names):
        form.password.errors = [fault]
        return _join_page(request, form, 422)
    with database.reading(invited.organisation_id) as session:
        if staffing.is_taken(session, form.login.data):
            form.login.errors = [N_("This login is taken. Choose another one.")]
            return _join_page(request, form, 422)
    hashed = passwords.hashed(form.password.data)
    with database.writing(invited.organisation_id) as session:
        account = staffing.join(session, invited, form.login.data, hashed)
    response = let_in(
        request, database, account, request.app.url_path_for("accounts.security"), second_factor=False
    )
    drop_cookie(request, response, "invitation")
    return response


def _join_page(request: Request, form: JoinForm, status: int = 200) -> Response:
    return render(request, "accounts/join.html", status, form=form, errors=mistakes(form))


def coming_back(request: Request, session: Session) -> Response:
    account = session.get_one(Account, request.state.one_time.account_id)
    return _come_back_page(request, ComeBackForm(), account)


def come_back(request: Request, database: Database) -> Response:
    form, given = ComeBackForm(request.state.form), request.state.one_time
    with database.reading(given.organisation_id) as session:
        account = session.get_one(Account, given.account_id)
    if not form.validate():
        return _come_back_page(request, form, account, 422)
    if fault := passwords.fault(form.password.data, account.login, account.name):
        form.password.errors = [fault]
        return _come_back_page(request, form, account, 422)
    hashed = passwords.hashed(form.password.data)
    with database.writing(given.organisation_id) as session:
        staffing.come_back(session, given, hashed)
    actions.forget_tries(database, account)
    response = redirect(request, "accounts.sign_in")
    drop_cookie(request, response, "recovery")
    return response


def _come_back_page(request: Request, form: ComeBackForm, account: Account, status: int = 200) -> Response:
    return render(
        request, "accounts/come_back.html", status, form=form, errors=mistakes(form), account=account
    )
