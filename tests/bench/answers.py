"""What comes out of many answers: the files of 5,000 and the page of results of 100,000, asked for by a curator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from sqlmodel import insert, select

from forms import Definition, Kind
from service.database import EVERY_ORGANISATION
from service.questionnaires import actions as questionnaires
from service.tables import LegalGround, Person, Questionnaire, Submission, now
from tests.bench import contestants
from tests.bench.measured import Line, in_turns
from tests.bench.survey import survey
from tests.factories import Browser, World

FILES, PAGE, ROUNDS = 5_000, 100_000, 3
WORDS = ("занятие", "ребёнок", "наставник", "документы", "педагог", "театр", "конкурс", "помощь", "отчёт")


def measure() -> Iterator[Line]:
    with TemporaryDirectory() as name:
        world, _ = contestants.world(Path(name), f"sqlite:///{name}/ours.db", 0)
        people = _people(world, PAGE)
        curator = world.signed_in(world.curator)
        few, many = (answered(world, people[:count]) for count in (FILES, PAGE))
        for kind, seconds in (("csv", 1), ("xlsx", 5)):
            (taken,) = in_turns(ROUNDS, partial(_ask, curator, f"/waves/{few}/answers.{kind}"))
            yield Line(f"{FILES:,} answers as {kind.upper()}", taken / 1e3, "s", seconds)
        page = partial(_ask, curator, f"/waves/{many}/results")
        (first,) = in_turns(1, page)
        (again,) = in_turns(ROUNDS, page)
        yield Line(f"results of {PAGE:,} answers", again, "ms", 200, f"counting them first: {first:.0f} ms")


def _ask(curator: Browser, path: str) -> None:
    answer = curator.get(path)
    assert answer.status_code == 200, answer.text


def _people(world: World, count: int) -> list[int]:
    cards = [
        {
            "organisation_id": world.organisation_id,
            "last_name": f"Петрова-{n}",
            "first_name": "Анна",
            "sort_name": f"петрова-{n}",
            "cases": {},
        }
        for n in range(count)
    ]
    with world.database.writing(EVERY_ORGANISATION) as session:
        session.execute(insert(Person), cards)
        return list(session.exec(select(Person.id)).all())


def answered(world: World, people: list[int]) -> int:
    """An open wave that all of them have answered, everybody in their own words."""
    definition, chance = survey(), Random(1)
    with world.database.writing(world.organisation_id) as session:
        questionnaire = session.exec(select(Questionnaire).where(Questionnaire.key == definition.key)).one()
        opens, closes = now() - timedelta(days=1), now() + timedelta(days=7)
        wave = questionnaires.open_wave(session, questionnaire, "Волна", opens, closes)
        session.flush()
        ground = LegalGround(kind="law", citation="a law of the benchmark", wave_id=wave.id)
        session.add(ground)
        session.flush()
        wave_id, version_id, ground_id = wave.id, wave.version_id, ground.id
    rows = [
        {
            "organisation_id": world.organisation_id,
            "wave_id": wave_id,
            "version_id": version_id,
            "person_id": person,
            "key": f"{wave_id}-{person}",
            "fingerprint": "",
            "answers": _answers(definition, chance),
            "legal_ground_id": ground_id,
        }
        for person in people
    ]
    with world.database.writing(EVERY_ORGANISATION) as session:
        session.execute(insert(Submission), rows)
    return wave_id


def _answers(definition: Definition, chance: Random) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for question in definition.questions:
        codes = [code for code, _ in question.choices]
        match question.kind:
            case Kind.SINGLE:
                said[question.key] = chance.choice(codes)
            case Kind.MULTIPLE:
                said[question.key] = sorted(chance.sample(codes, 2))
            case Kind.INTEGER:
                said[question.key] = chance.randint(0, 40)
            case Kind.DATE:
                said[question.key] = f"2026-12-{chance.randint(1, 28):02}"
            case _:
                said[question.key] = " ".join(chance.choices(WORDS, k=5))
    return said
