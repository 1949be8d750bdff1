"""A wave that is counted while it fills up is counted as if it were read anew."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, delete, select

from forms import Definition
from service.questionnaires.results.counting import Counted, Pairs, counted
from service.questionnaires.results.shown import changes
from service.questionnaires.results.tally import Tally, parts_of, tally
from service.tables import Consent, Submission, Wave, now
from tests.factories import World
from tests.service.test_results import ANSWERS, DEFINITION, survey

PARTS = parts_of(DEFINITION, {})
DEEDS = st.lists(st.sampled_from(["answer", "answer", "again", "destroy", "late", "look"]), max_size=30)
_numbers = count()


def stored(world: World, wave_id: int, person: int, answers: dict[str, Any], **more: Any) -> None:
    """As it would stand after the person has answered, maybe again."""
    with world.database.writing(world.organisation_id) as session:
        wave, key = session.get_one(Wave, wave_id), f"{next(_numbers)}"
        earlier = select(Submission).where(
            Submission.wave_id == wave_id,
            Submission.person_id == person,
            col(Submission.replaced_at).is_(None),
        )
        for submission in session.exec(earlier).all():
            submission.replaced_at = now()
        session.flush()
        consent = session.exec(select(Consent.id).where(Consent.person_id == person)).one()
        said = {"consent_id": consent, "key": key, "fingerprint": key, "answers": answers, **more}
        session.add(Submission(wave_id=wave_id, version_id=wave.version_id, person_id=person, **said))


def destroyed(world: World, wave_id: int, person: int) -> None:
    with world.database.writing(world.organisation_id) as session:
        mine = col(Submission.wave_id) == wave_id, col(Submission.person_id) == person
        session.exec(delete(Submission).where(*mine))


def look(world: World, wave_id: int, known: Counted | None) -> Counted:
    with world.database.reading(world.organisation_id) as session:
        return counted(session, session.get_one(Wave, wave_id), DEFINITION, known)


def told(known: Counted) -> dict[int, set[tuple[str, str]]]:
    """By person, whatever their place: everything that is counted of them."""
    parts = known.tally.said.items()
    return {
        known.people[place]: {
            (part, value) for part, values in parts for value, who in values.items() if who >> place & 1
        }
        for place in known.standing
    }


@given(st.data(), DEEDS, ANSWERS.filter(bool), st.integers(0, 10**6))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_is_counted_step_by_step_is_what_is_counted_anew(
    world: World, data: Any, deeds: list[str], said: list[dict[str, Any]], seed: int
) -> None:
    chance = Random(seed)
    n = next(_numbers)
    wave_id = survey(world, f"Волна {n}", timedelta(days=1))
    people = [world.person(f"Петрова{n}а{at} Анна Ильинична", "mentee") for at in range(4)]
    for person in people:
        world.says(person)
    known = None
    for deed in [*deeds, "look"]:
        person, answers = chance.choice(people), chance.choice(said)
        match deed:
            case "answer" | "again":
                stored(world, wave_id, person, answers)
            case "destroy":
                destroyed(world, wave_id, person)
            case "late":  # it got its number earlier than the others, and was committed later
                destroyed(world, wave_id, person)
                stored(world, wave_id, person, answers, id=-next(_numbers) - 1)
            case "look":
                known = look(world, wave_id, known)
                assert told(known) == told(look(world, wave_id, None))
                assert known.tally.size == len(told(known))


def test_what_is_counted_already_is_not_read_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    wave_id = survey(world, "Волна", timedelta(days=1))
    people = [world.person(f"Петрова{at} Анна Ильинична", "mentee") for at in "абв"]
    for person in people:
        world.says(person)
        stored(world, wave_id, person, {"mood": "1"})
    known, read = look(world, wave_id, None), list[int]()

    def watched(asked: Definition, rows: Sequence[Mapping[str, Any]]) -> Tally:
        read.append(len(rows))
        return tally(asked, rows)

    monkeypatch.setattr("service.questionnaires.results.counting.tally", watched)

    stored(world, wave_id, people[0], {"mood": "3"})
    known = look(world, wave_id, known)
    known = look(world, wave_id, known)

    assert read == [1]
    assert known.tally.size == 3


@given(ANSWERS, ANSWERS)
@settings(max_examples=40, deadline=None)
def test_the_same_people_are_compared_wherever_they_stand(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    def of(answers: list[dict[str, Any]], people: list[int]) -> Counted:
        rows = [
            (at, person, json.dumps(said))
            for at, (person, said) in enumerate(zip(people, answers, strict=True))
        ]
        return Counted(1).with_(DEFINITION, rows)

    there, here = list(range(len(before))), list(range(len(after)))[::-1]
    years = [part for part in PARTS if part.key == "years"]
    change = next(iter(changes(years, Pairs.of(of(before, there), of(after, here)))), None)
    said = [
        (before[person].get("years"), after[len(after) - 1 - person].get("years"))
        for person in range(min(len(before), len(after)))
    ]
    both = [(a, b) for a, b in said if a is not None and b is not None]
    if change is None:
        assert both == []
        return
    assert change.pairs == len(both)
    assert change.before == pytest.approx(sum(a for a, _ in both) / len(both))
    assert (change.more, change.same, change.less) == (
        sum(b > a for a, b in both),
        sum(b == a for a, b in both),
        sum(b < a for a, b in both),
    )
