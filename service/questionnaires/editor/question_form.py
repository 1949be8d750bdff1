"""What the curator sets of a question: the form as it is shown, and what the question becomes. Nobody types codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from forms import Kind
from forms.defects import CODE, ROW
from forms.fields import FIELDS
from forms.text import clean, legal, line
from service.i18n import N_, Message, translate
from service.questionnaires.editor import lines
from service.questionnaires.editor.editing import Asked

Retired = Mapping[str, Mapping[str, str]]  # {list: {text: code}} of the question's earlier versions

EXTRAS = {  # kept as they are; each can be taken away
    "required_if": N_("It has to be answered when"),
    "check": N_("The answer is checked"),
    "choice_filter": N_("Choices are shown when"),
    "default": N_("Filled in at first"),
    "messages": N_("Words of your own about mistakes"),
}
ENDINGS = ("pdf", "docx", "odt", "txt", "xlsx", "jpg", "jpeg", "png")
SOURCES = ("mentors", "mentees")
_NUMBERS = {
    Kind.SHORT: ("max",),
    Kind.LONG: ("max",),
    Kind.INTEGER: ("min", "max"),
    Kind.DECIMAL: ("min", "max"),
    Kind.MULTIPLE: ("min", "max"),
    Kind.SLOTS: ("min", "max"),
    Kind.RANKING: ("max",),
    Kind.FILE: ("size",),
}
_CHOOSING = (Kind.SINGLE, Kind.MULTIPLE, Kind.RANKING)


@dataclass
class QuestionForm:
    """``values`` as they stand in the inputs, ``mistakes`` by input."""

    kind: Kind
    values: dict[str, Any]
    mistakes: dict[str, Message] = field(default_factory=dict)

    @property
    def inputs(self) -> set[str]:
        return inputs_of(self.kind, bool(self.values.get("by_numbers")))


def inputs_of(kind: Kind, by_numbers: bool) -> set[str]:
    takes = FIELDS[kind].takes
    inputs = {"label", "hint"} | ({"required", "unit", "other", "none"} & takes) | set(_NUMBERS.get(kind, ()))
    inputs |= {"rows"} & takes
    if kind in _CHOOSING:
        inputs |= {"source", "choices"}
    if kind is Kind.SINGLE:
        inputs |= {"appearance"}
    if kind is Kind.FILE:
        inputs |= {"accept"}
    if kind is Kind.SCALE and by_numbers:
        return inputs | {"min", "max", "low", "high"}
    return inputs | ({"scale"} & takes)


def shown(asked: Asked) -> QuestionForm:
    kind = Kind(asked["kind"])
    exclusive = asked.get("none", "")
    choices = asked.get("choices", [])
    steps = lines.by_code(asked.get("scale", []))
    values = {
        "label": asked.get("label", ""),
        "hint": asked.get("hint", ""),
        "required": bool(asked.get("required")),
        "unit": line(asked.get("unit", "")),
        "choices": lines.of(pair for pair in choices if pair[0] != exclusive),
        "rows": lines.of(asked.get("rows", [])),
        "scale": lines.of(asked.get("scale", [])),
        "other": bool(asked.get("other")),
        "none": line(lines.by_code(choices).get(exclusive, "")),
        "source": asked.get("people", ""),
        "appearance": asked.get("appearance", ""),
        "accept": asked.get("accept", list(ENDINGS)),
        "by_numbers": kind is Kind.SCALE and bool({"min", "max"} & asked.keys()),
        "low": line(steps.get(_written(asked.get("min")), "")),
        "high": line(steps.get(_written(asked.get("max")), "")),
    }
    return QuestionForm(kind, values | {name: _written(asked.get(name)) for name in ("min", "max", "size")})


def _written(number: float | None) -> str:
    return "" if number is None else str(number).replace(".", ",")


def posted(form: Mapping[str, Any], accept: list[str], before: Asked) -> QuestionForm:
    """What was typed; lists stay one line each."""
    was = shown(before)
    values = dict(was.values)
    for name in was.inputs:
        values[name] = name in form if name in ("required", "other") else str(form.get(name, ""))
    values["accept"] = accept
    read = QuestionForm(was.kind, values)
    for name in ("min", "max", "size"):
        if name in was.inputs and _number(values[name], was.kind) is False:
            read.mistakes[name] = N_("Write a number in digits, or leave it empty.")
    return read


def _number(text: str, kind: Kind) -> int | float | bool | None:
    """None when nothing is written, False when it is no number."""
    text = line(text).replace("−", "-").replace(",", ".").replace(" ", "")
    if not text:
        return None
    try:
        read = float(text) if kind is Kind.DECIMAL else int(text)
    except ValueError:
        return False
    if abs(read) > 10**12 or read != read:
        return False
    return int(read) if read == int(read) else read


# --- the question as it becomes


def became(form: QuestionForm, before: Asked, retired: Retired) -> Asked:
    """What the form does not show stays; what is silent anyway is left out."""
    values, inputs = form.values, form.inputs
    changes: Asked = {name: _text(values[name], before.get(name, "")) for name in ("label", "hint")}
    for name in {"required", "other"} & inputs:
        changes[name] = values[name]
    for name in {"min", "max", "size"} & inputs:
        changes[name] = _number(values[name], form.kind)
    if "unit" in inputs:
        changes["unit"] = lines.as_before(line(values["unit"])[:40], before.get("unit", ""))
    if "appearance" in inputs:
        changes["appearance"] = _appearance(values["appearance"], before)
    if "accept" in inputs:
        changes["accept"] = [ending for ending in values["accept"] if legal(ending)][:20]
    changes |= _lists(form, before, retired)
    after = {**before, **changes}
    return _consistent({name: value for name, value in after.items() if _said(name, value)})


def _text(typed: str, before: str) -> str:
    return before if clean(before) == clean(typed) else clean(typed)[:5_000]


def _said(name: str, value: Any) -> bool:
    return name == "label" or not (value is None or value is False or value in ("", [], {}))


def _appearance(wished: str, before: Asked) -> str:
    """Others than ours come from workbooks and stay."""
    own = before.get("appearance", "")
    return "dropdown" if wished == "dropdown" else "" if own == "dropdown" else own


def _lists(form: QuestionForm, before: Asked, retired: Retired) -> Asked:
    values, inputs = form.values, form.inputs
    changes: Asked = {}
    if "source" in inputs and values["source"] in SOURCES:
        return {"people": values["source"], "choices": [], "none": "", "other": False}
    if "source" in inputs:
        changes["people"] = before.get("people", "") if values["source"] == before.get("people", "") else ""
    if "choices" in inputs and not changes.get("people"):
        changes |= _choices(form, before, retired.get("choices", {}))
    for name in {"rows", "scale"} & inputs:
        pattern = ROW if name == "rows" else CODE
        changes[name] = lines.coded(values[name], before.get(name, []), retired.get(name), pattern)
    if "low" in inputs:
        changes["scale"] = _ends(form, before)
    return changes


def _choices(form: QuestionForm, before: Asked, retired: Mapping[str, str]) -> Asked:
    """The exclusive choice is written apart; it keeps its place, a new one comes last."""
    was, code = before.get("choices", []), before.get("none", "")
    reserved = {"other", *([code] if code else ())}
    pairs = lines.coded(
        form.values["choices"], [pair for pair in was if pair[0] != code], retired, CODE, reserved
    )
    exclusive = line(form.values["none"]) if "none" in form.inputs else ""
    if not exclusive:
        return {"choices": pairs, "none": ""}
    at = next((n for n, pair in enumerate(was) if code and pair[0] == code), len(pairs))
    code = code or lines.coded(exclusive, [], retired, CODE, {"other", *(pair[0] for pair in pairs)})[0][0]
    exclusive = lines.as_before(exclusive, lines.by_code(was).get(code, ""))
    return {"choices": [*pairs[:at], [code, exclusive], *pairs[at:]], "none": code}


def _ends(form: QuestionForm, before: Asked) -> lines.Pairs:
    """The named steps: of the ends as written now, of those between as they were."""
    low, high = (_number(form.values[name], form.kind) for name in ("min", "max"))
    named = lines.by_code(before.get("scale", []))
    ends = {
        str(number): lines.as_before(line(form.values[name]), named.get(str(number), ""))
        for name, number in (("low", low), ("high", high))
    }
    old = {_written(before.get("min")), _written(before.get("max"))}
    between = [pair for pair in before.get("scale", []) if pair[0] not in old | ends.keys()]
    first = [[code, text] for code, text in list(ends.items())[:1] if text]
    last = [[code, text] for code, text in list(ends.items())[1:] if text]
    return [*first, *between, *last]


def _consistent(asked: Asked) -> Asked:
    """Nothing is said any more of choices that are gone."""
    codes = {code for code, _ in asked.get("choices", [])}
    if "attributes" in asked:
        kept = {code: said for code, said in asked["attributes"].items() if code in codes}
        asked = (
            {**asked, "attributes": kept} if kept else {n: v for n, v in asked.items() if n != "attributes"}
        )
    return asked


def extras(asked: Asked) -> list[tuple[str, str, str]]:
    """What menus do not cover: (name, what it is, as it is written)."""
    told = [(name, str(text), asked[name]) for name, text in EXTRAS.items() if asked.get(name)]
    if formula := asked.get("formula"):
        told.append(("", translate("Worked out as"), formula))
    return [
        (name, text, said if isinstance(said, str) else " · ".join(said.values()))
        for name, text, said in told
    ]


def without(asked: Asked, names: set[str]) -> Asked:
    gone = {name for name in names if name in EXTRAS}
    gone |= {"attributes"} if "choice_filter" in gone else set()
    return {name: value for name, value in asked.items() if name not in gone}
