"""The editor: questionnaires that are being written, their outline, their preview, their becoming a version.

Its parts (a question, a page, the head) are in part_views.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlmodel import Session, col, func, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

import forms
from forms.difference import breaks, difference
from forms.text import line
from service import queries
from service.envelope import POLICY
from service.i18n import N_, translate
from service.questionnaires.changes import KINDS, told, told_broken
from service.questionnaires.conditions import in_words
from service.questionnaires.editor import drafts, editing, sketch
from service.questionnaires.editor.drafts import Overtaken
from service.questionnaires.editor.editing import Draft
from service.questionnaires.editor.faults import told as told_fault
from service.questionnaires.previews import previewed
from service.tables import Account, Questionnaire, QuestionnaireDraft, Wave, now
from service.web import found, number, redirect, render

DEEDS = {
    "add": N_("adding a question"),
    "up": N_("moving a question"),
    "down": N_("moving a question"),
    "copy": N_("copying a question"),
    "delete": N_("deleting a question"),
    "question": N_("changing a question"),
    "page": N_("changing a page"),
    "head": N_("changing the title and the introduction"),
    "language": N_("translating"),
    "language-delete": N_("taking a language away"),
    "page-add": N_("adding a page"),
    "page-up": N_("moving a page"),
    "page-down": N_("moving a page"),
    "page-copy": N_("copying a page"),
    "page-delete": N_("deleting a page"),
}


# --- which questionnaire


def index(request: Request, session: Session) -> Response:
    rows = session.exec(
        select(QuestionnaireDraft, Account)
        .join(Account, col(Account.id) == col(QuestionnaireDraft.account_id))
        .order_by(col(QuestionnaireDraft.changed_at).desc())
    ).all()
    return render(
        request,
        "questionnaires/editor_index.html",
        rows=rows,
        questionnaires=session.exec(select(Questionnaire).order_by(col(Questionnaire.id))).all(),
        library=forms.library().values(),
    )


def begin(request: Request, session: Session) -> Response:
    """The next version of a questionnaire, or another one: like it, like one of ours, from scratch."""
    posted, account = request.state.form, request.state.account
    if "of" in posted:
        draft = drafts.of_questionnaire(session, account, _named(session, posted["of"]))
    elif "copy" in posted:
        source = _named(session, posted["copy"])
        title = str(N_("%(title)s (copy)", title=source.title))
        draft = drafts.as_another(session, account, drafts.last_definition(session, source), title)
    elif "library" in posted:
        ours = found(forms.library().get(str(posted["library"])))
        draft = drafts.as_another(session, account, ours.to_json())
    else:
        title = line(str(posted.get("title", "")))[:200] or translate("New questionnaire")
        draft = drafts.from_scratch(session, account, title, translate("Questions"))
    return redirect(request, "questionnaires.editor", id=draft.id)


def _named(session: Session, posted: object) -> Questionnaire:
    return found(session.get(Questionnaire, number(posted) or 0))


# --- the outline


def outline(request: Request, session: Session) -> Response:
    return outline_page(request, session, draft_of(request, session))


def outline_page(
    request: Request, session: Session, draft: QuestionnaireDraft, note: object = "", status: int = 200
) -> Response:
    known = sketch.shown(draft.definition)
    response = render(
        request,
        "questionnaires/editor.html",
        status,
        note=note,
        kinds=KINDS,
        said=lambda condition: in_words(condition, known),
        **around(request, session, draft),
    )
    return framing(response)


def around(request: Request, session: Session, draft: QuestionnaireDraft) -> dict[str, Any]:
    """What every page of the editor shows beside its own part."""
    undo, redo = drafts.last_step(session, draft), drafts.undone_step(session, draft)
    return {
        "draft": draft,
        "definition": draft.definition,
        "by": session.get_one(Account, draft.account_id).name,
        "undo": undo and (DEEDS[undo.deed]),
        "redo": redo and (DEEDS[redo.deed]),
        "faults": [told_fault(draft.definition, defect) for defect in sketch.defects(draft.definition)],
    }


def draft_of(request: Request, session: Session) -> QuestionnaireDraft:
    return found(session.get(QuestionnaireDraft, request.path_params["id"]))


def change(request: Request, session: Session) -> Response:
    """Every button of the outline: ``do`` is its verb, and after a colon the question's key or the page's number."""
    draft, account = drafts.locked(session, request.path_params["id"]), request.state.account
    verb, _, what = str(request.state.form.get("do", "")).partition(":")
    if verb not in _ANY_TIME and verb and request.state.form.get("seen") != str(draft.version):
        note = N_(
            "Somebody else has changed the draft meanwhile. Look again, and press the button once more."
        )
        return outline_page(request, session, draft, note, 409)
    if verb == "discard":
        drafts.discard(session, draft)
        return redirect(request, "questionnaires.editor_index")
    if verb in ("undo", "redo"):
        (drafts.undo if verb == "undo" else drafts.redo)(session, draft, account)
        return redirect(request, "questionnaires.editor", id=draft.id)
    try:
        return _changed(request, session, draft, verb, what)
    except Overtaken:
        note = N_("What this button was for is no longer there: somebody else has changed the draft.")
        return outline_page(request, session, draft, note, 409)


_ANY_TIME = {"up", "down", "copy"}


def _changed(request: Request, session: Session, draft: QuestionnaireDraft, verb: str, what: str) -> Response:
    changed = _deed(verb, what, drafts.taken_keys(session, draft))
    if changed:
        drafts.change(session, draft, request.state.account, verb, what, changed)
    gone = verb in ("delete", "page-delete")
    at = "" if gone or not changed else f"page-{what}" if verb.startswith("page") else f"question-{what}"
    return to_outline(request, draft, at)


def to_outline(request: Request, draft: QuestionnaireDraft, at: str = "") -> Response:
    address = request.app.url_path_for("questionnaires.editor", id=draft.id)
    return RedirectResponse(f"{address}#{at}" if at else address, 303)


def _deed(verb: str, what: str, taken: set[str]) -> Callable[[Draft], Draft] | None:
    page = (number(what) or 0) - 1
    deeds: dict[str, Callable[[Draft], Draft]] = {
        "up": lambda draft: editing.shift_question(draft, what, -1),
        "down": lambda draft: editing.shift_question(draft, what, 1),
        "copy": lambda draft: editing.duplicate_question(draft, what, taken),
        "delete": lambda draft: editing.delete_question(draft, what),
        "page-up": lambda draft: editing.shift_page(draft, page, -1),
        "page-down": lambda draft: editing.shift_page(draft, page, 1),
        "page-copy": lambda draft: editing.duplicate_page(draft, page, taken),
        "page-delete": lambda draft: editing.delete_page(draft, page),
        "page-add": lambda draft: editing.add_page(
            draft, str(N_("Page %(number)s", number=len(draft["pages"]) + 1))
        ),
    }
    return deeds.get(verb)


# --- the preview


def preview(request: Request, session: Session) -> Response:
    """For the frame beside the editor."""
    response = _previewed(request, session, "questionnaires/editor_preview.html")
    response.headers["Content-Security-Policy"] = POLICY.replace(
        "frame-ancestors 'none'", "frame-ancestors 'self'"
    )
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def paper(request: Request, session: Session) -> Response:
    return _previewed(request, session, "questionnaires/editor_paper.html")


def _previewed(request: Request, session: Session, template: str) -> Response:
    draft = draft_of(request, session)
    shown = sketch.shown(draft.definition).in_language(request.query_params.get("language", ""))
    pages = previewed(shown, queries.choices_of_people(session))
    return render(request, template, draft=draft, shown=shown, pages=pages, sentence=forms.sentence)


def framing(response: Response) -> Response:
    """A page that has the preview in a frame."""
    response.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
    return response


# --- a version


def version(request: Request, session: Session) -> Response:
    return _version_page(request, session, draft_of(request, session))


def publish(request: Request, session: Session) -> Response:
    draft, posted = drafts.locked(session, request.path_params["id"]), request.state.form
    last = next(reversed(drafts.published(session, draft)), None)
    seen = (str(draft.version), editing.seal(last))
    if sketch.defects(draft.definition) or (posted.get("seen"), posted.get("last")) != seen:
        return _version_page(request, session, draft, 409, posted.get("seen"))
    questionnaire = drafts.publish(session, draft)
    return redirect(request, "questionnaires.versions", id=questionnaire.id)


def _version_page(
    request: Request, session: Session, draft: QuestionnaireDraft, status: int = 200, seen: object = None
) -> Response:
    last = next(reversed(drafts.published(session, draft)), None)
    shared = around(request, session, draft)
    return render(
        request,
        "questionnaires/editor_version.html",
        status,
        overtaken=seen is not None and not shared["faults"],
        last=editing.seal(last),
        first=last is None,
        open_waves=_open_waves(session, draft),
        **shared,
        **_compared(last, draft.definition if not shared["faults"] else None),
    )


def _compared(last: Draft | None, now: Draft | None) -> dict[str, Any]:
    if last is None or now is None:
        return {"same": False, "changes": [], "broken": []}
    old, new = forms.parse(last), forms.parse(now)
    return {
        "same": old.hash == new.hash,
        "changes": [told(change) for change in difference(old, new)],
        "broken": [told_broken(change) for change in breaks(old, new)],
    }


def _open_waves(session: Session, draft: QuestionnaireDraft) -> int:
    return session.exec(
        select(func.count(col(Wave.id))).where(
            Wave.questionnaire_id == draft.questionnaire_id, Wave.closes_at >= now()
        )
    ).one()
