"""Recording what a person said about one exact version of a document, and publishing versions.

Source: Federal Law 152-FZ, art. 9 (content, proof of receipt) and 156-FZ of 24.06.2025 (a document of its own).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, delete, select

from service import audit, queries, standard_consent
from service.consents import requests
from service.database import organisation_of
from service.errors import Conflict
from service.grounds import CONSENT
from service.i18n import N_
from service.standard_consent import STANDARD, body_of, fingerprint, parts_for
from service.tables import Account, Consent, ConsentText, Draft, LegalGround, Organisation, Person, Wave, now


@dataclass(frozen=True)
class Besides:
    """What was said besides yes or no (``choices``), and the paper that says it."""

    choices: Mapping[str, Any] = field(default_factory=dict)
    signed_on: date | None = None
    scan: bytes | None = None
    scan_type: str = ""


def say(
    session: Session,
    person: Person,
    text_id: int,
    state: str,
    channel: str,
    account: Account | None = None,
    besides: Besides | None = None,
) -> None:
    """Saying the same about the same text again changes nothing. Without consent nothing that was typed is kept, and
    what there is already is to be destroyed in time."""
    session.exec(select(Person.id).where(Person.id == person.id).with_for_update()).one()
    text, besides = session.get_one(ConsentText, text_id), besides or Besides()
    last, moment = latest(session, person.id, text.kind), now()
    over = last and last.expires_at and last.expires_at <= moment
    if last and not over and (last.state, last.text_id, Besides(last.choices)) == (state, text_id, besides):
        return
    session.add(
        Consent(
            person_id=person.id,
            text_id=text_id,
            kind=text.kind,
            state=state,
            channel=channel,
            account_id=account.id if account else None,
            said_at=moment,
            expires_at=_end_of_term(text, moment) if state == "given" else None,
            signed_on=besides.signed_on,
            scan=besides.scan,
            scan_type=besides.scan_type,
            choices=dict(besides.choices),
            seen=_seen(session, person, account),
        )
    )
    session.flush()
    if text.kind in CONSENT:
        _follow(session, person, state, channel, account, before=last.state if last else None)
    audit.record(
        session, "consents.say", person.id, kind=text.kind, state=state, channel=channel, text=text_id
    )


def _follow(
    session: Session, person: Person, state: str, channel: str, account: Account | None, before: str | None
) -> None:
    """What saying yes or no to the processing itself brings with it."""
    if state == "given":
        if not any(_stands(latest(session, person.id, kind)) for kind in CONSENT):
            requests.close(session, person.id, "withdrawal", "given_again")
        return
    session.exec(delete(Draft).where(col(Draft.person_id) == person.id))
    if before == "given":
        requests.receive(session, person.id, "withdrawal", channel, account)


def _stands(word: Consent | None) -> bool:
    """A refusal, of the person or of their guardian: it stands whatever the other says."""
    return word is not None and word.state != "given"


def latest(session: Session, person_id: int, kind: str) -> Consent | None:
    said = select(Consent).where(Consent.person_id == person_id, Consent.kind == kind)
    return session.exec(said.order_by(col(Consent.id).desc()).limit(1)).first()


def _end_of_term(text: ConsentText, moment: datetime) -> datetime | None:
    if text.months is None:
        return None
    years, month = divmod(moment.month - 1 + text.months, 12)
    return moment.replace(year=moment.year + years, month=month + 1, day=min(moment.day, 28))


def _seen(session: Session, person: Person, account: Account | None) -> dict[str, str]:
    zone = session.get_one(Organisation, organisation_of(session)).zone
    registrar = f"{account.name}, {account.post}".strip(", ") if account else ""
    return {"name": person.name, "zone": zone, "registrar": registrar}


def publish(
    session: Session,
    kind: str,
    parts: Mapping[str, Any],
    checked_on: date | None = None,
    months: int | None = None,
) -> ConsentText:
    """A new version for whoever is asked from now on; earlier answers keep their own."""
    said = {name: text.replace("\r\n", "\n").strip() for name, text in parts.items() if isinstance(text, str)}
    title, body = said["title"], body_of(kind, said)
    hashed = fingerprint(title, body)
    if session.exec(select(ConsentText).where(ConsentText.hash == hashed)).first():
        raise Conflict(
            N_("There is such a version of the text already."), N_("Change the text, or leave it as it is.")
        )
    ours = parts_for(session.get_one(Organisation, organisation_of(session)), kind)
    earlier = queries.newest_text(session, kind)
    asked = "needed" if kind == "processing" else earlier.asked if earlier else "no"
    text = ConsentText(
        kind=kind,
        title=title,
        body=body,
        hash=hashed,
        parts={**said, "standard": body == body_of(kind, ours)},
        months=months,
        asked=asked,
        checked_on=checked_on,
    )
    return standard_consent.put_forward(session, text)


def publish_standard(session: Session, kind: str = "processing") -> ConsentText:
    """Our text with the organisation's particulars written in."""
    organisation = session.get_one(Organisation, organisation_of(session))
    return publish(session, kind, parts_for(organisation, kind), months=STANDARD[kind].get("months"))


def ask(session: Session, text: ConsentText, asked: str) -> None:
    """Whether people who come by a link are shown the document, and whether matching needs it."""
    text.asked = asked


def ground(
    session: Session, account: Account, kind: str, citation: str, person: Person | None, wave: Wave | None
) -> LegalGround:
    """Another ground than consent, for a person, a wave, or a person in a wave."""
    row = LegalGround(
        kind=kind,
        citation=citation,
        person_id=person.id if person else None,
        wave_id=wave.id if wave else None,
        account_id=account.id,
    )
    session.add(row)
    return row


def end_ground(row: LegalGround) -> None:
    row.ended_at = row.ended_at or now()
