"""Random questionnaires of every kind, with logic and translations, for what must hold of any of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

import forms
from forms.definition import FORMAT, paths

_TEXT = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="${}") | st.sampled_from(" \n«»;=+@"),
    min_size=1,
    max_size=20,
).map(lambda text: " ".join(text.split(" ")).strip() or "т")
_KEY = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(
    lambda key: key not in ("ticket", "page", "go", "csrf", "key")
)
_CODE = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,6}", fullmatch=True)
_ROW = st.from_regex(r"[A-Za-z0-9_]{1,6}", fullmatch=True)
_PLAIN = st.sampled_from(["", "wide"])
_CHECKS = {
    "short": "string-length(.) > 1",
    "long": "string-length(.) > 1",
    "integer": ". != 5",
    "decimal": ". > 0",
}


@st.composite
def _pairs(draw: st.DrawFn, codes: st.SearchStrategy[str]) -> list[list[str]]:
    """A text that is its code is not told from a missing one in a workbook."""
    several = draw(st.lists(codes, min_size=1, max_size=4, unique=True))
    return [[code, text if (text := draw(_TEXT)) != code else f"{text}!"] for code in several]


@st.composite
def questions(draw: st.DrawFn, key: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(list(forms.Kind)))
    question: dict[str, Any] = {"key": key, "kind": str(kind), "label": draw(_TEXT)}
    question |= _some(draw, {"hint": _TEXT, "appearance": _PLAIN})
    if kind not in (forms.Kind.NOTE, forms.Kind.COMPUTED):
        question |= _some(
            draw, {"required": st.booleans(), "messages": st.fixed_dictionaries({"required": _TEXT})}
        )
    match kind:
        case forms.Kind.SHORT | forms.Kind.LONG:
            question |= _some(draw, {"max": st.integers(1, 900), "default": st.just("а")})
        case forms.Kind.INTEGER | forms.Kind.DECIMAL:
            least = draw(st.integers(-50, 50))
            question |= _some(draw, {"min": st.just(least), "max": st.integers(least, 99), "unit": _TEXT})
        case forms.Kind.SINGLE | forms.Kind.MULTIPLE | forms.Kind.RANKING:
            question |= draw(_choosing(str(kind)))
        case forms.Kind.SCALE:
            words = st.fixed_dictionaries({"scale": _pairs(_CODE)})
            question |= draw(
                words | st.just({"min": 1, "max": 5}) | st.just({"min": 0, "max": 9, "scale": [["0", "нет"]]})
            )
        case forms.Kind.MATRIX | forms.Kind.SLOTS:
            question |= {"rows": draw(_pairs(_ROW)), "scale": draw(_pairs(_CODE))}
        case forms.Kind.FILE:
            question |= _some(draw, {"accept": st.just(["pdf", "png"]), "size": st.integers(1, 20)})
        case forms.Kind.COMPUTED:
            question["formula"] = draw(st.sampled_from(["1 + 2", "today()", "concat('а', \"б\")"]))
    if kind in _CHECKS and draw(st.booleans()):
        question |= {"check": _CHECKS[kind]}
        question.setdefault("messages", {})["check"] = draw(_TEXT)
    return question


@st.composite
def _choosing(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    if draw(st.integers(0, 5)) == 0:
        return {"people": draw(st.sampled_from(["mentors", "mentees"]))}
    choices = draw(_pairs(_CODE) | st.just([["yes", "Да"], ["no", "Нет"]]))
    data: dict[str, Any] = {"choices": choices}
    if kind == "multiple":
        data |= _some(draw, {"min": st.just(1), "none": st.just(choices[0][0])})
    if kind != "ranking":
        data |= _some(draw, {"other": st.booleans()})
    if draw(st.integers(0, 3)) == 0:
        data |= {
            "choice_filter": "area = 'north'",
            "attributes": {code: {"area": "north"} for code, _ in choices},
        }
    return data


def _some(draw: st.DrawFn, offered: dict[str, st.SearchStrategy[Any]]) -> dict[str, Any]:
    return {name: draw(values) for name, values in offered.items() if draw(st.booleans())}


@st.composite
def definitions(draw: st.DrawFn) -> forms.Definition:
    keys = draw(st.lists(_KEY, min_size=1, max_size=6, unique=True))
    asked = [draw(questions(key)) for key in keys]
    for number, question in enumerate(asked):
        if number and draw(st.booleans()):
            question["show_if"] = _condition(asked[draw(st.integers(0, number - 1))])
    cut = draw(st.integers(0, len(asked) - 1))
    pages = [{"title": draw(_TEXT), "questions": part} for part in (asked[:cut], asked[cut:]) if part]
    pages[-1] |= _some(draw, {"text": _TEXT, "key": st.sampled_from(["last", "page"])})
    data: dict[str, Any] = {
        "format": FORMAT,
        "key": draw(_KEY | st.just("page")),
        "title": draw(_TEXT),
        "purpose": "survey",
    }
    data |= {"minutes": draw(st.integers(1, 60)), "pages": pages, **_some(draw, {"intro": _TEXT})}
    if draw(st.booleans()):
        known = sorted(paths(forms.parse(data)))
        chosen = draw(st.lists(st.sampled_from(known), min_size=1, max_size=5, unique=True))
        data["translations"] = {"en": {path: draw(_TEXT) for path in chosen}}
    return forms.parse(data)


def _condition(earlier: dict[str, Any]) -> str:
    key = earlier["key"]
    match earlier["kind"], earlier:
        case "note", _:
            return "1 = 1"
        case "single", {"choices": [[code, _], *_]}:
            return f"${{{key}}} = '{code}'"
        case "multiple", {"choices": [[code, _], *_]}:
            return f"selected(${{{key}}}, '{code}')"
        case "matrix" | "slots", _:
            return f"string-length(${{{key}.{earlier['rows'][0][0]}}}) > 0"
    return f"string-length(${{{key}}}) > 0"
