"""Recording what a person said about one exact version of the consent document, and publishing a new version.

Source: Federal Law 152-FZ, art. 9 (content, proof of receipt) and 156-FZ of 24.06.2025 (a document of its own).
"""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, col, delete, select

from service.database import organisation_of
from service.errors import Conflict
from service.i18n import N_
from service.standard_consent import TITLE, body_for, fingerprint
from service.tables import Account, Consent, ConsentText, Draft, Organisation, Person, now


def say(
    session: Session, person: Person, text_id: int, state: str, channel: str, account: Account | None = None
) -> None:
    """Saying the same about the same text again changes nothing. Without consent nothing that was typed is kept."""
    session.exec(select(Person.id).where(Person.id == person.id).with_for_update()).one()
    last = session.exec(
        select(Consent).where(Consent.person_id == person.id).order_by(col(Consent.id).desc()).limit(1)
    ).first()
    if last and (last.state, last.text_id) == (state, text_id):
        return
    if state != "given":
        session.exec(delete(Draft).where(col(Draft.person_id) == person.id))
    session.add(
        Consent(
            person_id=person.id,
            text_id=text_id,
            state=state,
            channel=channel,
            account_id=account.id if account else None,
        )
    )


def publish(session: Session, title: str, body: str, checked_on: date | None = None) -> ConsentText:
    """A new version for whoever is asked from now on; earlier answers keep their own."""
    body = body.replace("\r\n", "\n").strip()
    hashed = fingerprint(title, body)
    if session.exec(select(ConsentText).where(ConsentText.hash == hashed)).first():
        raise Conflict(
            N_("There is such a version of the text already."), N_("Change the text, or leave it as it is.")
        )
    text = ConsentText(title=title, body=body, hash=hashed, checked_on=checked_on, created_at=now())
    session.add(text)
    return text


def publish_standard(session: Session) -> ConsentText:
    """Our text with the organisation's particulars written in."""
    organisation = session.get_one(Organisation, organisation_of(session))
    return publish(session, TITLE, body_for(organisation))
