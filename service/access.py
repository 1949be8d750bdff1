"""Who may use an address: every route names one of these policies, and a route without one does not build.

A policy looks the visitor up in the view's own transaction, binds the session to their organisation and leaves what
it found in ``request.state``: rows to be read, detached, so that they outlive a transaction that is rolled back. What
you may not reach you cannot load.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select
from starlette.requests import Request

from service import audit, ballots
from service.database import EVERYWHERE, bind
from service.errors import Closed, Forbidden, NotFound, SecondFactorNeeded, SignInNeeded
from service.i18n import N_
from service.opened import opened_by_link, opened_by_ticket
from service.seals import ballot_key, link_key, read_note, token_hash
from service.tables import (
    STAFF_ROLES,
    Account,
    Invitation,
    Organisation,
    Recovery,
    SignIn,
    now,
)

Policy = Callable[[Request, Session], None]
IDLE = timedelta(hours=12)  # a sign-in that was not used for so long has ended
PRESENCE = timedelta(hours=1)
ENTERING_SECONDS = 10 * 60
TICKET_LASTS = timedelta(hours=1)


def anyone(request: Request, session: Session) -> None:
    """No one is asked; the view learns nothing of any organisation."""


def link_holder(request: Request, session: Session) -> None:
    """The link is the permission: its token is sealed by us, so a copied database gives no links.

    One question answers what every page of a respondent needs: ``state.opened``.
    """
    key = link_key(request.app.state.settings.secret_key, request.path_params["token"])
    opened = opened_by_link(session, key) if key else None
    if opened is None:
        raise NotFound
    session.expunge_all()
    request.state.opened, request.state.organisation = opened, opened.organisation
    bind(session, opened.organisation.id)
    if opened.person:
        audit.identify(session, f"person:{opened.person.id}")


def named_link_holder(request: Request, session: Session) -> None:
    """Whoever holds a link of an anonymous wave can only exchange it: none of their answers may go by their name."""
    link_holder(request, session)
    if request.state.opened.wave.mode != "named":
        raise NotFound


def ticket_holder(request: Request, session: Session) -> None:
    """The right to one anonymous answer: ``state.opened`` knows no person, ``state.used`` whether it has been given."""
    key = ballot_key(request.app.state.settings.secret_key, request.path_params["ticket"])
    ticket = ballots.look(request.app.state.database, key) if key else None
    opened = opened_by_ticket(session, key, ticket[0]) if key and ticket else None
    if ticket is None or opened is None:
        raise NotFound
    session.expunge_all()
    request.state.opened, request.state.organisation = opened, opened.organisation
    request.state.used = ticket[1]
    bind(session, opened.organisation.id)


class Staff:
    """A policy for whoever has signed in under one of the ``roles``: ``state.account`` and ``state.sign_in``.

    A director and a curator need a second factor, unless the organisation has switched that off; without one they get
    only as far as their ``own_matters``, where they set it up.
    """

    def __init__(self, *roles: str, own_matters: bool = False) -> None:
        self.roles, self.own_matters = frozenset(roles), own_matters

    def __call__(self, request: Request, session: Session) -> None:
        _sign_in(request, session)
        if not self.own_matters and lacks_second_factor(request):
            raise SecondFactorNeeded
        if request.state.account.role not in self.roles:
            raise Forbidden


own_matters = Staff(*STAFF_ROLES, own_matters=True)  # one's own password, second factors and sessions
member = Staff(*STAFF_ROLES)  # what tells nothing of people
reader = Staff("director", "curator", "viewer")  # counts, proposals, pairs: names, but nobody's answers
people_reader = Staff("director", "curator")  # cards, answers, papers
supporter = Staff("director", "curator", "psychologist")  # those left without a pair
keeper = Staff("director", "curator", "officer")  # what people demand about their own data
officer = Staff("director", "officer")  # records of who was given which access
curator = Staff("curator")
director = Staff("director")

TWO_FACTORS = ("director", "curator")


def lacks_second_factor(request: Request) -> bool:
    state = request.state
    wanted = state.account.role in TWO_FACTORS and not state.organisation.second_factor_off_at
    return wanted and not state.sign_in.second_factor


def _sign_in(request: Request, session: Session) -> None:
    token, moment = request.cookies.get(cookie_name(request), ""), now()
    found = session.exec(
        select(SignIn, Account, Organisation)
        .join(Account, col(Account.id) == col(SignIn.account_id))
        .join(Organisation, col(Organisation.id) == col(Account.organisation_id))
        .where(
            SignIn.token_hash == token_hash(token), SignIn.expires_at > moment, SignIn.seen_at > moment - IDLE
        ),
        execution_options=EVERYWHERE,
    ).first()
    if found is None or found[1].disabled_at:
        raise SignInNeeded
    session.expunge_all()
    request.state.sign_in, request.state.account, request.state.organisation = found
    bind(session, request.state.organisation.id)


def note_presence(request: Request) -> None:
    """When a sign-in was last used, true to the hour; outside the view's own transaction, which may only read."""
    sign_in = getattr(request.state, "sign_in", None)
    if sign_in is None or now() - sign_in.seen_at < PRESENCE:
        return
    with request.app.state.database.writing(sign_in.organisation_id) as session:
        session.exec(update(SignIn).where(col(SignIn.id) == sign_in.id).values(seen_at=now()))


def entering(request: Request, session: Session) -> None:
    """Whoever has shown their password a moment ago and owes a second factor: ``state.entering``. Another password
    or the end of the account ends this too."""
    secret, cookie = request.app.state.settings.secret_key, cookie_name(request, "entering")
    noted = read_note(secret, "entering", request.cookies.get(cookie, ""), ENTERING_SECONDS)
    account_id = int(noted[0].partition(":")[0]) if noted else 0
    account = session.exec(
        select(Account).where(Account.id == account_id), execution_options=EVERYWHERE
    ).first()
    if account is None or account.disabled_at or not noted or noted[0] != shown_password(account):
        raise SignInNeeded
    session.expunge_all()
    request.state.entering = account
    bind(session, account.organisation_id)


def shown_password(account: Account) -> str:
    """What is noted of somebody whose password was right."""
    return f"{account.id}:{token_hash(account.password_hash)}"


def invited(request: Request, session: Session) -> None:
    """Whoever holds an invitation's link, or the ticket that it was exchanged for: ``state.one_time``."""
    _one_time(request, session, Invitation, "invitation")


def recovering(request: Request, session: Session) -> None:
    """Whoever was given a way back into their account, likewise."""
    _one_time(request, session, Recovery, "recovery")


def _one_time(
    request: Request, session: Session, table: type[Invitation] | type[Recovery], purpose: str
) -> None:
    token = request.path_params.get(purpose)
    shown = token or request.cookies.get(cookie_name(request, purpose), "")
    row = session.exec(
        select(table, Organisation)
        .join(Organisation, col(Organisation.id) == col(table.organisation_id))
        .where((table.token_hash if token else table.ticket_hash) == token_hash(shown)),
        execution_options=EVERYWHERE,
    ).first()
    if row is None:
        raise NotFound
    session.expunge_all()
    link, request.state.organisation = row
    over = link.used_at or link.revoked_at or link.expires_at < now()
    if over or (link.opened_at and (token or link.opened_at < now() - TICKET_LASTS)):
        raise Closed(_SPENT, _ASK_AGAIN)
    request.state.one_time = link
    bind(session, link.organisation_id)


_SPENT = N_("This link is no longer valid.")
_ASK_AGAIN = N_("It works once and for a limited time. Ask the director for a new one.")


def cookie_name(request: Request, purpose: str = "") -> str:
    """Of a sign-in, or of something on the way to one."""
    name = f"nastavnik-{purpose}" if purpose else "nastavnik"
    return f"__Host-{name}" if request.app.state.settings.https else name
