"""Questionnaires come in as files and are kept as versions; nothing is kept before the curator has seen it."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from threading import BoundedSemaphore

from sqlmodel import Session, select

import forms
from forms.xlsform import Finding, Imported
from service import child
from service.child import ChildFailed, Limits
from service.errors import Busy, Conflict, Invalid, NotFound
from service.i18n import N_
from service.questionnaires import actions
from service.questionnaires.workbook import unpacked
from service.tables import Questionnaire

LIMITS = Limits(seconds=20, megabytes=600)
AT_ONCE, WAIT_SECONDS = 2, 5
NEW = "new"
_room = BoundedSemaphore(AT_ONCE)
_log = logging.getLogger("nastavnik.questionnaires")


def looked_through(content: bytes, filename: str, limits: Limits = LIMITS) -> Imported:
    """What the file holds and what was found in it, read where it can do no harm."""
    if not _room.acquire(timeout=WAIT_SECONDS):
        raise Busy(N_("Other files are being read at the moment."), N_("Wait half a minute and try again."))
    try:
        read = child.run("service.questionnaires.workbook", filename, given=content, limits=limits)
    except ChildFailed as failure:
        _log.warning("a questionnaire could not be read: %s", failure)
        code = "too_heavy" if failure.reason in ("time", "memory") else "unreadable"
        return Imported(None, (Finding(code),))
    finally:
        _room.release()
    return unpacked(json.loads(read))


def aimed(session: Session, definition: forms.Definition, target: str) -> forms.Definition:
    """As the file says (""), as a questionnaire of its own (NEW), or as a version of the one with this id."""
    if target.isdecimal():
        questionnaire = session.get(Questionnaire, int(target))
        if questionnaire is None:
            raise NotFound
        return replace(definition, key=questionnaire.key)
    if target == NEW:
        return replace(definition, key=_free_key(session, definition.key))
    return definition


def _free_key(session: Session, key: str) -> str:
    taken = set(session.exec(select(Questionnaire.key)).all())
    numbered = (f"{key[:36]}_{number}" for number in range(2, len(taken) + 3))
    return next(free for free in (key, *numbered) if free not in taken)


def present(session: Session, key: str) -> tuple[Questionnaire | None, forms.Definition | None]:
    """The questionnaire that has this key now, and its last version."""
    questionnaire = session.exec(select(Questionnaire).where(Questionnaire.key == key)).first()
    version = questionnaire and actions.latest_version(session, questionnaire)
    return questionnaire, forms.parse(version.definition) if version else None


def keep(session: Session, written: str) -> Questionnaire:
    """A definition as JSON, as it stood in the page that was looked at."""
    try:
        definition = forms.parse(json.loads(written))
    except (forms.DefinitionError, ValueError, RecursionError) as error:
        raise Invalid(N_("The questionnaire did not arrive whole."), N_("Upload the file again.")) from error
    questionnaire, _ = present(session, definition.key)
    if questionnaire and questionnaire.role != actions.ROLE_OF.get(definition.purpose):
        raise Conflict(
            N_("A questionnaire with this name in the file serves another purpose."),
            N_("Upload the file once more and choose “A new questionnaire”."),
        )
    return actions.add_questionnaire(session, definition)
