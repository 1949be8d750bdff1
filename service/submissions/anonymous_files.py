"""Files that are attached to an anonymous answer: without their names, and without all that tells whose they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from forms import Definition, Filled, Kind, Question
from service import ballots, child
from service.child import Limits
from service.database import Database
from service.i18n import translate
from service.opened import Opened
from service.submissions.files import Missing, TooMany

LIMITS = Limits(seconds=20, megabytes=600)
MOST = 20  # of one ticket; counted in memory alone: nothing stored tells who has attached anything
_given: Counter[str] = Counter()
_SIGNS = {b"\xff\xd8": "jpg", b"\x89P": "png", b"%P": "pdf"}


def fitting(definition: Definition) -> Definition:
    """Only kinds of files that can be made nobody's are asked for."""
    pages = (replace(page, questions=tuple(map(_fitting, page.questions))) for page in definition.pages)
    return replace(definition, pages=tuple(pages))


def _fitting(question: Question) -> Question:
    return replace(question, accept=tuple(ending for ending in question.accept if ending in ballots.ENDINGS))


def keep(database: Database, opened: Opened, filled: Filled) -> None:
    """They are kept before the answer is: the page carries their keys, so that no mistake on it loses a file."""
    for key, upload in filled.uploads():
        file: Any = upload  # Starlette's, which can be read
        if _given[opened.key] >= MOST:
            raise TooMany
        try:
            bare = child.run("service.submissions.stripping", given=file.file.read(), limits=LIMITS)
        except child.ChildFailed as failure:
            code = failure.detail.rpartition("\n")[2]  # the reader may have grumbled before
            filled.refuse(key, code if failure.reason == "refused" else "heavy_file")
            continue
        _given[opened.key] += 1
        ending = _SIGNS[bare[:2]]
        kept = ballots.attach(database, opened.wave.id, ending, bare)
        shown = ".".join((translate("file"), ending))
        filled.keep(key, kept, name=shown, type=ballots.MEDIA[ending], size=len(bare))


def settled(
    database: Database, wave_id: int, definition: Definition, answers: Mapping[str, Any]
) -> dict[str, Any]:
    """``answers`` that name none but files that are there."""
    asked = {question.key for question in definition.questions if question.kind is Kind.FILE}
    named = {key: answer["id"] for key, answer in answers.items() if key in asked}
    kept = ballots.attached(database, wave_id, list(named.values())) if named else {}
    if set(named.values()) - kept.keys():
        raise Missing
    return {**answers, **{key: kept[file] for key, file in named.items()}}
