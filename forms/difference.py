"""What changed from one version of a questionnaire to the next, and what of it breaks the joining of their answers.

Codes and plain texts; the shell makes sentences of them.

    questionnaire   title · intro · purpose · minutes · language · translations
    page            page_added · page_removed · page_reworded · page_condition
    question        added · removed · moved · reworded · kind · required · not_required · condition (show_if and all
                    the other expressions) · setting (any other attribute)
    lists           choice_added · choice_removed · choice_reworded · choices_reordered
    breaks          removed · kind · choice_removed · scale · unit · purpose
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from forms.definition import EXPRESSIONS, Choices, Definition, Kind, Page, Question

LISTS = ("choices", "rows", "scale")
_SETTINGS = (
    *("hint", "min", "max", "unit", "people", "messages", "default", "attributes", "other", "none"),
    *("appearance", "accept", "size"),
)
_SAME_ANSWERS = (  # kinds whose answers may stand in one column
    {Kind.SHORT, Kind.LONG, Kind.EMAIL, Kind.PHONE},
    {Kind.SINGLE, Kind.YES_NO, Kind.SCALE},
)


@dataclass(frozen=True)
class Change:
    """``key`` and ``label`` are the question's (for a page its title); ``before`` and ``after`` what people read."""

    code: str
    key: str = ""
    label: str = ""
    before: str = ""
    after: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


def difference(old: Definition, new: Definition) -> list[Change]:
    """In the order of the new version; what is gone stands at the end."""
    return [*_of_head(old, new), *_of_pages(old, new), *_of_questions(old, new)]


def breaks(old: Definition, new: Definition) -> list[Change]:
    """What keeps answers to both versions from standing side by side, or a wave that is open from going on."""
    return list(_breaks(old, new))


# --- the head


def _of_head(old: Definition, new: Definition) -> Iterator[Change]:
    for name in ("title", "intro", "purpose", "minutes", "language"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change(name, before=str(before), after=str(after))
    for language in sorted({*old.translations, *new.translations}):
        if old.translations.get(language) != new.translations.get(language):
            yield Change("translations", params={"language": language})


# --- pages


def _of_pages(old: Definition, new: Definition) -> Iterator[Change]:
    pairs = _paired(old.pages, new.pages)
    for number, page in enumerate(new.pages):
        before = old.pages[pairs[number]] if number in pairs else None
        if before is None:
            yield Change("page_added", label=page.title)
            continue
        if before.title != page.title:
            yield Change("page_reworded", label=page.title, before=before.title, after=page.title)
        if before.text != page.text:
            yield Change("page_reworded", label=page.title, before=before.text, after=page.text)
        if before.show_if != page.show_if:
            yield Change("page_condition", label=page.title, before=before.show_if, after=page.show_if)
    for number, page in enumerate(old.pages):
        if number not in pairs.values():
            yield Change("page_removed", label=page.title)


def _paired(old: Sequence[Page], new: Sequence[Page]) -> dict[int, int]:
    """{number of a new page: number of the old one}: by key, else by title, else by most questions in common."""
    likeness = Counter[tuple[int, int]]()
    for n, page in enumerate(new):
        for m, before in enumerate(old):
            likeness[n, m] = len({q.key for q in page.questions} & {q.key for q in before.questions})
            likeness[n, m] += 1_000 * (page.title == before.title) + 10_000 * (page.key == before.key != "")
    pairs: dict[int, int] = {}
    for (n, m), alike in likeness.most_common():
        if alike and n not in pairs and m not in pairs.values():
            pairs[n] = m
    return pairs


# --- questions


def _of_questions(old: Definition, new: Definition) -> Iterator[Change]:
    before = {question.key: question for question in old.questions}
    moved = _moved(old, new)
    for page in new.pages:
        for question in page.questions:
            if question.key not in before:
                yield Change("added", question.key, question.label, params={"page": page.title})
                continue
            if question.key in moved:
                yield Change("moved", question.key, question.label, params={"page": page.title})
            yield from _of_question(before[question.key], question)
    kept = {question.key for question in new.questions}
    yield from (Change("removed", key, gone.label) for key, gone in before.items() if key not in kept)


def _moved(old: Definition, new: Definition) -> set[str]:
    """The questions on another page, and the fewest that must move to make the old order the new one."""
    pairs = _paired(old.pages, new.pages)
    page_of = {q.key: n for n, page in enumerate(old.pages) for q in page.questions}
    elsewhere = {
        q.key
        for n, page in enumerate(new.pages)
        for q in page.questions
        if q.key in page_of and pairs.get(n) != page_of[q.key]
    }
    after = [q.key for q in new.questions if q.key in page_of and q.key not in elsewhere]
    first = [key for key in page_of if key in set(after)]
    blocks = SequenceMatcher(None, first, after, autojunk=False).get_matching_blocks()
    stayed = {key for block in blocks for key in after[block.b : block.b + block.size]}
    return elsewhere | (set(after) - stayed)


def _of_question(old: Question, new: Question) -> Iterator[Change]:
    if old.label != new.label:
        yield Change("reworded", new.key, new.label, old.label, new.label)
    if old.kind != new.kind:
        yield Change("kind", new.key, new.label, str(old.kind), str(new.kind))
    if old.required != new.required:
        yield Change("required" if new.required else "not_required", new.key, new.label)
    for name in LISTS:
        yield from _of_list(new, name, getattr(old, name), getattr(new, name))
    for name in (*EXPRESSIONS, *_SETTINGS):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            code = "condition" if name in EXPRESSIONS else "setting"
            yield Change(code, new.key, new.label, _plain(before), _plain(after), {"name": name})


def _of_list(question: Question, name: str, old: Choices, new: Choices) -> Iterator[Change]:
    before, after, params = dict(old), dict(new), {"list": name}
    for code, text in new:
        if code not in before:
            yield Change("choice_added", question.key, question.label, after=text, params=params)
        elif before[code] != text:
            yield Change("choice_reworded", question.key, question.label, before[code], text, params)
    yield from _vanished(question, name, old, new)
    if [code for code in before if code in after] != [code for code in after if code in before]:
        yield Change("choices_reordered", question.key, question.label, params=params)


def _vanished(question: Question, name: str, old: Choices, new: Choices) -> Iterator[Change]:
    left = dict(new)
    for code, text in old:
        if code not in left:
            params = {"list": name, "choice": code}
            yield Change("choice_removed", question.key, question.label, before=text, params=params)


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {_plain(inner)}" for name, inner in value.items())
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "✓" if value else ""
    return "" if value is None else str(value)


# --- breaks


def _breaks(old: Definition, new: Definition) -> Iterator[Change]:
    if old.purpose != new.purpose:
        yield Change("purpose", before=str(old.purpose), after=str(new.purpose))
    after = {question.key: question for question in new.questions}
    for question in old.questions:
        if question.kind in (Kind.NOTE, Kind.COMPUTED):
            continue
        if question.key in after:
            yield from _broken(question, after[question.key])
        else:
            yield Change("removed", question.key, question.label)


def _broken(old: Question, new: Question) -> Iterator[Change]:
    together = any({old.kind, new.kind} <= kinds for kinds in _SAME_ANSWERS)
    widened = (old.kind, new.kind) == (Kind.INTEGER, Kind.DECIMAL)
    if old.kind != new.kind and not (together or widened):
        yield Change("kind", new.key, new.label, str(old.kind), str(new.kind))
        return
    if old.kind is new.kind is Kind.SCALE and (old.min, old.max) != (new.min, new.max):
        yield Change("scale", new.key, new.label, f"{old.min}–{old.max}", f"{new.min}–{new.max}")
    if old.unit != new.unit:
        yield Change("unit", new.key, new.label, old.unit, new.unit)
    for name in LISTS:
        yield from _vanished(new, name, getattr(old, name), getattr(new, name))
    if old.other and not new.other:
        yield Change(
            "choice_removed",
            new.key,
            new.label,
            before="other",
            params={"list": "choices", "choice": "other"},
        )
