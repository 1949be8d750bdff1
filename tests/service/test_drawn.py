"""What is drawn once for everybody shows nobody anything of another."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import FormData, UploadFile

import forms
from forms import Filled
from forms.fields import names
from service import i18n
from service.submissions import drawn as kept
from service.submissions.drawn import drawn
from tests.forms.random_definitions import definitions

PEOPLE = {"mentors": [("1", "Белова Анна"), ("2", "Котова Вера")], "mentees": [("3", "Петрова Ия")]}
OTHERS = {"mentors": [("4", "Орлов Пётр")], "mentees": [("5", "Жукова Нина"), ("6", "Зимина Ольга")]}
TODAY = date(2026, 11, 23)


@st.composite
def filled(draw: st.DrawFn, definition: forms.Definition) -> Filled:
    """A person's pages, at any moment: opened, typed in, sent with mistakes."""
    blank = forms.build(definition, draw(st.sampled_from([PEOPLE, OTHERS])), TODAY)
    said: list[tuple[str, str | UploadFile]] = []
    for question in (question for page in blank.pages for question in page.questions):
        offered = [code for code, _ in (*question.choices, *question.scale)] or ["5", "2026-09-01"]
        typed = st.sampled_from([*offered, "", " ", "Свои слова"])
        for name in names(question):
            said += [(name, value) for value in draw(st.lists(typed, max_size=2))]
    made = blank.bind(FormData(said)) if draw(st.booleans()) else blank.opened({})
    if draw(st.booleans()):
        made.errors(draw(st.sampled_from([None, *range(len(blank.pages))])))
    return made


@given(definitions(), st.data())
@settings(max_examples=60, deadline=None)
def test_a_page_is_the_same_whoever_was_shown_it_before(definition: forms.Definition, data: Any) -> None:
    people = [data.draw(filled(definition)) for _ in range(3)]
    languages = [data.draw(st.sampled_from(i18n.LANGUAGES)) for _ in people]

    def pages(forget: bool) -> list[str]:
        shown = []
        for person, language in zip(people, languages, strict=True):
            i18n.speak(language)
            for field in (field for page in range(len(person.pages)) for field in person.fields(page)):
                if forget:
                    kept._kept.clear()
                shown.append(str(drawn(person, field)))
        i18n.speak("ru")
        return shown

    assert pages(forget=False) == pages(forget=True)


def test_a_question_that_nobody_has_touched_is_drawn_once() -> None:
    definition = next(iter(forms.library().values()))
    one, other = (forms.build(definition, PEOPLE, TODAY).bind(FormData()) for _ in range(2))
    [field, *_], [same, *_] = one.fields(0), other.fields(0)
    assert drawn(one, field) is drawn(other, same)
