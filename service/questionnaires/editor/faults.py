"""What is still to be put right in a draft: in words, and where to do it."""

from __future__ import annotations

from dataclasses import dataclass

from forms import Defect
from forms.xlsform.words import sentences
from service.i18n import N_, Message, language
from service.questionnaires.editor.editing import Draft

_LISTS = {
    "choices": N_("Write the choices, one a line."),
    "rows": N_("Write the rows, one a line."),
    "scale": N_("Write the steps of the scale, one a line."),
}
_OF_CONDITION = {
    "unknown_question": N_(
        "The condition asks about a question that is no longer there. Choose another one."
    ),
    "later_question": N_(
        "The condition asks about what comes later. Move the question, or choose another one."
    ),
    "unknown_choice": N_("The condition names a choice that is no longer there. Choose another one."),
    "never_asked": N_("With this condition nobody will ever see it. Change the condition."),
    "type_clash": N_("The condition compares what cannot be compared. Choose again."),
    "cycle": N_("The conditions go round in a circle: each question waits for the other."),
}
_SAID: dict[tuple[str, str], Message] = {
    ("missing", "label"): N_("Write the question."),
    ("missing", "page title"): N_("Give the page a title."),
    ("missing", "title"): N_("Give the questionnaire a title."),
    ("missing", "minutes"): N_("Say how many minutes it takes."),
    ("missing", "min"): N_("Say where the scale begins."),
    ("missing", "max"): N_("Say where the scale ends."),
    ("empty", "questions"): N_("There is no question on this page yet. Add one, or delete the page."),
    ("empty", "pages"): N_("There is no page yet. Add one."),
    ("too_long", "label"): N_("The question is too long. Shorten it to 500 characters."),
    ("min_over_max", "min"): N_("The least is more than the most."),
    **{(code, name): text for code in ("missing", "empty") for name, text in _LISTS.items()},
}


@dataclass(frozen=True)
class Fault:
    """At a question (``key``), a page (``number`` from 1), or at the head. ``name`` is the setting."""

    text: str
    name: str = ""
    key: str = ""
    number: int = 0
    label: str = ""


def told(draft: Draft, defect: Defect) -> Fault:
    parts = defect.where.split("/")[1:]
    match parts:
        case ["pages", n, "questions", m, *rest]:
            asked = draft["pages"][int(n)]["questions"][int(m)]
            name = rest[0] if rest else ""
            label = asked.get("label") or "…"
            return Fault(_text(defect, name), name, asked["key"], int(n) + 1, label)
        case ["pages", n, *rest]:
            name, page = (rest[0] if rest else ""), draft["pages"][int(n)]
            said = "page title" if name == "title" else name
            return Fault(_text(defect, said), name, "", int(n) + 1, page.get("title") or "…")
        case [name, *_]:
            return Fault(_text(defect, name), name, label=draft.get("title") or "…")
    return Fault(_text(defect, ""))


def _text(defect: Defect, name: str) -> str:
    own = _SAID.get((defect.code, name))
    if own is None and name not in ("choices", "label", "none", "default"):
        own = _OF_CONDITION.get(defect.code)
    return str(own) if own else sentences(defect, language())[0]
