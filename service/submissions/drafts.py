"""What was typed and not sent yet, kept here for whoever comes back by the same link, from whatever device."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, select

from forms import Filled, Page
from forms.fields import names
from service.database import EVERY_ORGANISATION, Database, organisation_of
from service.queries import GRACE
from service.tables import Draft, Wave, now

MOST_BYTES = 256 * 1024


def too_large(filled: Filled) -> bool:
    return sum(len(name.encode()) + len(value.encode()) for name, value in filled.carried()) > MOST_BYTES


def of(session: Session, wave_id: int, person_id: int) -> Draft | None:
    return session.exec(select(Draft).where(Draft.wave_id == wave_id, Draft.person_id == person_id)).first()


def keep(
    session: Session, wave_id: int, person_id: int, opened_at: datetime, page: int, filled: Filled
) -> datetime:
    """By one statement, in place of the earlier draft; when it was saved."""
    said = {
        "typed": [list(pair) for pair in filled.carried()],
        "page": page,
        "opened_at": opened_at,
        "saved_at": (saved_at := now()),
    }
    connection = session.connection()
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(Draft)
    whose = {"organisation_id": organisation_of(session), "wave_id": wave_id, "person_id": person_id}
    connection.execute(
        insert.values(**whose, **said).on_conflict_do_update(
            index_elements=["wave_id", "person_id"], set_=said
        )
    )
    return saved_at


def forget(session: Session, wave_id: int, person_id: int) -> None:
    session.exec(delete(Draft).where(col(Draft.wave_id) == wave_id, col(Draft.person_id) == person_id))


def forget_ended(database: Database) -> None:
    """Nobody can go on with a draft when its wave has ended."""
    ended = select(Wave.id).where(Wave.closes_at < now() - GRACE)
    with database.reading(EVERY_ORGANISATION) as session:
        left = session.exec(select(Draft.id).where(col(Draft.wave_id).in_(ended))).all()
    if left:
        with database.writing(EVERY_ORGANISATION) as session:
            session.exec(delete(Draft).where(col(Draft.id).in_(left)))


def unknown(draft: Draft, posted: Collection[str], pages: Sequence[Page], at: int) -> list[tuple[str, str]]:
    """What was typed on other pages that the page ``at`` knows nothing of: it was left before, and came up again by the
    browser's own Back."""
    elsewhere = {
        name
        for number, page in enumerate(pages)
        for question in page.questions
        if number != at and not any(name in posted for name in names(question))
        for name in names(question)
    }
    return [(name, value) for name, value in draft.typed if name in elsewhere]
