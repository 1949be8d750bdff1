"""Changes of a draft: a definition as JSON goes in, a changed copy comes out; a draft may have defects.

Questions are named by their keys, pages by their numbers from 0. The keys and codes of what is not touched never
change. What is not there is a LookupError.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from copy import deepcopy
from typing import Any, TypeAlias

import forms
from forms.definition import EXPRESSIONS, FORMAT
from forms.xlsform.names import expression, key_of, piped

Draft: TypeAlias = dict[str, Any]
Asked: TypeAlias = dict[str, Any]

LISTS = ("choices", "rows", "scale")
LONGEST_KEY = 28


def blank(key: str, title: str, page: str) -> Draft:
    pages: list[Asked] = [{"title": page, "questions": []}]
    head = {"format": FORMAT, "key": key, "title": title, "purpose": str(forms.Purpose.SURVEY)}
    return {**head, "minutes": 5, "pages": pages}


# --- looking


def questions(draft: Draft) -> Iterator[Asked]:
    return (question for page in draft["pages"] for question in page["questions"])


def keys(draft: Draft) -> list[str]:
    return [question["key"] for question in questions(draft)]


def place(draft: Draft, key: str) -> tuple[int, int]:
    """The number of the page, and of the question on it."""
    for n, page in enumerate(draft["pages"]):
        for m, question in enumerate(page["questions"]):
            if question["key"] == key:
                return n, m
    raise LookupError(key)


def question(draft: Draft, key: str) -> Asked:
    n, m = place(draft, key)
    found: Asked = draft["pages"][n]["questions"][m]
    return found


def page(draft: Draft, number: int) -> Asked:
    if not 0 <= number < len(draft["pages"]):
        raise LookupError(number)
    found: Asked = draft["pages"][number]
    return found


def seal(part: object) -> str:
    """Tells whether a part is still what somebody has seen."""
    return hashlib.sha256(json.dumps(part, sort_keys=True).encode()).hexdigest()[:16]


def new_key(label: str, taken: Collection[str]) -> str:
    """Made of the first words, since it heads a column of the results."""
    words = key_of(label)
    short = words if len(words) <= LONGEST_KEY else words[: LONGEST_KEY + 1].rpartition("_")[0]
    return key_of((short or words[:LONGEST_KEY]).rstrip("_"), taken)


# --- questions


def add_question(draft: Draft, number: int, asked: Asked, after: str = "") -> Draft:
    """At the end of the page, or after a question of it."""
    draft = deepcopy(draft)
    there = page(draft, number)["questions"]
    at = (
        [other["key"] for other in there].index(after) + 1
        if after and place(draft, after)[0] == number
        else len(there)
    )
    there.insert(at, asked)
    return draft


def replace_question(draft: Draft, key: str, asked: Asked) -> Draft:
    draft = deepcopy(draft)
    n, m = place(draft, key)
    draft["pages"][n]["questions"][m] = asked
    return tidy(draft)


def delete_question(draft: Draft, key: str) -> Draft:
    draft = deepcopy(draft)
    n, m = place(draft, key)
    del draft["pages"][n]["questions"][m]
    return tidy(draft)


def shift_question(draft: Draft, key: str, step: int) -> Draft:
    """One up (-1) or down (+1); over the edge of its page to the next one."""
    draft = deepcopy(draft)
    n, m = place(draft, key)
    here = draft["pages"][n]["questions"]
    if 0 <= m + step < len(here):
        here[m], here[m + step] = here[m + step], here[m]
    elif 0 <= n + step < len(draft["pages"]):
        there = draft["pages"][n + step]["questions"]
        there.insert(0 if step > 0 else len(there), here.pop(m))
    return draft


def put_on_page(draft: Draft, key: str, number: int) -> Draft:
    """At its end."""
    draft = deepcopy(draft)
    n, m = place(draft, key)
    there = page(draft, number)["questions"]
    if n != number:
        there.append(draft["pages"][n]["questions"].pop(m))
    return draft


def duplicate_question(draft: Draft, key: str, taken: Collection[str] = ()) -> Draft:
    draft = deepcopy(draft)
    n, m = place(draft, key)
    asked = draft["pages"][n]["questions"][m]
    draft["pages"][n]["questions"][m + 1 : m + 1] = _copies(draft, [asked], taken)
    return draft


def _copies(draft: Draft, several: list[Asked], taken: Collection[str]) -> list[Asked]:
    """With keys of their own, also where they ask about one another; translations go along."""
    used, new = {*taken, *keys(draft)}, dict[str, str]()
    for asked in several:
        new[asked["key"]] = key = key_of(asked["key"], used | {asked["key"]})
        used |= {key, f"{key}_other"}
    named = new | {
        f"{asked['key']}.{row}": f"{new[asked['key']]}.{row}"
        for asked in several
        for row, _ in asked.get("rows", ())
    }
    for texts in draft.get("translations", {}).values():
        for path, text in list(texts.items()):
            owner, dot, rest = path.partition(".")
            if dot and owner in new and owner != "pages":
                texts[f"{new[owner]}.{rest}"] = text
    return [_renamed(asked, new[asked["key"]], named) for asked in several]


def _renamed(asked: Asked, key: str, names: dict[str, str]) -> Asked:
    copy = {**deepcopy(asked), "key": key}
    for name in EXPRESSIONS:
        if name in copy:
            copy[name] = expression(copy[name], names, {})
    for name in ("label", "hint"):
        if name in copy:
            copy[name] = piped(copy[name], names)
    return copy


# --- pages


def add_page(draft: Draft, title: str) -> Draft:
    draft = deepcopy(draft)
    draft["pages"].append({"title": title, "questions": []})
    return draft


def replace_page(draft: Draft, number: int, changes: Asked) -> Draft:
    """All but its questions."""
    draft = deepcopy(draft)
    draft["pages"][number] = {**changes, "questions": page(draft, number)["questions"]}
    return tidy(draft)


def delete_page(draft: Draft, number: int) -> Draft:
    """With its questions."""
    page(draft, number)
    return _in_order(draft, [n for n in range(len(draft["pages"])) if n != number])


def shift_page(draft: Draft, number: int, step: int) -> Draft:
    page(draft, number)
    order = list(range(len(draft["pages"])))
    if 0 <= number + step < len(order):
        order[number], order[number + step] = order[number + step], order[number]
    return _in_order(draft, order)


def duplicate_page(draft: Draft, number: int, taken: Collection[str] = ()) -> Draft:
    """After it, with copies of its questions."""
    count = len(draft["pages"])
    copy = deepcopy(draft)
    original = page(copy, number)
    twin = {**{name: value for name, value in original.items() if name != "key"}, "questions": []}
    twin["questions"] = _copies(copy, original["questions"], taken)
    copy["pages"].append(twin)
    for texts in copy.get("translations", {}).values():
        own = f"pages.{original.get('key') or number + 1}."
        for path in [path for path in texts if path.startswith(own)]:
            texts[f"pages.{count + 1}.{path.removeprefix(own)}"] = texts[path]
    return _in_order(copy, [*range(number + 1), count, *range(number + 1, count)])


def _in_order(draft: Draft, order: list[int]) -> Draft:
    """The pages of those numbers; translations of pages without a key go by number and move along."""
    draft = deepcopy(draft)
    before = draft["pages"]
    draft["pages"] = [before[n] for n in order]
    moved = {str(n + 1): str(m + 1) for m, n in enumerate(order) if not before[n].get("key")}
    gone = {str(n + 1) for n in range(len(before)) if not before[n].get("key")} - moved.keys()
    for language, texts in draft.get("translations", {}).items():
        draft["translations"][language] = {
            _moved(path, moved): text for path, text in texts.items() if _page_of(path) not in gone
        }
    return tidy(draft)


def _page_of(path: str) -> str:
    first, _, rest = path.partition(".")
    return rest.partition(".")[0] if first == "pages" else ""


def _moved(path: str, moved: dict[str, str]) -> str:
    name = _page_of(path)
    return f"pages.{moved[name]}.{path.split('.', 2)[2]}" if name in moved else path


# --- the whole


def replace_head(draft: Draft, changes: Draft) -> Draft:
    """Title, introduction, minutes."""
    return tidy({**deepcopy(draft), **changes})


def tidy(draft: Draft) -> Draft:
    """Without an empty introduction, and without translations of what is no longer there."""
    known = {path for path, _ in texts(draft)}
    translations = {
        language: kept
        for language, said in draft.get("translations", {}).items()
        if (kept := {path: text for path, text in said.items() if path in known})
    }
    draft = {
        name: value
        for name, value in draft.items()
        if name != "translations" and (name, value) != ("intro", "")
    }
    return {**draft, "translations": translations} if translations else draft


def texts(draft: Draft) -> Iterator[tuple[str, str]]:
    """(path, text) of those that are there; what everything has may be empty for a while and keeps its translation."""
    yield "title", draft.get("title", "")
    yield from _given(draft, "", "intro")
    for number, part in enumerate(draft["pages"], start=1):
        own = f"pages.{part.get('key') or number}."
        yield f"{own}title", part.get("title", "")
        yield from _given(part, own, "text")
        for asked in part["questions"]:
            own = f"{asked['key']}."
            yield f"{own}label", asked.get("label", "")
            yield from _given(asked, own, "hint", "unit")
            for name in LISTS:
                yield from ((f"{own}{name}.{code}", text) for code, text in asked.get(name, ()))
            yield from ((f"{own}messages.{code}", text) for code, text in asked.get("messages", {}).items())


def _given(part: Asked, own: str, *names: str) -> Iterator[tuple[str, str]]:
    return ((f"{own}{name}", part[name]) for name in names if part.get(name))
