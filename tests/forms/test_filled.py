"""Logic in a filled blank: what is asked now, in which words, and what becomes of the rest."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

import forms
from forms import logic
from forms.fields import Asked, names
from forms.fields.chosen import Chosen
from tests.forms.blanks import CHOICES, PEOPLE, ask, posted, questionnaire
from tests.forms.random_definitions import definitions

TODAY = date(2026, 11, 23)
YES = ask("yes_no", "has", required=True)
DETAILS = ask("short", "which", show_if="${has} = 'yes'", required=True)


def bound(definition: forms.Definition, *pairs: tuple[str, str]) -> forms.Filled:
    return forms.build(definition, PEOPLE, TODAY).bind(posted(pairs))


def labels(field: Asked) -> list[str]:
    assert isinstance(field, Chosen)
    return [option.label for option in field.options]


def codes(filled: forms.Filled, page: int | None = None) -> list[tuple[str, str]]:
    return [(problem.question_key, problem.code) for problem in filled.errors(page)]


def test_a_hidden_question_is_not_asked_its_answer_waits_in_the_draft() -> None:
    definition = questionnaire([YES, DETAILS])
    filled = bound(definition, ("has", "no"), ("which", "первая"))
    assert [field.name for field in filled.fields(0)] == ["has"]
    assert (filled.errors(), filled.answers()) == ([], {"has": "no"})
    assert ("which", "первая") in filled.carried(0)
    changed = bound(definition, ("has", "yes"), ("which", "первая"))
    assert changed.answers() == {"has": "yes", "which": "первая"}


def test_what_depends_on_a_hidden_answer_does_not_see_it() -> None:
    chain = [YES, DETAILS, ask("short", "more", show_if="${which} = 'первая'")]
    filled = bound(questionnaire(chain), ("has", "no"), ("which", "первая"), ("more", "ещё"))
    assert filled.answers() == {"has": "no"}


def test_a_question_that_appears_is_shown_before_the_page_is_left() -> None:
    definition = questionnaire([YES, DETAILS | {"required": False}], [ask("short", "end")])
    first = bound(definition)
    assert first.carried(0)[-1] == ("-shown", "has")
    filled = bound(definition, ("has", "yes"), *first.carried(0))
    assert codes(filled, 0) == [("which", "appeared")]
    assert filled.faulty_page() is None
    again = bound(definition, ("has", "yes"), ("which", ""), *filled.carried(0))
    assert codes(again, 0) == []


def test_pages_without_questions_are_passed_by() -> None:
    definition = questionnaire([YES], [DETAILS], [ask("computed", "c", formula="1")], [ask("short", "end")])
    filled = bound(definition, ("has", "no"))
    assert filled.asked == [0, 3]
    assert (filled.page_after(0), filled.page_before(3), filled.page_after(3)) == (3, 0, None)
    assert bound(definition, ("has", "yes")).page_after(0) == 1


def test_a_page_is_shown_when_its_condition_holds() -> None:
    data = questionnaire([YES], [ask("short", "which", required=True)]).to_json()
    data["pages"][1]["show_if"] = "${has} = 'yes'"
    definition = forms.parse(data)
    assert bound(definition, ("has", "no")).errors() == []
    assert codes(bound(definition, ("has", "yes"))) == [("which", "required")]


def test_an_answer_is_needed_when_its_condition_holds() -> None:
    definition = questionnaire([YES, ask("short", "which", required_if="${has} = 'yes'")])
    assert codes(bound(definition, ("has", "yes"))) == [("which", "required")]
    assert codes(bound(definition, ("has", "no"))) == []


def test_answers_are_checked_against_each_other_in_the_questions_own_words() -> None:
    until = ask("date", "until", check=". >= ${since}", messages={"check": "Конец раньше начала"})
    definition = questionnaire([ask("date", "since", check=". <= today()"), until])
    filled = bound(definition, ("since", "2026-09-01"), ("until", "31.08.2026"))
    [problem] = filled.errors()
    assert (problem.question_key, forms.sentence(problem)) == ("until", "Конец раньше начала")
    assert filled.answers() == {"since": "2026-09-01"}
    assert codes(bound(definition, ("since", "2026-11-24"))) == [("since", "check")]
    assert codes(bound(definition, ("since", "2026-11-23"), ("until", "2026-11-23"))) == []


def test_values_are_computed_and_may_decide() -> None:
    rows = {"rows": [["a", "А"], ["b", "Б"]], "scale": [["0", "Нет"], ["3", "Да"]]}
    definition = questionnaire(
        [
            ask("matrix", "needs", **rows),
            ask("computed", "sum", formula="${needs.a} + ${needs.b}", label="Всего"),
        ],
        [ask("short", "why", show_if="${sum} > 3")],
    )
    assert bound(definition, ("needs-a", "3")).answers() == {"needs": {"a": "3"}}
    filled = bound(definition, ("needs-a", "3"), ("needs-b", "3"), ("why", "так"))
    assert filled.answers() == {"needs": {"a": "3", "b": "3"}, "sum": 6, "why": "так"}
    assert filled.summary()[0] == ("Страница 1", [("Вопрос", ["А: Да", "Б: Да"]), ("Всего", "6")])


def test_earlier_answers_stand_in_later_words() -> None:
    place = ask("single", "place", choices=CHOICES)
    data = questionnaire(
        [ask("short", "name"), place, ask("yes_no", "has")],
        [ask("short", "why", label="Почему ${place}, ${name}?", hint="${has}", show_if="${has} = 'yes'")],
    ).to_json()
    data["pages"][1]["title"] = "Здравствуйте, ${name}"
    filled = bound(forms.parse(data), ("name", "<Анна> ${place}"), ("place", "b"), ("has", "yes"))
    assert filled.pages[1].title == "Здравствуйте, <Анна> ${place}"
    [field] = filled.fields(1)
    assert (field.question.label, field.question.hint) == ("Почему Днём, <Анна> ${place}?", "Да")


def test_choices_are_filtered_by_earlier_answers() -> None:
    towns = [["spb", "Петербург"], ["vyborg", "Выборг"], ["omsk", "Омск"]]
    regions = {"spb": {"region": "nw"}, "vyborg": {"region": "nw"}, "omsk": {"region": "sib"}}
    definition = questionnaire(
        [ask("single", "region", choices=[["nw", "С"], ["sib", "В"], ["s", "Ю"]])],
        [ask("single", "town", choices=towns, attributes=regions, choice_filter="region = ${region}")],
    )
    [town] = bound(definition, ("region", "nw")).fields(1)
    assert labels(town) == ["Петербург", "Выборг"]
    assert codes(bound(definition, ("region", "nw"), ("town", "omsk"))) == [("town", "unknown_choice")]
    nothing = bound(definition, ("region", "s"), ("town", "omsk"))
    assert (nothing.asked, nothing.answers()) == ([0], {"region": "s"})


def test_a_blank_opens_with_what_is_known_and_the_defaults_for_the_rest() -> None:
    definition = questionnaire(
        [
            ask("date", "day", default="today()"),
            ask("multiple", "times", choices=CHOICES, default="a c"),
            ask("integer", "years", default="3"),
            ask("decimal", "rate", default="0.5"),
        ]
    )
    opened = forms.build(definition, None, TODAY).opened({"years": 7})
    assert opened.answers() == {"day": "2026-11-23", "times": ["a", "c"], "years": 7, "rate": 0.5}
    assert bound(definition).answers() == {}


def test_a_questionnaire_speaks_the_language_of_the_respondent() -> None:
    data = questionnaire([YES, ask("single", "when", choices=CHOICES, other=True, hint="Примерно")]).to_json()
    data["translations"] = {
        "en": {
            "pages.1.title": "Page 1",
            "when.label": "When?",
            "when.choices.a": "In the morning",
            "title": "Form",
        }
    }
    english = forms.parse(data).in_language("en")
    assert (english.title, english.language) == ("Form", "en")
    has, when = bound(english).fields(0)
    assert labels(has) == ["Yes", "No"]
    assert labels(when) == ["In the morning", "Днём", "Вечером", "Other"]
    assert (when.question.label, when.question.hint) == ("When?", "Примерно")
    assert forms.parse(data).in_language("tt") == forms.parse(data)


def typed_for(question: forms.Question) -> st.SearchStrategy[list[tuple[str, str]]]:
    likely = ["yes", "no", "1", "2", "01.09.2026", "12:30", "a@b.ru", "+79123456789", "other", "0,5", "а"]
    likely += [code for code, _ in (*question.choices, *question.scale)]
    pair = st.tuples(st.sampled_from(names(question)), st.sampled_from(likely) | st.text(max_size=5))
    return st.lists(pair, max_size=3)


@st.composite
def fillings(draw: st.DrawFn) -> tuple[forms.Blank, list[tuple[str, str]]]:
    definition: forms.Definition = draw(definitions())
    blank = forms.build(definition, PEOPLE, TODAY)
    questions = [question for page in blank.pages for question in page.questions]
    return blank, [pair for question in questions for pair in draw(typed_for(question))]


@settings(max_examples=60)
@given(fillings())
def test_any_answers_filled_in_again_are_the_same_answers(filling: tuple[forms.Blank, Any]) -> None:
    blank, pairs = filling
    filled = blank.bind(posted(pairs))
    answers = filled.answers()
    again = blank.from_answers(answers)
    scope = logic.Scope(logic.texts_of(answers), TODAY)
    if not filled.errors():
        shown = [
            question
            for question in blank.definition.questions
            if question.key in answers and question.show_if
        ]
        assert all(logic.parse(question.show_if).holds(scope) for question in shown)
        assert again.answers() == answers
        assert again.errors() == []
        assert forms.summary(blank.definition, answers, PEOPLE) == filled.summary()


@settings(max_examples=60)
@given(fillings(), st.integers(0, 3))
def test_no_page_loses_what_was_typed_on_another(filling: tuple[forms.Blank, Any], page: int) -> None:
    blank, pairs = filling
    filled = blank.bind(posted(pairs))
    assume(blank.pages)
    page %= len(blank.pages)
    here = {name for field in filled.fields(page) for name in names(field.question)}
    visible = [pair for pair in pairs if pair[0] in here]
    again = blank.bind(posted([*filled.carried(page), *visible]))
    assert (again.answers(), again.errors()) == (filled.answers(), filled.errors())
