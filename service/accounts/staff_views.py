"""Who works here: the director invites, gives roles, lets in again; the record of it."""

from __future__ import annotations

from sqlmodel import Session, col, func, select
from starlette.requests import Request
from starlette.responses import Response

from forms.accounts import InvitationForm, RecoveryForm, RoleForm
from service.accounts import actions, factors, staffing
from service.database import Database
from service.i18n import translate
from service.tables import Account, Invitation, Recovery, SignIn, now
from service.web import found, mistakes, redirect, render


def index(request: Request, session: Session) -> Response:
    return _index_page(request, session)


def _index_page(request: Request, session: Session, link: str = "", for_whom: str = "") -> Response:
    """``link`` is shown once, to be passed on."""
    seen = select(func.max(col(SignIn.seen_at))).where(SignIn.account_id == Account.id).scalar_subquery()
    order = col(Account.disabled_at).is_not(None), col(Account.name), col(Account.id)
    return render(
        request,
        "accounts/staff.html",
        accounts=session.exec(select(Account, seen).order_by(*order)).all(),
        invitations=session.exec(
            select(Invitation).where(col(Invitation.used_at).is_(None)).order_by(col(Invitation.id).desc())
        ).all(),
        now=now(),
        link=link,
        for_whom=for_whom,
    )


def inviting(request: Request, session: Session) -> Response:
    return _invitation_page(request, InvitationForm())


def invite(request: Request, session: Session) -> Response:
    form = InvitationForm(request.state.form)
    if not form.validate():
        return _invitation_page(request, form, 422)
    token = staffing.invite(session, request.state.account, form.name.data, form.post.data, form.role.data)
    return _index_page(request, session, _there(request, "invitation", token), form.name.data)


def _invitation_page(request: Request, form: InvitationForm, status: int = 200) -> Response:
    return render(request, "accounts/invite.html", status, form=form, errors=mistakes(form))


def renew(request: Request, session: Session) -> Response:
    invitation = found(session.get(Invitation, request.path_params["id"]))
    token = staffing.renew(session, invitation)
    return _index_page(request, session, _there(request, "invitation", token), invitation.name)


def revoke(request: Request, session: Session) -> Response:
    staffing.revoke(found(session.get(Invitation, request.path_params["id"])))
    return redirect(request, "accounts.staff")


def _there(request: Request, purpose: str, token: str) -> str:
    """The whole address, as it is passed on."""
    base = request.app.state.settings.address or str(request.base_url).rstrip("/")
    path = request.app.url_path_for(f"accounts.{purpose}", **{purpose: token})
    return f"{base}{path}"


# --- one account


def show(request: Request, session: Session) -> Response:
    return _account_page(request, session, _account(request, session), RecoveryForm())


def _account(request: Request, session: Session) -> Account:
    return found(session.get(Account, request.path_params["id"]))


def _account_page(
    request: Request,
    session: Session,
    account: Account,
    recovery: RecoveryForm,
    status: int = 200,
    link: str = "",
) -> Response:
    return render(
        request,
        "accounts/account.html",
        status,
        account=account,
        had=factors.of_account(session, account),
        waiting=actions.is_waiting(session, account),
        role=RoleForm(role=account.role),
        recovery=recovery,
        errors=mistakes(recovery),
        link=link,
    )


def give_role(request: Request, session: Session) -> Response:
    form, account = RoleForm(request.state.form), _account(request, session)
    if form.validate():
        staffing.give_role(session, request.state.account, account, form.role.data)
    return redirect(request, "accounts.account", id=account.id)


def disable(request: Request, session: Session) -> Response:
    account = _account(request, session)
    staffing.disable(session, request.state.account, account)
    return redirect(request, "accounts.account", id=account.id)


def enable(request: Request, session: Session) -> Response:
    account = _account(request, session)
    staffing.enable(account)
    return redirect(request, "accounts.account", id=account.id)


def unlock(request: Request, database: Database) -> Response:
    with database.reading(request.state.organisation.id) as session:
        account = _account(request, session)
    actions.forget_tries(database, account)
    return redirect(request, "accounts.account", id=account.id)


def recover(request: Request, session: Session) -> Response:
    form, account = RecoveryForm(request.state.form), _account(request, session)
    if not form.validate():
        return _account_page(request, session, account, form, 422)
    by = request.state.account
    token = staffing.recover(session, by, account, form.reason.data, form.factors_too.data)
    return _account_page(request, session, account, RecoveryForm(), link=_there(request, "recovery", token))


# --- the organisation's rule, and the record


def second_factor(request: Request, session: Session) -> Response:
    wanted = request.state.form.get("wanted") == "yes"
    actions.want_second_factor(session, request.state.organisation, wanted, request.state.account.name)
    return redirect(request, "accounts.staff")


def record(request: Request, session: Session) -> Response:
    """Who was let in again by whom and why, and who was invited by whom."""
    names = {account.id: account.name for account in session.exec(select(Account)).all()}
    return render(
        request,
        "accounts/record.html",
        names=names,
        recoveries=session.exec(select(Recovery).order_by(col(Recovery.id).desc())).all(),
        invitations=session.exec(select(Invitation).order_by(col(Invitation.id).desc())).all(),
        machine=translate("the machine's console"),
    )
