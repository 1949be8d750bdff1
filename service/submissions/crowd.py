"""A common link is open to everybody: a whole school comes in unnoticed; a crowd larger than any school waits its turn,
or lets its browsers work a little."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from sqlmodel import Session, col, func, select

from service.errors import TooOften
from service.i18n import N_
from service.seals import Ticket
from service.tables import Link, Person, now

HOUR = timedelta(hours=1)
UNNOTICED, MOST = 300, 600  # newcomers of one wave in an hour: come in at once; come in after a wait
WAIT_SECONDS = 60
BITS = 15  # some 30 000 tries: a second of a telephone


class Crowded(TooOften):
    """``seconds`` until it makes sense to try again."""

    message = N_("Many people are filling in the questionnaire right now.")
    advice = N_("Wait a minute and press the button again: your answers are on this page.")

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


def refuse_a_crowd(session: Session, wave_id: int, ticket: Ticket, work: str) -> None:
    seconds = wait(session, wave_id, ticket, work)
    if seconds:
        raise Crowded(seconds)


def wait(session: Session, wave_id: int, ticket: Ticket, work: str) -> int:
    """For how many seconds whoever opened the page of ``ticket`` has to wait; 0: come in."""
    newcomers = _newcomers(session, wave_id)
    if newcomers < UNNOTICED or worked(ticket, work):
        return 0
    left = WAIT_SECONDS - int((now() - ticket.opened_at).total_seconds())
    if newcomers >= MOST:
        return max(left, WAIT_SECONDS)
    return max(left, 0)


def worked(ticket: Ticket, work: str) -> bool:
    """Whether ``work`` is a number that makes the hash of the ticket's key begin with so many zero bits."""
    digest = hashlib.sha256(f"{ticket.key}:{work}".encode(errors="replace")).digest()
    return len(work) <= 12 and int.from_bytes(digest[:8], "big") >> 64 - BITS == 0


def _newcomers(session: Session, wave_id: int) -> int:
    """Those of the last hour whom the curator has not looked at yet."""
    came = (
        select(func.count())
        .select_from(Link)
        .join(Person, col(Person.id) == col(Link.person_id))
        .where(Link.wave_id == wave_id, Link.created_at > now() - HOUR, col(Person.confirmed_at).is_(None))
    )
    return session.exec(came).one()
