"""The difference of two versions in sentences."""

from __future__ import annotations

from forms.difference import Change
from service.i18n import N_, Message, translate

_SAID = {
    "title": N_("The title was “%(before)s”, now it is “%(after)s”."),
    "intro": N_("The introduction has other words."),
    "purpose": N_("The purpose has changed."),
    "minutes": N_("It was said to take %(before)s minutes, now %(after)s."),
    "language": N_("The language was %(before)s, now it is %(after)s."),
    "translations": N_("The translation into another language has changed: %(language)s."),
    "page_added": N_("A new page: “%(label)s”."),
    "page_removed": N_("The page “%(label)s” is gone."),
    "page_reworded": N_("The page “%(label)s” has other words: “%(before)s” → “%(after)s”."),
    "page_condition": N_("When the page “%(label)s” is shown has changed: %(before)s → %(after)s."),
    "added": N_("A new question on the page “%(page)s”: “%(label)s”."),
    "removed": N_("The question “%(label)s” is gone."),
    "moved": N_("The question “%(label)s” has moved; it is on the page “%(page)s”."),
    "reworded": N_("The question “%(before)s” is now “%(after)s”."),
    "kind": N_("“%(label)s”: the answer was %(before)s, now it is %(after)s."),
    "required": N_("“%(label)s” has to be answered now."),
    "not_required": N_("“%(label)s” may be left out now."),
    "choice_added": N_("“%(label)s”: a new choice “%(after)s”."),
    "choice_removed": N_("“%(label)s”: the choice “%(before)s” is gone."),
    "choice_reworded": N_("“%(label)s”: the choice “%(before)s” is now “%(after)s”."),
    "choices_reordered": N_("“%(label)s”: the choices stand in another order."),
    "condition": N_("“%(label)s”: %(name)s — was: %(before)s; now: %(after)s."),
    "setting": N_("“%(label)s”: %(name)s — was: %(before)s; now: %(after)s."),
}
_BROKEN = {
    "removed": N_("“%(label)s” is asked no more: its answers end with the earlier versions."),
    "kind": N_("“%(label)s” is answered in another way: earlier and new answers cannot stand in one column."),
    "choice_removed": N_(
        "“%(label)s”: earlier answers hold the choice “%(before)s”, which is no longer there."
    ),
    "scale": N_("“%(label)s”: the scale was %(before)s and is %(after)s; means cannot be compared."),
    "unit": N_("“%(label)s”: was counted in “%(before)s”, now in “%(after)s”; numbers cannot be compared."),
    "purpose": N_("The questionnaire fills another bank now."),
}
_NAMES = {
    "show_if": N_("when it is shown"),
    "required_if": N_("when it has to be answered"),
    "check": N_("the check of the answer"),
    "formula": N_("the formula"),
    "choice_filter": N_("which choices are shown"),
    "hint": N_("the hint"),
    "min": N_("the least"),
    "max": N_("the most"),
    "unit": N_("the unit"),
    "people": N_("the list of people"),
    "messages": N_("the words about mistakes"),
    "default": N_("the answer given at first"),
    "attributes": N_("what choices are chosen by"),
    "other": N_("an answer of one's own"),
    "none": N_("the choice “none of these”"),
    "appearance": N_("the look"),
    "accept": N_("the kinds of files"),
    "size": N_("the size of files"),
}
KINDS = {
    "short": N_("a line of text"),
    "long": N_("a text of several lines"),
    "email": N_("an e-mail address"),
    "phone": N_("a telephone number"),
    "integer": N_("a whole number"),
    "decimal": N_("a number with a fraction"),
    "date": N_("a date"),
    "time": N_("a time"),
    "yes_no": N_("yes or no"),
    "single": N_("one of several"),
    "multiple": N_("some of several"),
    "scale": N_("a scale"),
    "matrix": N_("a table"),
    "ranking": N_("an order of preference"),
    "slots": N_("times of a week"),
    "note": N_("a note"),
    "file": N_("a file"),
    "computed": N_("worked out by itself"),
}


def told(change: Change) -> str:
    return _sentence(_SAID[change.code], change)


def told_broken(change: Change) -> str:
    return _sentence(_BROKEN[change.code], change)


def _sentence(message: Message, change: Change) -> str:
    before, after = _shown(change, change.before), _shown(change, change.after)
    name = str(_NAMES[change.params["name"]]) if "name" in change.params else ""
    own = {"label": change.label, "before": before, "after": after}
    return str(N_(message.text, **{**change.params, **own, "name": name}))


def _shown(change: Change, text: str) -> str:
    if change.code == "kind":
        return str(KINDS[text])
    short = f"{text[:200]}…" if len(text) > 200 else text
    return short or translate("nothing")
