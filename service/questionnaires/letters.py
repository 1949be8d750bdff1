"""Letters to the people of a wave: who gets one, what stands in it, and the job that sends them.

A person gets one letter of a day's mailing at most. Each is marked in a transaction of its own before its text leaves
and when the server has answered, so a job that was killed goes on where it stopped; the one letter that was under way
then is ``unknown`` and not sent again, since the server may have taken it.

In a named wave letters go to those who have not answered. In an anonymous one they go to all who are asked, always:
nobody may tell by them, or by who complains of them, who has answered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select, update

from service import jobs, mail, queries, seals
from service.errors import Conflict
from service.i18n import N_, Message
from service.jobs import Work
from service.mail import CutOff, Refused, Unreachable
from service.tables import (
    Account,
    Job,
    Letter,
    Link,
    Mailing,
    Organisation,
    Person,
    Submission,
    Wave,
    now,
)

LINK = "{ссылка}"
_PLACES = re.compile(r"\{(имя|ссылка|срок)\}")
SILENT = ("refused", "withdrawn")  # consents of people who are left in peace

REASONS: Mapping[str, Message] = {
    "address": N_("there is no e-mail address in the person's card"),
    "recipient": N_("the server does not know this address: check it in the person's card"),
    "later": N_("the server asks to send it later"),
    "content": N_("the server did not take the text: it may have held it for spam"),
    "unknown": N_("the connection broke off while it was sent: it may have arrived or not"),
}
FAILURES: Mapping[str, Message] = {
    "connect": N_("The mail server does not answer."),
    "tls": N_("The mail server offers no encryption that can be trusted."),
    "login": N_("The mail server does not accept our name and password."),
    "sender": N_("The mail server does not let us write from our address."),
    "closed": N_("The mail server broke off the connection."),
}


# --- who and what


def recipients(session: Session, wave: Wave) -> list[Person]:
    """By name; with and without an address."""
    people = session.exec(
        select(Person)
        .join(Link, col(Link.person_id) == col(Person.id))
        .where(Link.wave_id == wave.id)
        .order_by(col(Person.sort_name), col(Person.id))
    ).all()
    left_out = _silent(session) | (_answered(session, wave) if wave.mode == "named" else set())
    everybody = {person.id: person for person in people}
    return [person for person_id, person in everybody.items() if person_id not in left_out]


def _silent(session: Session) -> set[int]:
    """Who does not want to be written to."""
    return {person_id for person_id, state in queries.consents_now(session).items() if state in SILENT}


def _answered(session: Session, wave: Wave) -> set[int]:
    current = select(Submission.person_id).where(
        Submission.wave_id == wave.id, col(Submission.replaced_at).is_(None)
    )
    return set(session.exec(current).all())


def of_day(session: Session, wave: Wave, day: date) -> Mailing | None:
    return session.exec(select(Mailing).where(Mailing.wave_id == wave.id, Mailing.day == day)).first()


def under_way(session: Session, mailing: Mailing) -> bool:
    return session.get_one(Job, mailing.job_id).finished_at is None


def begin(session: Session, account: Account, wave: Wave, day: date, subject: str, text: str) -> Mailing:
    """Letters to all who are to have one; a second pressing on the same day is the same mailing."""
    if mailing := of_day(session, wave, day):
        return mailing
    if wave.closes_at <= now():
        raise Conflict(N_("The wave is over: nobody can answer any more."), N_("Prolong it first."))
    mailing = Mailing(wave_id=wave.id, day=day, subject=subject, text=text, account_id=account.id, job_id="")
    session.add(mailing)
    session.flush()
    session.add_all(
        Letter(mailing_id=mailing.id, person_id=person.id)
        for person in recipients(session, wave)
        if mail.address_in(person.contact)
    )
    mailing.job_id = jobs.enqueue(session, "send-letters", mailing_id=mailing.id)
    return mailing


def go_on(session: Session, mailing: Mailing) -> None:
    """Send what has not been sent; what was cut off in between stays as it is."""
    if under_way(session, mailing):
        return
    failed = (col(Letter.mailing_id) == mailing.id, col(Letter.state) == "failed")
    session.exec(update(Letter).where(*failed).values(state="waiting", reason=None))
    mailing.failure = None
    mailing.job_id = jobs.enqueue(session, "send-letters", mailing_id=mailing.id)


# --- the job


def send(work: Work, mailing_id: int) -> None:
    """Job. A server that took some letters and left is called again; one that took none is told of."""
    with work.database.writing(work.organisation_id) as session:
        left = (col(Letter.mailing_id) == mailing_id, col(Letter.state) == "sending")
        session.exec(update(Letter).where(*left).values(state="unknown", reason="unknown"))
    failure = _send_all(work, mailing_id)
    with work.database.writing(work.organisation_id) as session:
        session.get_one(Mailing, mailing_id).failure = failure


def _send_all(work: Work, mailing_id: int) -> str | None:
    """What keeps the server from taking the rest, if anything does."""
    while waiting := _waiting(work, mailing_id):
        sent = 0
        try:
            with mail.Server(work.settings) as server:
                for letter_id in waiting:
                    sent += _send_one(work, server, letter_id)
        except CutOff:
            return "closed"
        except Unreachable as broken:
            if not sent:
                return broken.reason
    return None


def _waiting(work: Work, mailing_id: int) -> list[int]:
    with work.database.reading(work.organisation_id) as session:
        return list(
            session.exec(
                select(Letter.id)
                .where(Letter.mailing_id == mailing_id, Letter.state == "waiting")
                .order_by(col(Letter.id))
            ).all()
        )


def _send_one(work: Work, server: mail.Server, letter_id: int) -> bool:
    """Whether the server has taken it."""
    letter = _taken_up(work, letter_id)
    if letter is None:
        return False
    state, reason = "waiting", None
    try:
        server.send(letter)
        state = "sent"
    except Refused as refused:
        state, reason = "failed", refused.reason
    except CutOff:
        state, reason = "unknown", "unknown"
        raise
    finally:
        _mark(work, letter_id, state, reason)
    return state == "sent"


def _mark(work: Work, letter_id: int, state: str, reason: str | None) -> None:
    with work.database.writing(work.organisation_id) as session:
        if row := session.get(Letter, letter_id):  # gone with a person whose data were destroyed
            _set(row, state, reason)


def _set(row: Letter, state: str, reason: str | None = None) -> None:
    row.state, row.reason, row.changed_at = state, reason, now()


def _taken_up(work: Work, letter_id: int) -> mail.Letter | None:
    """The letter, marked as under way; None when somebody else has it or there is no need of it any more."""
    with work.database.writing(work.organisation_id) as session:
        row = session.get(Letter, letter_id, with_for_update=True)
        if row is None or row.state != "waiting":
            return None
        mailing, person = session.get_one(Mailing, row.mailing_id), session.get_one(Person, row.person_id)
        wave, address = session.get_one(Wave, mailing.wave_id), mail.address_in(person.contact)
        link = _link(session, wave, person)
        answered = wave.mode == "named" and person.id in _answered(session, wave)
        if link is None or answered or wave.closes_at <= now() or person.id in _silent(session):
            _set(row, "needless")
            return None
        if address is None:
            _set(row, "failed", "address")
            return None
        _set(row, "sending")
        words = _words(work, session.get_one(Organisation, work.organisation_id), wave, person, link)
        subject, text = (filled_in(said, words) for said in (mailing.subject, mailing.text))
        return mail.Letter(f"wave-{mailing.id}-{row.id}", address, subject, text)


def _words(work: Work, organisation: Organisation, wave: Wave, person: Person, link: Link) -> dict[str, str]:
    token = seals.link_token(work.settings.secret_key, link.key)
    return {
        "имя": " ".join(part for part in (person.first_name, person.patronymic) if part),
        "ссылка": f"{work.settings.address}/q/{token}",
        "срок": f"{wave.closes_at.astimezone(ZoneInfo(organisation.zone)):%d.%m.%Y %H:%M}",
    }


def _link(session: Session, wave: Wave, person: Person) -> Link | None:
    """The latest one: who turned out to be somebody of the list has two."""
    mine = select(Link).where(Link.wave_id == wave.id, Link.person_id == person.id)
    return session.exec(mine.order_by(col(Link.id).desc()).limit(1)).first()


def filled_in(text: str, words: Mapping[str, str]) -> str:
    """In one pass: a name that reads like a place stays a name."""
    return _PLACES.sub(lambda place: words[place[1]], text)
