"""The three main flows in one story, over HTTP, with a real job and a real document, on both databases."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

from docx import Document
from python_calamine import CalamineWorkbook
from sqlmodel import select

import matching
from service.tables import Assignment, Run
from tests.factories import World

WEIGHTS = {"competences": 10, "direction": 5, "slots": 4, "site_and_format": 3, "wish": 6, "experience": 2}


def words_of(file: bytes) -> str:
    document = Document(BytesIO(file))
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    return "\n".join((*(paragraph.text for paragraph in document.paragraphs), *cells))


def hidden(page: str, name: str) -> str:
    """The value of the last hidden field ``name`` of a page."""
    return str(re.findall(rf'name="{name}" value="([^"]*)"', page)[-1])


def test_teachers_answer_the_curator_matches_and_the_director_signs(
    world: World, jobs: Callable[[], None]
) -> None:
    orlova = world.ready("Орлова Мария Петровна", "mentor", places=1)
    kim = world.ready("Ким Лев Ильич", "mentor", places=1, competences={"C03": "3"}, direction=["sport"])
    anna = world.ready("Петрова Анна Ильинична", "mentee", wishes=[str(orlova)])
    ivan = world.ready("Сидоров Иван Олегович", "mentee", needs={"C03": "3"}, direction=["sport"])
    late = world.ready("Гусев Пётр Юрьевич", "mentee", needs={})
    world.person("Тихонова Вера Львовна", "mentee")
    curator, director = world.signed_in(world.curator), world.signed_in(world.director)

    where = curator.post("/runs", WEIGHTS).headers["location"]
    jobs()
    proposal = curator.get(where).text

    assert "Доказано: лучше нельзя" in proposal
    assert "Тихонова Вера Львовна" in proposal  # left over, with the reason
    problem, outcome = (curator.get(f"{where}/{name}.json").json() for name in ("problem", "outcome"))
    assert matching.check(matching.Problem.from_json(problem), matching.Outcome.from_json(outcome)) == []
    assert {tuple(pair) for pair in outcome["pairs"]} == {(str(orlova), str(anna)), (str(kim), str(ivan))}
    assert outcome["unplaced"] == [str(late)]

    seen = hidden(proposal, "seen")
    assert curator.post(f"{where}/approve", {"seen": seen}).status_code == 303
    assert (
        curator.post("/pairs/term", {"starts_on": "2026-12-01", "ends_on": "2027-05-31"}).status_code == 303
    )
    assert curator.post("/pairs/accept").status_code == 303
    order = curator.post("/orders").headers["location"]
    draft = words_of(curator.get(f"{order}/order.docx").content)
    assert "Орлова Мария Петровна" in draft
    assert "Ким Лев Ильич" in draft
    assert "Гусев" not in draft
    sheet = CalamineWorkbook.from_filelike(BytesIO(curator.get(f"{order}/pairs.xlsx").content))
    assert len(sheet.get_sheet_by_index(0).to_python()) == 3

    page = director.get(order).text
    approval = {"version": hidden(page, "version"), "seen": hidden(page, "seen")}
    assert curator.post(f"{order}/approve", approval).status_code == 403
    assert director.post(f"{order}/approve", approval).status_code == 303
    final = curator.get(f"{order}/order.docx").content
    assert final == curator.get(f"{order}/order.docx").content
    assert director.post(f"{order}/approve", approval).status_code == 409
    with world.database.reading(world.organisation_id) as session:
        pairs = session.exec(select(Assignment)).all()
        assert {pair.order_id for pair in pairs} == {int(order.rsplit("/", 1)[1])}


def test_next_month_those_in_pairs_are_left_in_peace(world: World, jobs: Callable[[], None]) -> None:
    world.ready("Орлова Мария Петровна", "mentor", places=2)
    first = world.ready("Петрова Анна Ильинична", "mentee")
    curator = world.signed_in(world.curator)
    where = curator.post("/runs", WEIGHTS).headers["location"]
    jobs()
    curator.post(f"{where}/approve", {"seen": hidden(curator.get(where).text, "seen")})
    newcomer = world.ready("Сидоров Иван Олегович", "mentee")

    curator.post("/runs", WEIGHTS)
    jobs()

    with world.database.reading(world.organisation_id) as session:
        run = session.exec(select(Run).order_by(Run.id.desc())).first()  # type: ignore[attr-defined]
        assert run is not None
        assert run.outcome is not None
        assert [mentee for _, mentee in run.outcome["pairs"]] == [str(newcomer)]
        assert str(first) not in run.outcome["unplaced"]
