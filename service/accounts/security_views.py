"""What one keeps of one's own: the password, the second step of signing in, where one is signed in."""

from __future__ import annotations

from datetime import timedelta

import segno
from markupsafe import Markup
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from forms.accounts import ConfirmForm, PasskeyForm, PasswordForm, SeedForm
from service import seals
from service.access import lacks_second_factor
from service.accounts import actions, factors, passkeys, passwords, sessions
from service.accounts.sign_in_views import keep_cookie, site_of
from service.database import Database
from service.errors import Conflict
from service.i18n import N_
from service.tables import now
from service.web import mistakes, number, redirect, render

SEED = "seed"
SEED_SECONDS = 30 * 60
FRESH = timedelta(minutes=30)  # since signing in


def security(request: Request, session: Session) -> Response:
    return _security_page(request, session)


def _security_page(
    request: Request, session: Session, errors: list[tuple[str, str]] | None = None, status: int = 200
) -> Response:
    account = request.state.account
    return render(
        request,
        "accounts/security.html",
        status,
        had=factors.of_account(session, account),
        sign_ins=sessions.of_account(session, account.id),
        lacking=lacks_second_factor(request),
        site=site_of(request),
        errors=errors or [],
    )


# --- the password


def password(request: Request, session: Session) -> Response:
    return _password_page(request, PasswordForm())


def change_password(request: Request, database: Database) -> Response:
    form, account = PasswordForm(request.state.form), request.state.account
    if not form.validate():
        return _password_page(request, form, 422)
    if fault := passwords.fault(form.new.data, account.login, account.name):
        form.new.errors = [fault]
        return _password_page(request, form, 422)
    if not actions.is_own_password(database, account, form.old.data):
        form.old.errors = [NOT_YOURS]
        return _password_page(request, form, 422)
    actions.set_password(database, account, form.new.data)
    return redirect(request, "accounts.sign_in")


NOT_YOURS = N_("This is not your present password.")


def _password_page(request: Request, form: PasswordForm, status: int = 200) -> Response:
    return render(request, "accounts/password.html", status, form=form, errors=mistakes(form))


# --- codes of an authenticator


def totp(request: Request, session: Session) -> Response:
    _refuse_stale(request, session)
    seed = factors.new_seed()
    return _totp_page(request, SeedForm(seed=_noted(request, seed)), seed)


def keep_totp(request: Request, session: Session) -> Response:
    _refuse_stale(request, session)
    form, account = SeedForm(request.state.form), request.state.account
    secret = request.app.state.settings.secret_key
    noted = seals.read_note(secret, _purpose(request), form.seed.data or "", SEED_SECONDS)
    if noted is None:
        raise Conflict(N_("The page was open for too long."), N_("Open it again and scan the new picture."))
    seed = noted[0]
    step = factors.step_of(seed, "".join((form.code.data or "").split())) if form.validate() else None
    if step is None:
        form.code.errors = form.code.errors or [
            N_(
                "The code does not fit. Enter the six digits that are shown now; check the clock of the phone."
            )
        ]
        return _totp_page(request, form, seed, 422)
    factors.keep_seed(session, secret, account, seed, step)
    return _with_second_factor(request, session)


def _refuse_stale(request: Request, session: Session) -> None:
    """Who finds a browser that somebody left signed in puts no key of their own beside those there are."""
    known = factors.of_account(session, request.state.account)
    if known.any and request.state.sign_in.created_at < now() - FRESH:
        raise Conflict(
            N_("You signed in a while ago."), N_("Sign out, sign in once more, and open this page again.")
        )


def _purpose(request: Request) -> str:
    return f"{SEED}-{request.state.sign_in.id}"


def _noted(request: Request, seed: str) -> str:
    return seals.note(request.app.state.settings.secret_key, _purpose(request), seed)


def _totp_page(request: Request, form: SeedForm, seed: str, status: int = 200) -> Response:
    picture = segno.make(factors.address_of(seed, request.state.account.login), error="m")
    return render(
        request,
        "accounts/totp.html",
        status,
        form=form,
        errors=mistakes(form),
        picture=Markup(picture.svg_inline(scale=4, border=2, omitsize=True)),
        seed=" ".join(seed[at : at + 4] for at in range(0, len(seed), 4)),
    )


# --- passkeys


def passkey(request: Request, session: Session) -> Response:
    _refuse_stale(request, session)
    return _passkey_page(request, session, PasskeyForm())


def keep_passkey(request: Request, session: Session) -> Response:
    _refuse_stale(request, session)
    form, site, account = PasskeyForm(request.state.form), site_of(request), request.state.account
    if site is None or not form.validate():
        return _passkey_page(request, session, form, 422)
    if len(factors.of_account(session, account).passkeys) >= passkeys.MOST:
        raise Conflict(N_("There are ten passkeys already."), N_("Take away one that is not used any more."))
    answer = form.challenge.data or "", form.credential.data or "", form.name.data
    if not passkeys.register(session, site, request.app.state.settings.secret_key, account, *answer):
        form.name.errors = [N_("The passkey was not accepted. Press the button once more.")]
        return _passkey_page(request, session, form, 422)
    return _with_second_factor(request, session)


def _passkey_page(request: Request, session: Session, form: PasskeyForm, status: int = 200) -> Response:
    account, site = request.state.account, site_of(request)
    known = factors.of_account(session, account).passkeys
    secret = request.app.state.settings.secret_key
    challenge = passkeys.to_register(site, secret, account, known) if site else None
    return render(
        request, "accounts/passkey.html", status, form=form, errors=mistakes(form), challenge=challenge
    )


# --- what follows from having one


def _with_second_factor(request: Request, session: Session) -> Response:
    """Signed in anew, here alone; the first time with recovery codes."""
    token = _anew(request, session, second_factor=True)
    has_codes = factors.of_account(session, request.state.account).codes
    response = redirect(request, "accounts.security") if has_codes else _codes_page(request, session)
    keep_cookie(request, response, "", token)
    return response


def _anew(request: Request, session: Session, *, second_factor: bool) -> str:
    """The token for the cookie; the page that comes now is sealed for it already."""
    sign_in = request.state.sign_in
    token = sessions.begin_anew(session, sign_in, second_factor)
    sign_in.token_hash, sign_in.second_factor = seals.token_hash(token), second_factor
    return token


def _codes_page(request: Request, session: Session) -> Response:
    codes = factors.new_codes(session, request.app.state.settings.secret_key, request.state.account.id)
    return render(request, "accounts/codes.html", codes=codes)


def renew_codes(request: Request, database: Database) -> Response:
    if problem := _unconfirmed(request, database):
        return problem
    with database.writing(request.state.account.organisation_id) as session:
        return _codes_page(request, session)


def remove_factor(request: Request, database: Database) -> Response:
    """``passkey`` names the one to be taken away; without it the authenticator is."""
    if problem := _unconfirmed(request, database):
        return problem
    account, passkey_id = request.state.account, number(request.state.form.get("passkey"))
    with database.writing(account.organisation_id) as session:
        left = factors.remove(session, account.id, passkey_id)
        token = _anew(request, session, second_factor=left)
    response = redirect(request, "accounts.security")
    keep_cookie(request, response, "", token)
    return response


def _unconfirmed(request: Request, database: Database) -> Response | None:
    """The page again, unless the password was typed with the button."""
    form, account = ConfirmForm(request.state.form), request.state.account
    if form.validate() and actions.is_own_password(database, account, form.password.data):
        return None
    with database.reading(account.organisation_id) as session:
        return _security_page(request, session, [("second-step", str(NOT_YOURS))], 422)


# --- where one is signed in


def end_sessions(request: Request, session: Session) -> Response:
    """The one that is named, or all but this one."""
    account_id, named = request.state.account.id, number(request.state.form.get("session"))
    if named is None:
        sessions.end_all(session, account_id, but=request.state.sign_in.id)
    else:
        sessions.end(session, account_id, named)
    return redirect(request, "accounts.security")
