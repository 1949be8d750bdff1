"""The editor's parts: a question, a page, the title and introduction. Who is overtaken sees both, and loses nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from forms.text import clean, line
from service.errors import NotFound
from service.i18n import N_
from service.questionnaires.changes import KINDS
from service.questionnaires.editor import conditions, drafts, editing, menus, question_form
from service.questionnaires.editor.editing import Asked, Draft
from service.questionnaires.editor.menus import Menus
from service.questionnaires.editor.question_form import QuestionForm
from service.questionnaires.editor.samples import SAMPLES, begun
from service.questionnaires.editor.views import around, draft_of, framing, to_outline
from service.tables import QuestionnaireDraft
from service.web import number, render

# --- a new question


def new_question(request: Request, session: Session) -> Response:
    return _new_question_page(request, session, draft_of(request, session), request.query_params)


def _new_question_page(
    request: Request, session: Session, draft: QuestionnaireDraft, said: Mapping[str, Any], status: int = 200
) -> Response:
    last = len(draft.definition["pages"])
    return render(
        request,
        "questionnaires/editor_new_question.html",
        status,
        at=min(number(said.get("page", "")) or last, last),
        after=said.get("after", ""),
        label=said.get("label", ""),
        samples=SAMPLES,
        errors=[("kind-short", str(N_("Choose what kind of question it is.")))] if status == 422 else [],
        **around(request, session, draft),
    )


def add_question(request: Request, session: Session) -> Response:
    draft, posted = drafts.locked(session, request.path_params["id"]), request.state.form
    sample, label = str(posted.get("kind", "")), clean(str(posted.get("label", "")))[:5_000]
    if sample not in SAMPLES:
        return _new_question_page(request, session, draft, posted, 422)
    key = editing.new_key(label or sample, drafts.taken_keys(session, draft))
    asked, after = begun(sample, key, label), str(posted.get("after", ""))
    last = len(draft.definition["pages"])
    at = min(number(posted.get("page", "")) or last, last) - 1
    after = after if after in editing.keys(draft.definition) else ""
    if at < 0:
        raise NotFound
    drafts.change(
        session, draft, request.state.account, "add", key,
        lambda definition: editing.add_question(definition, at, asked, after),
    )  # fmt: skip
    return _to(request, "questionnaires.editor_question", id=draft.id, question=key)


def _to(request: Request, name: str, at: str = "", **path: Any) -> Response:
    return RedirectResponse(request.app.url_path_for(name, **path) + (f"#{at}" if at else ""), 303)


# --- a question


def question(request: Request, session: Session) -> Response:
    draft = draft_of(request, session)
    asked = _asked(draft.definition, request.path_params["question"])
    known = menus.subjects(draft.definition, asked["key"])
    shown = menus.menus(asked.get("show_if", ""), known)
    return _question_page(request, session, draft, asked, question_form.shown(asked), shown)


def _asked(definition: Draft, key: str) -> Asked:
    try:
        return editing.question(definition, key)
    except LookupError as gone:
        raise NotFound(
            N_("This question is no longer there."),
            N_("Go back to the questionnaire: the change can be undone."),
        ) from gone


def save_question(request: Request, session: Session) -> Response:
    draft, posted = drafts.locked(session, request.path_params["id"]), request.state.form
    asked = _asked(draft.definition, request.path_params["question"])
    form = question_form.posted(posted, [str(value) for value in posted.getlist("accept")], asked)
    known = menus.subjects(draft.definition, asked["key"])
    show_if = conditions.posted(posted, asked.get("show_if", ""), known)
    if form.mistakes or posted.get("seen", "") not in ("", editing.seal(asked)):
        status = 422 if form.mistakes else 409
        return _question_page(request, session, draft, asked, form, menus.menus(show_if, known), status)
    after = question_form.became(form, asked, drafts.retired_codes(session, draft, asked["key"]))
    after = question_form.without(after, set(map(str, posted.getlist("drop"))))
    after = {
        name: value
        for name, value in (after | {"show_if": show_if}).items()
        if value != "" or name == "label"
    }
    page = (number(posted.get("page", "")) or 0) - 1

    def changed(definition: Draft) -> Draft:
        definition = editing.replace_question(definition, asked["key"], after)
        there = 0 <= page < len(definition["pages"])
        return editing.put_on_page(definition, asked["key"], page) if there else definition

    drafts.change(
        session, draft, request.state.account, "question", asked["key"], changed, by_itself="auto" in posted
    )
    if "done" in posted:
        return to_outline(request, draft, f"question-{asked['key']}")
    return _to(request, "questionnaires.editor_question", id=draft.id, question=asked["key"])


def _question_page(
    request: Request,
    session: Session,
    draft: QuestionnaireDraft,
    asked: Asked,
    form: QuestionForm,
    shown: Menus,
    status: int = 200,
) -> Response:
    theirs = question_form.shown(asked)
    differ = [name for name in sorted(theirs.inputs) if theirs.values[name] != form.values[name]]
    response = render(
        request,
        "questionnaires/editor_question.html",
        status,
        asked=asked,
        form=form,
        kind=KINDS[str(form.kind)],
        menus=shown,
        seen=editing.seal(asked),
        at=editing.place(draft.definition, asked["key"])[0] + 1,
        extras=question_form.extras(asked),
        endings=[
            *question_form.ENDINGS,
            *(e for e in form.values["accept"] if e not in question_form.ENDINGS),
        ],
        errors=[(f"set-{name}", str(text)) for name, text in form.mistakes.items()],
        theirs=theirs.values if status == 409 else {},
        differ=differ if status == 409 else [],
        **around(request, session, draft),
    )
    return framing(response)


# --- a page


def page(request: Request, session: Session) -> Response:
    draft = draft_of(request, session)
    part = _part(draft.definition, request.path_params["number"])
    shown = menus.menus(
        part.get("show_if", ""), menus.of_page(draft.definition, request.path_params["number"] - 1)
    )
    return _page_page(request, session, draft, part, part, shown)


def _part(definition: Draft, number: int) -> Asked:
    """A page without its questions."""
    try:
        part = editing.page(definition, number - 1)
    except LookupError as gone:
        raise NotFound from gone
    return {name: value for name, value in part.items() if name != "questions"}


def save_page(request: Request, session: Session) -> Response:
    draft, posted = drafts.locked(session, request.path_params["id"]), request.state.form
    at = request.path_params["number"]
    part, known = _part(draft.definition, at), menus.of_page(draft.definition, at - 1)
    show_if = conditions.posted(posted, part.get("show_if", ""), known)
    typed = {
        "title": line(str(posted.get("title", "")))[:1_000],
        "text": clean(str(posted.get("text", "")))[:9_000],
    }
    if posted.get("seen", "") not in ("", editing.seal(part)):
        return _page_page(request, session, draft, part, typed, menus.menus(show_if, known), 409)
    after = {**part, **typed, "show_if": show_if}
    after = {name: value for name, value in after.items() if value != "" or name == "title"}
    drafts.change(
        session, draft, request.state.account, "page", str(at),
        lambda definition: editing.replace_page(definition, at - 1, after), by_itself="auto" in posted,
    )  # fmt: skip
    if "done" in posted:
        return to_outline(request, draft, f"page-{at}")
    return _to(request, "questionnaires.editor_page", id=draft.id, number=at)


def _page_page(
    request: Request, session: Session, draft: QuestionnaireDraft,
    part: Asked, typed: Asked, shown: Menus, status: int = 200,
) -> Response:  # fmt: skip
    response = render(
        request,
        "questionnaires/editor_page.html",
        status,
        at=request.path_params["number"],
        part=part,
        typed={"title": "", "text": "", **typed},
        menus=shown,
        seen=editing.seal(part),
        overtaken=status == 409,
        **around(request, session, draft),
    )
    return framing(response)


# --- the title and the introduction


def head(request: Request, session: Session) -> Response:
    draft = draft_of(request, session)
    return _head_page(request, session, draft, _head(draft.definition))


def _head(definition: Draft) -> dict[str, Any]:
    return {name: definition.get(name, "") for name in ("title", "intro", "minutes")}


def save_head(request: Request, session: Session) -> Response:
    draft, posted = drafts.locked(session, request.path_params["id"]), request.state.form
    minutes = number(posted.get("minutes", ""))
    typed = {
        "title": line(str(posted.get("title", "")))[:1_000],
        "intro": clean(str(posted.get("intro", "")))[:9_000],
        "minutes": minutes or "",
    }
    if posted.get("seen", "") not in ("", editing.seal(_head(draft.definition))):
        return _head_page(request, session, draft, typed, 409)
    if not minutes:
        return _head_page(request, session, draft, typed, 422)
    drafts.change(
        session, draft, request.state.account, "head", "",
        lambda definition: editing.replace_head(definition, typed), by_itself="auto" in posted,
    )  # fmt: skip
    if "done" in posted:
        return to_outline(request, draft)
    return _to(request, "questionnaires.editor_head", id=draft.id)


def _head_page(
    request: Request, session: Session, draft: QuestionnaireDraft, typed: dict[str, Any], status: int = 200
) -> Response:
    theirs = _head(draft.definition)
    response = render(
        request,
        "questionnaires/editor_head.html",
        status,
        typed=typed,
        theirs=theirs,
        seen=editing.seal(theirs),
        overtaken=status == 409,
        errors=[("set-minutes", str(N_("Write the minutes in digits, for example 5.")))]
        if status == 422
        else [],
        **around(request, session, draft),
    )
    return framing(response)
