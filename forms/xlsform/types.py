"""The words of the «type» column: what each asks, and what is not asked here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from forms.definition import Kind

_SELECT = re.compile(
    r"(select[ _]one|select1|select[ _]multiple|select all that apply|rank)(?: from)?\s+"
    r"(?P<list>\S+)(?P<other>\s+(?:or_other|or other|or specify other))?",
    re.IGNORECASE,
)
_ONE = {"select_one", "select one", "select1"}
_WORDS = {
    "text": "text",
    "string": "text",
    "integer": "integer",
    "int": "integer",
    "decimal": "decimal",
    "date": "date",
    "time": "time",
    "note": "note",
    "calculate": "calculate",
    "calculation": "calculate",
    "range": "range",
    "acknowledge": "acknowledge",
    "trigger": "acknowledge",
    "file": "file",
    "image": "image",
    "photo": "image",
    "phone number": "phone",
    "today": "today",
    **{
        f"{word}{space}{what}": f"{word} {what}"
        for word in ("begin", "end")
        for what in ("group", "repeat")
        for space in " _"
    },
}
METADATA = re.compile(
    r"(start|end|deviceid|username|phonenumber|email|audit|simserial|subscriberid|start-geopoint|hidden"
    r"|background-audio|background-geopoint|uri:\w+|get \w+( \w+)*|imei|xml-external|csv-external)",
    re.IGNORECASE,
)
KINDS = {  # the first is meant when the row says no more
    "text": (Kind.SHORT, Kind.LONG, Kind.EMAIL, Kind.PHONE),
    "phone": (Kind.PHONE,),
    "integer": (Kind.INTEGER,),
    "decimal": (Kind.DECIMAL,),
    "date": (Kind.DATE,),
    "time": (Kind.TIME,),
    "note": (Kind.NOTE,),
    "calculate": (Kind.COMPUTED,),
    "today": (Kind.COMPUTED,),
    "range": (Kind.SCALE,),
    "acknowledge": (Kind.SINGLE,),
    "file": (Kind.FILE,),
    "image": (Kind.FILE,),
    "select_one": (Kind.SINGLE, Kind.SCALE, Kind.YES_NO),
    "select_multiple": (Kind.MULTIPLE,),
    "rank": (Kind.RANKING,),
}


@dataclass(frozen=True)
class Type:
    """``word`` is a key of KINDS or one of begin/end group/repeat; ``choices`` is the name of the list."""

    word: str
    choices: str = ""
    other: bool = False


def type_of(spelt: str) -> Type | None:
    """None for what is not asked here."""
    spelt = " ".join(spelt.split())
    if word := _WORDS.get(spelt.lower()):
        return Type(word)
    if select := _SELECT.fullmatch(spelt):
        first = select[1].lower()
        word = "rank" if first == "rank" else "select_one" if first in _ONE else "select_multiple"
        return Type(word, select["list"], bool(select["other"]))
    return None


# --- how a kind looks there: (word, appearance)

MARKS: dict[Kind, tuple[str, str]] = {
    Kind.LONG: ("text", "multiline"),
    Kind.EMAIL: ("text", "email"),
    Kind.PHONE: ("text", "phone"),
    Kind.SCALE: ("select_one", "likert"),
}
_MARKED = {mark: kind for kind, mark in MARKS.items()} | {("text", "tel"): Kind.PHONE}
_DROPDOWNS = {"minimal", "autocomplete", "search", "autocomplete_chars"}
_MEANT_ANYWAY = {"field-list", "numbers", "no-calendar", "vertical"}


def marked(word: str, appearance: str) -> tuple[Kind, str, list[str]]:
    """(kind, our appearance, the words of theirs that say nothing here)"""
    words = appearance.lower().split()
    kinds = [_MARKED[word, said] for said in words if (word, said) in _MARKED]
    dropdown = word == "select_one" and not kinds and bool(_DROPDOWNS & set(words))
    known = (
        {said for said in words if (word, said) in _MARKED}
        | _MEANT_ANYWAY
        | (_DROPDOWNS if dropdown else set())
    )
    lost = [said for said in words if said not in known]
    return (kinds or KINDS[word])[0], "dropdown" if dropdown else "", lost
