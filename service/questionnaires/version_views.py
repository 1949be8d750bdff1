"""The versions of a questionnaire: what changed between them, and each on a phone and on paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, select
from starlette.requests import Request
from starlette.responses import Response

import forms
from forms.difference import breaks, difference
from forms.xlsform.languages import NAMES
from service import queries
from service.questionnaires import actions
from service.questionnaires.changes import told, told_broken
from service.questionnaires.previews import previewed
from service.tables import Questionnaire, QuestionnaireVersion, Wave
from service.web import found, render


def versions(request: Request, session: Session) -> Response:
    """With the difference of two: the last two, or those that were chosen."""
    questionnaire = found(session.get(Questionnaire, request.path_params["id"]))
    listed = actions.versions_of(session, questionnaire.id)
    new = _chosen(request, "new", listed, listed)
    old = _chosen(request, "old", listed, listed[listed.index(new) + 1 :] if new else [])
    return render(
        request,
        "questionnaires/versions.html",
        questionnaire=questionnaire,
        versions=listed,
        waves=Counter(
            session.exec(select(Wave.version_id).where(Wave.questionnaire_id == questionnaire.id)).all()
        ),
        old=old,
        new=new,
        **(_compared(old, new) if old and new else {}),
    )


def _chosen(
    request: Request, name: str, listed: Sequence[QuestionnaireVersion], usual: Sequence[QuestionnaireVersion]
) -> QuestionnaireVersion | None:
    """What the query names, else the first of the ``usual``."""
    wished = request.query_params.get(name)
    return next((version for version in listed if str(version.id) == wished), next(iter(usual), None))


def _compared(old: QuestionnaireVersion, new: QuestionnaireVersion) -> dict[str, Any]:
    before, after = forms.parse(old.definition), forms.parse(new.definition)
    return {
        "changes": [told(change) for change in difference(before, after)],
        "broken": [told_broken(change) for change in breaks(before, after)],
    }


def preview(request: Request, session: Session) -> Response:
    return _shown(request, session, "questionnaires/preview.html")


def paper(request: Request, session: Session) -> Response:
    """To be printed and filled in by hand; the numbers are those of the preview."""
    return _shown(request, session, "questionnaires/paper.html")


def _shown(request: Request, session: Session, template: str) -> Response:
    questionnaire, version = asked_for(request, session)
    written = forms.parse(version.definition)
    spoken = [written.language, *(code for code in written.translations if code != written.language)]
    wished = request.query_params.get("in", "")
    definition = written.in_language(wished) if wished in spoken else written
    return render(
        request,
        template,
        questionnaire=questionnaire,
        version=version,
        definition=definition,
        languages=[(code, NAMES.get(code, code)) for code in spoken],
        pages=previewed(definition, queries.choices_of_people(session)),
        sentence=forms.sentence,
    )


def asked_for(request: Request, session: Session) -> tuple[Questionnaire, QuestionnaireVersion]:
    """The version that ?version= names, or the last one."""
    questionnaire = found(session.get(Questionnaire, request.path_params["id"]))
    listed = actions.versions_of(session, questionnaire.id)
    if wished := request.query_params.get("version"):
        listed = [version for version in listed if str(version.id) == wished]
    return questionnaire, found(listed[0] if listed else None)
