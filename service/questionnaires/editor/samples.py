"""The questions that can be added: what each is called, an example, and how it begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from service.i18n import N_, Message, translate
from service.questionnaires.editor.editing import Asked

_DAYS = (
    ("mon", N_("Monday")),
    ("tue", N_("Tuesday")),
    ("wed", N_("Wednesday")),
    ("thu", N_("Thursday")),
    ("fri", N_("Friday")),
)
_HOURS = (("am", N_("in the morning")), ("pm", N_("in the afternoon")), ("eve", N_("in the evening")))


@dataclass(frozen=True)
class Sample:
    """``begins`` holds what the kind needs besides a key and a label."""

    kind: str
    name: Message
    example: Message
    begins: dict[str, Any] = field(default_factory=dict)


SAMPLES = {
    "short": Sample("short", N_("A line of text"), N_("“What is your post?”")),
    "long": Sample("long", N_("A text of several lines"), N_("“What would you like to learn?”")),
    "single": Sample("single", N_("One of several"), N_("“Which form suits you?” — one answer is chosen")),
    "multiple": Sample(
        "multiple", N_("Some of several"), N_("“What do you need help with?” — several answers are ticked")
    ),
    "dropdown": Sample(
        "single",
        N_("One from a long list"),
        N_("“Your district” — a list that opens"),
        {"appearance": "dropdown"},
    ),
    "yes_no": Sample("yes_no", N_("Yes or no"), N_("“Have you been a mentor before?”")),
    "scale": Sample(
        "scale", N_("A scale in numbers"), N_("“How useful was it?” — from 1 to 5"), {"min": 1, "max": 5}
    ),
    "words": Sample("scale", N_("A scale in words"), N_("“How often do you meet?” — never, seldom, often")),
    "matrix": Sample(
        "matrix",
        N_("A table"),
        N_("Several rows with one scale: “How sure are you of…” — a mark in each row"),
    ),
    "ranking": Sample(
        "ranking", N_("Put in order"), N_("“What matters most?” — first, second, third place"), {"max": 3}
    ),
    "integer": Sample("integer", N_("A whole number"), N_("“How many years have you worked?”")),
    "decimal": Sample("decimal", N_("A number with a fraction"), N_("“What share of a full post?” — 0,5")),
    "date": Sample("date", N_("A date"), N_("“When did you begin?”")),
    "time": Sample("time", N_("A time"), N_("“When do your lessons end?” — 14:30")),
    "slots": Sample("slots", N_("Times of a week"), N_("“When can you meet?” — days and hours are ticked")),
    "person": Sample(
        "single",
        N_("A person from a bank"),
        N_("“Whom would you like as a mentor?” — from the list of mentors"),
        {"people": "mentors"},
    ),
    "email": Sample("email", N_("An e-mail address"), N_("The address is checked for misprints")),
    "phone": Sample("phone", N_("A telephone number"), N_("“Where can we reach you?”")),
    "file": Sample("file", N_("A file"), N_("“Attach your programme” — a document or a picture")),
    "note": Sample("note", N_("A note"), N_("Words to read between the questions; nothing is answered")),
}


def begun(sample: str, key: str, label: str) -> Asked:
    chosen = SAMPLES[sample]
    asked: Asked = {"key": key, "kind": chosen.kind, "label": label, **chosen.begins}
    if sample == "slots":
        asked["rows"] = [[code, translate(text.text)] for code, text in _DAYS]
        asked["scale"] = [[code, translate(text.text)] for code, text in _HOURS]
    return asked
