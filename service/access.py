"""Who may use an address: every route names one of these policies, and a route without one does not build.

A policy looks the visitor up in the view's own transaction, binds the session to their organisation and leaves what
it found in ``request.state``: rows to be read, detached, so that they outlive a transaction that is rolled back. What
you may not reach you cannot load.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy.orm import defer
from sqlmodel import Session, and_, col, select
from starlette.requests import Request

from service import ballots
from service.database import EVERYWHERE, bind
from service.errors import Forbidden, NotFound, SignInNeeded
from service.seals import ballot_key, link_key, token_hash
from service.tables import (
    Account,
    Consent,
    Draft,
    Link,
    Organisation,
    Person,
    Questionnaire,
    QuestionnaireVersion,
    SignIn,
    Submission,
    Wave,
    now,
)

Policy = Callable[[Request, Session], None]


def anyone(request: Request, session: Session) -> None:
    """No one is asked; the view learns nothing of any organisation."""


def link_holder(request: Request, session: Session) -> None:
    """The link is the permission: its token is sealed by us, so a copied database gives no links.

    One question answers what every page of a respondent needs: ``state.opened``.
    """
    key = link_key(request.app.state.settings.secret_key, request.path_params["token"])
    row = session.exec(_OPENED, params={"key": key}, execution_options=EVERYWHERE).first() if key else None
    if row is None:
        raise NotFound
    session.expunge_all()
    request.state.opened = opened = Opened(*row)
    request.state.organisation = opened.organisation
    bind(session, opened.organisation.id)


def named_link_holder(request: Request, session: Session) -> None:
    """Whoever holds a link of an anonymous wave can only exchange it: none of their answers may go by their name."""
    link_holder(request, session)
    if request.state.opened.wave.mode != "named":
        raise NotFound


def ticket_holder(request: Request, session: Session) -> None:
    """The right to one anonymous answer: ``state.opened`` knows no person, ``state.used`` whether it has been given."""
    key = ballot_key(request.app.state.settings.secret_key, request.path_params["ticket"])
    ticket = ballots.look(request.app.state.database, key) if key else None
    row = ticket and session.exec(_ASKED, params={"wave": ticket[0]}, execution_options=EVERYWHERE).first()
    if not (key and ticket and row):
        raise NotFound
    session.expunge_all()
    organisation, wave, role, version_hash = row
    request.state.opened = Opened(key, organisation, wave, role, version_hash)
    request.state.organisation, request.state.used = organisation, ticket[1]
    bind(session, organisation.id)


@dataclass(frozen=True)
class Opened:
    """What the link (or ticket) with this ``key`` opens, and the ``role`` that is asked about, if any. There is no
    person behind a wave's common link or a ticket; ``consent`` is the person's latest word, ``sent_as`` the key of
    the page that their current answers came by, ``drafted_at`` when they last left something unsent."""

    key: str
    organisation: Organisation
    wave: Wave
    role: str | None
    version_hash: str
    person: Person | None = None
    consent: str | None = None
    sent_as: str | None = None
    sent_at: datetime | None = None
    drafted_at: datetime | None = None


_CONSENT = (
    select(Consent.state)
    .where(Consent.person_id == Person.id)
    .order_by(col(Consent.id).desc())
    .limit(1)
    .scalar_subquery()
)
_OPENED = (
    select(  # type: ignore[call-overload]  # typed for up to four
        Link.key,
        Organisation,
        Wave,
        Questionnaire.role,
        QuestionnaireVersion.hash,
        Person,
        _CONSENT,
        Submission.key,
        Submission.submitted_at,
        Draft.saved_at,
    )
    .select_from(Link)
    .join(Organisation, col(Organisation.id) == col(Link.organisation_id))
    .join(Wave, col(Wave.id) == col(Link.wave_id))
    .join(Questionnaire, col(Questionnaire.id) == col(Wave.questionnaire_id))
    .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Wave.version_id))
    .join(Person, col(Person.id) == col(Link.person_id), isouter=True)
    .join(
        Submission,
        and_(
            col(Submission.wave_id) == col(Link.wave_id),
            col(Submission.person_id) == col(Link.person_id),
            col(Submission.replaced_at).is_(None),
        ),
        isouter=True,
    )
    .join(
        Draft,
        and_(col(Draft.wave_id) == col(Link.wave_id), col(Draft.person_id) == col(Link.person_id)),
        isouter=True,
    )
    .where(col(Link.key) == bindparam("key"))
    .options(defer(Organisation.order_texts))  # type: ignore[arg-type]
)


_ASKED = (
    select(Organisation, Wave, Questionnaire.role, QuestionnaireVersion.hash)
    .select_from(Wave)
    .join(Organisation, col(Organisation.id) == col(Wave.organisation_id))
    .join(Questionnaire, col(Questionnaire.id) == col(Wave.questionnaire_id))
    .join(QuestionnaireVersion, col(QuestionnaireVersion.id) == col(Wave.version_id))
    .where(col(Wave.id) == bindparam("wave"))
    .options(defer(Organisation.order_texts))  # type: ignore[arg-type]
)


def staff(request: Request, session: Session) -> None:
    """A curator or a director, signed in."""
    _sign_in(request, session)


def curator(request: Request, session: Session) -> None:
    _sign_in(request, session, "curator")


def director(request: Request, session: Session) -> None:
    _sign_in(request, session, "director")


def _sign_in(request: Request, session: Session, role: str | None = None) -> None:
    token = request.cookies.get(cookie_name(request), "")
    found = session.exec(
        select(SignIn, Account, Organisation)
        .join(Account, col(Account.id) == col(SignIn.account_id))
        .join(Organisation, col(Organisation.id) == col(Account.organisation_id))
        .where(SignIn.token_hash == token_hash(token), SignIn.expires_at > now()),
        execution_options=EVERYWHERE,
    ).first()
    if found is None or found[1].disabled_at:
        raise SignInNeeded
    session.expunge_all()
    request.state.sign_in, request.state.account, request.state.organisation = found
    bind(session, request.state.organisation.id)
    if role is not None and request.state.account.role != role:
        raise Forbidden


def cookie_name(request: Request) -> str:
    return "__Host-nastavnik" if request.app.state.settings.https else "nastavnik"
