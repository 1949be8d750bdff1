"""Files that people attach: apart from the answers, under random names; an answer tells the name and whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, delete, func, select

from forms import Definition, Kind
from service.errors import Conflict
from service.i18n import N_
from service.seals import new_key
from service.tables import Attachment, Submission, now

MOST = 30  # of one person in one wave, those that were taken away included
ABANDONED = timedelta(days=1)


class Missing(Conflict):
    message = N_("A file that you attached is not here any more.")
    advice = N_("Go back to its question, attach it again and send the answers.")


class TooMany(Conflict):
    message = N_("Too many files have been attached.")
    advice = N_("Send the answers with those that are attached already.")


def keep(session: Session, wave_id: int, person_id: int, name: str, media_type: str, content: bytes) -> str:
    """The key that it is kept under."""
    there = select(func.count()).where(Attachment.wave_id == wave_id, Attachment.person_id == person_id)
    if session.exec(there).one() >= MOST:
        raise TooMany
    key = new_key()
    session.add(
        Attachment(key=key, wave_id=wave_id, person_id=person_id, name=name, type=media_type, content=content)
    )
    return key


def settled(
    session: Session, wave_id: int, person_id: int, definition: Definition, answers: Mapping[str, Any]
) -> dict[str, Any]:
    """``answers`` that name none but this person's files; the abandoned ones go."""
    asked = {question.key for question in definition.questions if question.kind is Kind.FILE}
    named = {key: answer["id"] for key, answer in answers.items() if key in asked}
    if not asked:
        return {**answers}
    columns = (Attachment.key, Attachment.name, Attachment.type, func.length(col(Attachment.content)))
    mine = select(*columns).where(
        Attachment.person_id == person_id, col(Attachment.key).in_(list(named.values()))
    )
    kept = {row[0]: dict(zip(("id", "name", "type", "size"), row, strict=True)) for row in session.exec(mine)}
    if set(named.values()) - kept.keys():
        raise Missing
    _sweep(session, wave_id, person_id)
    return {**answers, **{key: kept[file] for key, file in named.items()}}


def _sweep(session: Session, wave_id: int, person_id: int) -> None:
    """What was taken away again, or never sent."""
    told = session.exec(select(Submission.answers).where(Submission.person_id == person_id)).all()
    needed = {said["id"] for answers in told for said in answers.values() if is_file(said)}
    session.exec(
        delete(Attachment).where(
            col(Attachment.wave_id) == wave_id,
            col(Attachment.person_id) == person_id,
            col(Attachment.created_at) < now() - ABANDONED,
            col(Attachment.key).not_in(needed),
        )
    )


def is_file(answer: object) -> bool:
    return isinstance(answer, dict) and answer.keys() == {"id", "name", "type", "size"}
