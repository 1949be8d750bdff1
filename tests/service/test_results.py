"""Results: what was said is counted truly, and of an anonymous wave nobody can be worked out."""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import timedelta
from html import unescape
from itertools import combinations
from statistics import mean, median
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

import forms
from service import ballots, seals
from service.questionnaires import actions
from service.questionnaires.results import shown as results
from service.questionnaires.results.tally import Tally, parts_of, tally, visible
from service.seals import Ticket
from service.submissions import actions as submissions
from service.tables import Membership, Wave, now
from tests.factories import World
from tests.service.test_ballots import close, open_anonymous

SCALE = [["1", "Нет"], ["2", "По-разному"], ["3", "Да"]]
ROWS = [["a", "А"], ["b", "Б"]]
DIRECTIONS = [["artistic", "Художественная"], ["technical", "Техническая"], ["sport", "Спорт"]]
DEFINITION = forms.parse(
    {
        "format": "nastavnik.questionnaire/1",
        "key": "quality",
        "title": "Как прошло",
        "purpose": "survey",
        "minutes": 3,
        "pages": [
            {
                "title": "Всё",
                "questions": [
                    {"key": "mood", "kind": "single", "label": "Хорошо?", "choices": SCALE},
                    {"key": "direction", "kind": "single", "label": "Направленность", "choices": DIRECTIONS},
                    {"key": "help", "kind": "multiple", "label": "Что помогло", "choices": DIRECTIONS},
                    {"key": "years", "kind": "integer", "label": "Стаж"},
                    {
                        "key": "levels",
                        "kind": "matrix",
                        "label": "Умею",
                        "rows": [["a", "А"], ["b", "Б"]],
                        "scale": SCALE,
                    },
                    {"key": "wishes", "kind": "ranking", "label": "Важнее", "choices": DIRECTIONS},
                    {"key": "why", "kind": "long", "label": "Почему"},
                ],
            }
        ],
    }
)
PARTS = {part.key: part for part in parts_of(DEFINITION, {})}


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


CODES = st.sampled_from([code for code, _ in DIRECTIONS])
ANSWERS = st.lists(
    st.fixed_dictionaries(
        {
            "mood": optional(st.sampled_from("123")),
            "direction": optional(CODES),
            "help": optional(st.lists(CODES, unique=True, min_size=1)),
            "years": optional(st.integers(0, 40)),
            "levels": optional(st.dictionaries(st.sampled_from("ab"), st.sampled_from("123"), min_size=1)),
            "wishes": optional(st.permutations([code for code, _ in DIRECTIONS])),
            "why": optional(st.just("Потому что")),
        }
    ).map(lambda row: {key: value for key, value in row.items() if value is not None}),
    max_size=60,
)


@given(ANSWERS)
@settings(max_examples=60, deadline=None)
def test_what_is_counted_is_what_was_said(answers: list[dict[str, Any]]) -> None:
    counted = tally(DEFINITION, answers)
    mood = results.distribution(counted, PARTS["mood"])
    said = [int(row["mood"]) for row in answers if "mood" in row]
    if not said:
        assert mood.answered == 0
        return
    assert (mood.answered, mood.missing) == (len(said), len(answers) - len(said))
    assert [bar.count for bar in mood.bars] == [Counter(said)[at] for at in (1, 2, 3)]
    assert mood.mean == pytest.approx(mean(said))
    assert mood.median == median(said)
    for code, label in DIRECTIONS:
        helped = results.distribution(counted, PARTS["help"])
        shown = {bar.label: bar.count for bar in helped.bars}
        assert shown.get(label, 0) == sum(code in row.get("help", ()) for row in answers)
    table = results.cross(counted, PARTS["mood"], PARTS["direction"], PARTS.values())
    for (code, _), row in zip(DIRECTIONS, table.rows, strict=True):
        both = [r["mood"] for r in answers if r.get("direction") == code and "mood" in r]
        assert row.cells == [both.count(at) for at in "123"]


def test_rows_of_a_matrix_and_places_of_a_ranking_have_distributions_of_their_own() -> None:
    answers = [
        {"levels": {"a": "3"}, "wishes": ["sport", "artistic"], "years": 3},
        {"levels": {"a": "1", "b": "2"}, "wishes": ["artistic", "sport"], "years": 40},
    ]
    counted = tally(DEFINITION, answers)
    assert results.distribution(counted, PARTS["levels:a"]).mean == 2
    assert results.distribution(counted, PARTS["levels:b"]).missing == 1
    assert results.distribution(counted, PARTS["wishes:sport"]).mean == 1.5
    assert results.distribution(counted, PARTS["years"]).median == 21.5


def test_of_people_only_those_whom_somebody_named_are_listed() -> None:
    wish = {"key": "mentor", "kind": "ranking", "label": "Кого хотите?", "people": "mentors", "max": 3}
    asked = forms.parse({**DEFINITION.to_json(), "pages": [{"title": "Кто", "questions": [wish]}]})
    people = {"mentors": [(str(n), f"Наставник {n}") for n in range(50)]}
    [part] = parts_of(asked, people)

    shown = results.distribution(tally(asked, [{"mentor": ["7", "3"]}, {"mentor": ["3"]}]), part)

    assert [(bar.label, bar.count) for bar in shown.bars] == [("Наставник 3", 2), ("Наставник 7", 1)]


def test_many_different_answers_are_counted_like_few() -> None:
    answers = [{"years": at, "mood": "1"} for at in range(600)]
    counted = tally(DEFINITION, answers)
    assert sum(results._counts(counted, PARTS["years"], counted.everybody).values()) == 600
    assert (counted.who(PARTS["mood"], "1") & counted.answered(PARTS["years"])).bit_count() == 600


# --- the fewest


@st.composite
def groupings(draw: st.DrawFn) -> tuple[int, dict[str, list[int]]]:
    """A whole of up to sixty people, and several questions by which they fall into groups, overlapping or not."""
    size = draw(st.integers(0, 60))
    rng = random.Random(draw(st.integers(0, 10**6)))
    made: dict[str, list[int]] = {}
    for name in "abc"[: draw(st.integers(1, 3))]:
        options = draw(st.integers(2, 6))
        groups = [0] * options
        for person in range(size):
            if rng.random() < 0.9:
                groups[min(options - 1, int(rng.expovariate(0.8)))] |= 1 << person
            if name == "c":
                groups[rng.randrange(options)] |= 1 << person
        made[name] = groups
    return (1 << size) - 1, made


@given(groupings(), st.integers(3, 10))
@settings(max_examples=300, deadline=None)
def test_no_pair_of_visible_filters_gives_away_fewer_than_the_least(
    case: tuple[int, dict[str, list[int]]], least: int
) -> None:
    whole, sets = case
    shown = visible(Tally(whole, {}), sets, whole, least)
    groups = [sets[name][at] for name, at in shown]
    for one, other in combinations([whole, *groups], 2):
        assert not 0 < (one ^ other).bit_count() < least
        for difference in (one & ~other, other & ~one):
            nested = one & other in (one, other)
            assert not nested or not 0 < difference.bit_count() < least
    assert all(group.bit_count() >= least for group in groups)
    for name, of in sets.items():
        seen = 0
        for at, group in enumerate(of):
            seen |= group if (name, at) in shown else 0
        assert not seen or not 0 < (whole & ~seen).bit_count() < least


def test_a_hidden_group_is_not_worked_out_from_the_others() -> None:
    """20 = 10 + 7 + 3: to hide the three, the seven are hidden, too."""
    groups = [(1 << 10) - 1, ((1 << 7) - 1) << 10, ((1 << 3) - 1) << 17]
    assert visible(Tally((1 << 20) - 1, {}), {"a": groups}, (1 << 20) - 1, 5) == {("a", 0)}


def test_a_group_of_one_mind_is_hidden_and_numbers_show_no_single_value() -> None:
    answers = [{"mood": "1", "direction": "sport", "years": 30 + at} for at in range(6)]
    answers += [{"mood": "123"[at % 3], "direction": "artistic", "years": 3} for at in range(9)]
    counted = tally(DEFINITION, answers)
    table = results.cross(counted, PARTS["mood"], PARTS["direction"], PARTS.values(), 5)
    assert [row.hidden for row in table.rows] == [False, True, True]
    assert results.distribution(counted, PARTS["years"], 5).bars == []


# --- the page


def answered(world: World, wave: int, moods: str, why: str = "") -> None:
    for at, key in enumerate(ballots.cards(world.database, wave, len(moods))):
        ballots.cast(world.database, key, {"mood": moods[at], "why": f"{why}{at}"})


def test_an_anonymous_wave_shows_nothing_before_its_end_and_nothing_of_too_few(world: World) -> None:
    curator = world.signed_in(world.curator)
    wave = open_anonymous(world, people=12)
    answered(world, wave, "1213")
    for page in ("results", "answers.csv", "answers.xlsx", "answers.json"):
        assert curator.get(f"/waves/{wave}/{page}").status_code == 409
    close(world, wave)
    few = unescape(curator.get(f"/waves/{wave}/results").text)
    assert "Ответили меньше 5 человек" in few
    assert "По-разному" not in few
    assert "1" not in curator.get(f"/waves/{wave}/answers.csv").text.replace("\ufeff", "")


def test_an_ended_anonymous_wave_shows_counts_and_mixed_texts_of_enough_people(world: World) -> None:
    curator = world.signed_in(world.curator)
    wave = open_anonymous(world, people=12)
    answered(world, wave, "112233112", "слово ")
    close(world, wave)
    page = unescape(curator.get(f"/waves/{wave}/results").text)
    assert re.search(r"Да</th><td class=\"number\"[^>]*>2</td>", page)
    assert "среднее 1,8 · медиана 2,0" in page
    assert "слово" not in page

    more = open_anonymous(world, people=0)
    answered(world, more, "112233112233", "слово ")
    close(world, more)
    said = re.findall(r"<li>слово (\d+)</li>", curator.get(f"/waves/{more}/results").text)
    assert sorted(said, key=int) == [str(at) for at in range(12)]
    assert said != sorted(said, key=int)


def test_an_anonymous_wave_that_has_ended_is_not_opened_again(world: World) -> None:
    curator = world.signed_in(world.curator)
    wave = open_anonymous(world)
    close(world, wave)
    later = (now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    assert curator.post(f"/waves/{wave}/end", {"closes_at": later}).status_code == 409


def survey(world: World, title: str, before: timedelta) -> int:
    with world.database.writing(world.organisation_id) as session:
        questionnaire = actions.add_questionnaire(session, DEFINITION)
        wave = actions.open_wave(session, questionnaire, title, now() - before, now() + timedelta(days=7))
        return wave.id


def says(world: World, wave_id: int, person: int, **answers: Any) -> None:
    with world.database.writing(world.organisation_id) as session:
        wave = session.get_one(Wave, wave_id)
        ticket = Ticket(seals.new_key(), wave.version_id, now())
        submissions.record(session, wave, person, None, ticket, answers)


def test_new_answers_are_counted_at_once_and_the_same_people_are_compared(world: World) -> None:
    curator = world.signed_in(world.curator)
    people = [world.person(f"Петрова{at} Анна Ильинична", "mentee") for at in "абв"]
    for person in people:
        world.says(person)
    before = survey(world, "До", timedelta(days=30))
    after = survey(world, "После", timedelta(days=1))
    for at, person in enumerate(people):
        says(world, before, person, mood="1", direction="sport", years=at)
        assert f"Ответили: {at + 1}" in curator.get(f"/waves/{before}/results").text
    for person in people[:2]:
        says(world, after, person, mood="3", direction="sport")
    page = unescape(curator.get(f"/waves/{after}/results?before={before}&by=direction").text)
    assert re.search(r"Хорошо\?</th>\s*<td[^>]*>2</td>\s*<td[^>]*>1,0</td>\s*<td[^>]*>3,0</td>", page)
    assert "По ответу на вопрос «Направленность»" in page
    says(world, after, people[0], mood="2")
    assert "среднее 2,5" in curator.get(f"/waves/{after}/results").text


def test_a_survey_fills_no_bank(world: World) -> None:
    person = world.person("Петрова Анна Ильинична", "mentee")
    world.says(person)
    says(world, survey(world, "Опрос", timedelta(days=1)), person, mood="1")
    assert world.signed_in(world.curator).get(f"/people/{person}").status_code == 200
    with world.database.reading(world.organisation_id) as session:
        assert session.exec(select(Membership.profile).where(Membership.person_id == person)).all() == [None]
