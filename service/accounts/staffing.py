"""Who works here: invited, given a role, disabled, let in again. Links work once and are kept as their hashes."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import CursorResult
from sqlmodel import Session, col, select, update

from service import audit
from service.accounts import actions, sessions
from service.database import EVERYWHERE
from service.errors import Conflict, Forbidden
from service.i18n import N_
from service.seals import token_hash
from service.tables import Account, Invitation, Recovery, now

INVITATION_LASTS = timedelta(days=7)
RECOVERY_LASTS = timedelta(days=1)


def invite(session: Session, by: Account, name: str, post: str, role: str) -> str:
    """The token of the link."""
    token = secrets.token_urlsafe(32)
    session.add(
        Invitation(
            token_hash=token_hash(token),
            expires_at=now() + INVITATION_LASTS,
            name=name,
            post=post,
            role=role,
            invited_by=by.id,
        )
    )
    return token


def renew(session: Session, invitation: Invitation) -> str:
    """Another link in place of the one sent before."""
    _refuse_accepted(invitation)
    token = secrets.token_urlsafe(32)
    invitation.sqlmodel_update(
        {
            "token_hash": token_hash(token),
            "ticket_hash": None,
            "opened_at": None,
            "revoked_at": None,
            "expires_at": now() + INVITATION_LASTS,
        }
    )
    return token


def revoke(invitation: Invitation) -> None:
    _refuse_accepted(invitation)
    invitation.revoked_at = now()


def _refuse_accepted(invitation: Invitation) -> None:
    if invitation.used_at:
        raise Conflict(N_("This invitation has been accepted already."))


def exchange(session: Session, link: Invitation | Recovery) -> str:
    """The link's first and only opening: a ticket for the browser that opened it."""
    ticket, table = secrets.token_urlsafe(32), type(link)
    opened = session.exec(
        update(table)
        .where(col(table.id) == link.id, col(table.opened_at).is_(None))
        .values(ticket_hash=token_hash(ticket), opened_at=now())
    )
    if not isinstance(opened, CursorResult) or opened.rowcount != 1:
        raise Conflict
    return ticket


def is_taken(session: Session, login: str) -> bool:
    same = select(Account.id).where(Account.login == actions.as_login(login))
    return session.exec(same, execution_options=EVERYWHERE).first() is not None


def join(session: Session, invitation: Invitation, login: str, hashed: str) -> Account:
    kept = session.get_one(Invitation, invitation.id, with_for_update=True, populate_existing=True)
    _refuse_accepted(kept)
    if kept.revoked_at or kept.ticket_hash != invitation.ticket_hash:
        raise Conflict(N_("This invitation was taken back."), N_("Ask the director for a new one."))
    account = actions.add_account(session, login, kept.role, kept.name, kept.post, hashed)
    session.flush()
    kept.used_at, kept.account_id = now(), account.id
    audit.identify(session, f"account:{account.id}")
    audit.record(session, "accounts.join", role=kept.role, invitation=kept.id)
    return account


def give_role(session: Session, by: Account, account: Account, role: str) -> None:
    """Whoever is signed in under another role signs in anew."""
    _refuse_oneself(by, account)
    account.role = role
    sessions.end_all(session, account.id)


def disable(session: Session, by: Account, account: Account) -> None:
    _refuse_oneself(by, account)
    account.disabled_at = account.disabled_at or now()
    sessions.end_all(session, account.id)


def enable(account: Account) -> None:
    account.disabled_at = None


def recover(session: Session, by: Account | None, account: Account, reason: str, factors_too: bool) -> str:
    """The token of a link by which ``account`` sets a new password; ``by`` is None at the machine's console.
    A link given before stops working."""
    if by is not None:
        _refuse_oneself(by, account)
    earlier = col(Recovery.account_id) == account.id, col(Recovery.used_at).is_(None)
    session.exec(
        update(Recovery).where(*earlier, col(Recovery.revoked_at).is_(None)).values(revoked_at=now())
    )
    audit.record(session, "accounts.recover", account=account.id, factors_too=factors_too)
    token = secrets.token_urlsafe(32)
    session.add(
        Recovery(
            token_hash=token_hash(token),
            expires_at=now() + RECOVERY_LASTS,
            account_id=account.id,
            made_by=by.id if by else None,
            reason=reason,
            factors_too=factors_too,
        )
    )
    return token


def come_back(session: Session, recovery: Recovery, hashed: str) -> Account:
    kept = session.get_one(Recovery, recovery.id, with_for_update=True)
    if kept.used_at or kept.revoked_at:
        raise Conflict
    kept.used_at = now()
    account = session.get_one(Account, kept.account_id)
    account.password_hash = hashed
    if kept.factors_too:
        actions.take_away_factors(session, account.id)
    sessions.end_all(session, account.id)
    audit.identify(session, f"account:{account.id}")
    audit.record(session, "accounts.come_back", recovery=kept.id, factors_too=kept.factors_too)
    return account


def _refuse_oneself(by: Account, account: Account) -> None:
    if by.id == account.id:
        raise Forbidden(
            N_("Nobody changes their own access."), N_("Ask another director, or your system administrator.")
        )
