"""How far a respondent is, as honestly as it can be said where later pages depend on answers, and what a page itself
depends on."""

from __future__ import annotations

from typing import NamedTuple

from forms import Blank, Filled, Kind, Page


class Progress(NamedTuple):
    """The number of this page among those that are asked; how many there will be in all."""

    number: int
    least: int
    most: int


def of(blank: Blank, filled: Filled, at: int) -> Progress:
    number = sum(page <= at for page in filled.asked)
    undecided = {question.key for page in blank.pages[at:] for question in page.questions}
    sure = perhaps = 0
    for later in range(at + 1, len(blank.pages)):
        decided = _decided(blank, blank.pages[later], undecided)
        if any(field.question.key in decided for field in filled.fields(later)):
            sure += 1
        elif len(decided) < len(_questions(blank.pages[later])):
            perhaps += 1
    return Progress(number, number + sure, number + sure + perhaps)


def watched(blank: Blank, at: int) -> list[str]:
    """The page's own questions whose answers decide what else the page asks, and in what words."""
    here = [question.key for page in blank.pages[at : at + 1] for question in page.questions]
    found: set[str] = set()
    ahead = set(here)
    while ahead:
        ahead = {key for one in ahead for key in blank.definition.needs[one]} - found
        found |= ahead
    return [key for key in here if key in found]


def _decided(blank: Blank, page: Page, undecided: set[str]) -> set[str]:
    """The page's questions that no answer of this page or a later one can show or hide."""
    return {key for key in _questions(page) if not blank.definition.needs[key] & undecided}


def _questions(page: Page) -> list[str]:
    return [question.key for question in page.questions if question.kind is not Kind.COMPUTED]
