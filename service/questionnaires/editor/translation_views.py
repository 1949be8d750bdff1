"""The editor's pages of languages: which there are, and the texts of one beside those that they translate."""

from __future__ import annotations

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from forms.text import clean
from forms.xlsform.languages import NAMES
from service.errors import NotFound
from service.questionnaires.editor import drafts, editing, translations
from service.questionnaires.editor.views import around, draft_of, framing
from service.tables import QuestionnaireDraft
from service.web import redirect, render

MOST_CHARACTERS = 9_000
PREFIX = "text."  # of the inputs' names, before the path of the text


def languages(request: Request, session: Session) -> Response:
    draft = draft_of(request, session)
    return render(
        request,
        "questionnaires/editor_languages.html",
        own=NAMES.get(code := draft.definition.get("language", "ru"), code),
        languages=translations.counts(draft.definition),
        offered=translations.offered(draft.definition),
        **around(request, session, draft),
    )


def language(request: Request, session: Session) -> Response:
    draft = draft_of(request, session)
    return _page(request, session, draft, _said(draft, _language(request, draft)))


def save(request: Request, session: Session) -> Response:
    draft, posted = drafts.locked(session, request.path_params["id"]), request.state.form
    language, account = _language(request, draft), request.state.account
    if "drop" in posted:
        drafts.change(
            session, draft, account, "language-delete", language,
            lambda definition: translations.without(definition, language),
        )  # fmt: skip
        return redirect(request, "questionnaires.editor_languages", id=draft.id)
    typed = {
        name.removeprefix(PREFIX): clean(str(text))[:MOST_CHARACTERS]
        for name, text in posted.items()
        if name.startswith(PREFIX)
    }
    theirs = _said(draft, language)
    if posted.get("seen", "") not in ("", editing.seal(theirs)):
        return _page(request, session, draft, typed, 409)
    drafts.change(
        session, draft, account, "language", language,
        lambda definition: translations.written(definition, language, {**theirs, **typed}),
        by_itself="auto" in posted,
    )  # fmt: skip
    if "done" in posted:
        return redirect(request, "questionnaires.editor_languages", id=draft.id)
    return redirect(request, "questionnaires.editor_language", id=draft.id, language=language)


def _language(request: Request, draft: QuestionnaireDraft) -> str:
    code: str = request.path_params["language"]
    if code not in NAMES and code not in draft.definition.get("translations", {}):
        raise NotFound
    return code


def _said(draft: QuestionnaireDraft, language: str) -> dict[str, str]:
    said: dict[str, str] = draft.definition.get("translations", {}).get(language, {})
    return said


def _page(
    request: Request, session: Session, draft: QuestionnaireDraft, typed: dict[str, str], status: int = 200
) -> Response:
    language = request.path_params["language"]
    theirs = _said(draft, language)
    parts = translations.parts(draft.definition, typed)
    texts = [text for part in parts for text in part.texts]
    response = render(
        request,
        "questionnaires/editor_language.html",
        status,
        code=language,
        name=NAMES.get(language, language),
        parts=parts,
        prefix=PREFIX,
        translated_texts=sum(bool(text.said) for text in texts),
        total=len(texts),
        there=bool(theirs),
        seen=editing.seal(theirs),
        theirs={path: text for path, text in theirs.items() if typed.get(path) != text}
        if status == 409
        else {},
        overtaken=status == 409,
        **around(request, session, draft),
    )
    return framing(response)
