"""Sign-ins that last: where somebody is signed in, until when, and how it ends."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import Session, col, delete, select

from service import audit
from service.access import IDLE
from service.seals import token_hash
from service.tables import SignIn, now

LASTS = timedelta(days=30)
BROWSERS = (  # most of them pretend to be those that come after
    ("YaBrowser", "Яндекс Браузер"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def begin(session: Session, account_id: int, browser: str, second_factor: bool) -> str:
    """The token for the browser's cookie."""
    session.exec(
        delete(SignIn).where((col(SignIn.expires_at) < now()) | (col(SignIn.seen_at) < now() - IDLE))
    )
    audit.identify(session, f"account:{account_id}")
    audit.record(session, "accounts.enter", second_factor=second_factor)
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            token_hash=token_hash(token),
            account_id=account_id,
            browser=browser,
            second_factor=second_factor,
            expires_at=now() + LASTS,
        )
    )
    return token


def begin_anew(session: Session, sign_in: SignIn, second_factor: bool) -> str:
    """The same sign-in under another token, and the only one of its account: what it may do has changed."""
    end_all(session, sign_in.account_id, but=sign_in.id)
    token = secrets.token_urlsafe(32)
    kept = session.get_one(SignIn, sign_in.id)
    kept.sqlmodel_update({"token_hash": token_hash(token), "second_factor": second_factor})
    return token


def end(session: Session, account_id: int, sign_in_id: int) -> None:
    session.exec(delete(SignIn).where(col(SignIn.id) == sign_in_id, col(SignIn.account_id) == account_id))


def end_all(session: Session, account_id: int, but: int = 0) -> None:
    session.exec(delete(SignIn).where(col(SignIn.account_id) == account_id, col(SignIn.id) != but))


def end_token(session: Session, token: str) -> None:
    session.exec(delete(SignIn).where(col(SignIn.token_hash) == token_hash(token)))


def of_account(session: Session, account_id: int) -> Sequence[SignIn]:
    """Those that go on, the last used first."""
    going = SignIn.account_id == account_id, SignIn.expires_at > now(), SignIn.seen_at > now() - IDLE
    return session.exec(select(SignIn).where(*going).order_by(col(SignIn.seen_at).desc())).all()


def browser_of(user_agent: str) -> str:
    """«Chrome, Windows»: enough to know one's own by; empty where it says nothing that we know."""
    named = (
        next((name for sign, name in family if sign in user_agent), "") for family in (BROWSERS, SYSTEMS)
    )
    return ", ".join(name for name in named if name)
