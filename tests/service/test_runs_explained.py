"""Why it is so and what would be otherwise: in words from the arithmetic, with a press that tries it."""

from __future__ import annotations

import hashlib
import re
import zipfile
from io import BytesIO
from typing import Any

import pytest

from service.i18n import Message
from service.runs import actions
from service.runs.criteria import DEFAULT_WEIGHTS
from service.runs.effects import NBSP, effect_sentences, move_sentences
from service.runs.explanation import NOTHING, joined
from service.runs.snapshot import RunSettings
from service.runs.solve import answer_to
from service.tables import Assignment, Membership, Run
from tests.factories import Browser, World
from tests.service.banks import decision, mentee, mentor, snapshot_of
from tests.service.test_runs import approve, rows, run_at, solved, text_of, work_on


@pytest.fixture
def curator(world: World) -> Browser:
    return world.signed_in(world.curator)


def press(curator: Browser, page: Any, **posted: str) -> str:
    """The button that sends exactly this; the path of the new run."""
    fields = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in posted.items())
    [address] = {
        address
        for address, inside in re.findall(
            r'<form method="post" action="([^"]+)">(.*?)</form>', page.text, re.S
        )
        if fields in inside
    }
    answer = curator.post(address, posted)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def explanation(**snapshot: Any) -> dict[str, Any]:
    told: dict[str, Any] = answer_to(snapshot_of(*snapshot.pop("people"), **snapshot))["explanation"]
    return told


# --- words


@pytest.mark.parametrize(
    ("goal", "was", "will", "sentence"),
    [
        ("placed", [3, 1], [3, 2], "без наставника останется на 1 меньше"),
        ("placed", [3, 1], [2, 0], "без наставника останется на 2 больше"),
        ("placed", [3, 1], [2, 2], "с очерёдностью 0 наставника получат на 1 меньше"),
        ("score", 500, 300, "сумма оценок меньше на 20"),
        ("score", 500, 503, "сумма оценок больше на долю балла"),
        ("worst", 500, 400, "самая слабая пара хуже на 10 из 100"),
        ("worst", None, 400, "цель «самая слабая пара лучше» достигается иначе"),
        ("leximin", [1, 1, -1], [0, 2, 40], "без наставника останется на 1 меньше"),
        ("leximin", [0, 3, 400], [0, 3, 500], "среди самых слабых пар 3-я лучше на 10 из 100"),
        ("balance", 5, 9, "нагрузка наставников менее ровная"),
        ("balance", 9, 5, "нагрузка наставников более ровная"),
        ("keep", 4, 3, "прежних пар сохранится на 1 меньше"),
        ("greedy", [4, 1], [4, 2], "пожеланий № 2 исполнится на 1 больше"),
        ("greedy", [4, 1, 0, 1], [4, 1, 0, 0], "не названного ими наставника получат на 1 меньше"),
        ("generous", [2, 1], [1, 2], "без наставника останется на 1 меньше"),
        ("generous", [2, 1, 0, 0, 3], [2, 2, 0, 0, 2], "не названного ими наставника получат на 1 больше"),
        ("generous", [2, 1, 3], [2, 0, 4], "пожеланий № 2 исполнится на 1 меньше"),
    ],
)
def test_each_goal_says_what_its_numbers_say(goal: str, was: Any, will: Any, sentence: str) -> None:
    assert list(map(str, effect_sentences([(goal, was, will)], {"wish": 10}))) == [sentence]


def test_who_moves_is_said_by_names_and_long_chains_are_cut() -> None:
    names = {1: "Орлова Вера Павловна", 2: "Зимина Ольга Петровна", 5: "Ким Лев Ильич"}
    told = [
        str(move).replace(NBSP, " ")
        for move in move_sentences([(5, 1, 2), (5, None, 1), (5, 2, None)], names)
    ]
    assert told == [
        "Ким Л. И.: Орлова В. П. → Зимина О. П.",
        "Ким Л. И.: без наставника → Орлова В. П.",
        "Ким Л. И.: Зимина О. П. → без наставника",
    ]
    assert str(move_sentences([(5, 1, 2)] * 9, names)[-1]) == "и ещё: 3"


# --- what is kept


def test_of_two_equal_mentors_either_will_do_and_the_only_one_is_firm() -> None:
    told = explanation(people=(mentor(1), mentor(2), mentee(3)))
    assert [pair["firm"] for pair in told["chosen"]] == [False]
    assert [(other["mentee"], other["change"]) for other in told["others"]] == [(3, [])]
    assert [pair["firm"] for pair in explanation(people=(mentor(1), mentee(3)))["chosen"]] == [True]


def test_the_nearest_mentors_come_first_and_are_few() -> None:
    people = [mentor(id_, experience_years=id_) for id_ in range(1, 9)]
    told = explanation(people=(*people, mentee(9, experience_years=0)))
    assert [pair["mentor"] for pair in told["chosen"]] == [8]
    assert [other["mentor"] for other in told["others"]] == [7, 6, 5, 4, 3]
    assert told["others"][0]["change"] == [["score", 1410, 1390]]
    assert told["others"][0]["moves"] == [[9, 8, 7]]


def test_a_place_is_offered_where_it_helps_and_the_bottleneck_is_named() -> None:
    told = explanation(people=(mentor(1), mentor(2, undesired=["3", "4"]), mentee(3), mentee(4)))
    assert [(place["mentor"], place["change"][0]) for place in told["places"]] == [
        (1, ["placed", (1,), (2,)])
    ]
    assert told["bottlenecks"] == [{"mentees": [3, 4], "mentors": [1], "places": 1}]


def test_only_rules_that_may_yield_are_offered_to_yield() -> None:
    apart: dict[str, Any] = {"format": "in_person"}
    told = explanation(
        people=(
            mentor(1, slots=["a"]),
            mentor(2, undesired=["5"]),
            mentor(3),
            mentee(5, slots=["b"], **apart),
        ),
        decisions=[decision("forbid", 3, 5)],
    )
    [left] = told["unplaced"]
    offers = {(repair["kind"], repair["mentor"], tuple(repair["rules"])) for repair in left["repairs"]}
    assert {kind for kind, _, _ in offers} == {"relax"}
    assert {mentor for _, mentor, _ in offers} <= {1, 3}
    assert offers <= {("relax", 1, ("common_time_in_person",)), ("relax", 3, ("not_forbidden",))}


def test_the_other_direction_of_two_who_could_teach_each_other_is_not_offered() -> None:
    told = explanation(people=(mentor(1), mentor(2), mentee(1), mentee(2)))
    assert told["others"] == []
    assert [left["repairs"] for left in told["unplaced"]] == [[]]


def test_with_groups_everybody_is_told_of_while_there_is_time() -> None:
    people = mentor(1, places=2), mentor(2, places=2), mentee(3), mentee(4)
    told = explanation(people=people, teams={9: [3, 4]})
    assert (told["proof"], told["known"]) == (False, [3, 4])
    assert {(other["mentee"], len(other["moves"])) for other in told["others"]} == {(3, 2), (4, 2)}


def test_what_is_told_twice_is_told_once() -> None:
    more = NOTHING | {"known": [3], "chosen": [{"mentee": 3}], "bottlenecks": [{"places": 1}]}
    once = joined(NOTHING | {"sha256": "…"}, more)
    assert joined(once, more) == once == more | {"sha256": "…"}


# --- pages


def test_the_checkers_word_and_the_hash_of_the_files_stand_on_the_page(
    world: World, curator: Browser
) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    path = solved(world, curator)
    files = b"".join(curator.get(f"{path}/{name}.json").content for name in ("problem", "outcome"))
    page = text_of(curator.get(path))
    assert "Проверено независимо: правила соблюдены, подсчёты и доказательство верны." in page
    assert (sha256 := hashlib.sha256(files).hexdigest()) in page
    approve(world, curator, path)
    curator.post("/pairs/accept")
    order = curator.get(curator.post("/orders").headers["location"] + "/order.docx").content
    footer = zipfile.ZipFile(BytesIO(order)).read("word/footer1.xml").decode()
    assert f"Подбор № 1 проверен независимо, SHA-256 {sha256}." in footer


def test_one_press_adds_the_place_in_the_new_run_alone(world: World, curator: Browser) -> None:
    orlova = world.ready("Орлова Вера Павловна", "mentor", places=1)
    for name in ("Петрова Анна Ильинична", "Ким Лев Ильич"):
        world.ready(name, "mentee")
    path = solved(world, curator)
    again = press(curator, curator.get(path), place=str(orlova))
    actions.solve_run(work_on(world, run_at(world, again)))
    assert RunSettings.of(run_at(world, again).snapshot).added == {orlova: 1}
    page = text_of(curator.get(again))
    assert "Только в этом подборе добавлено мест: Орлова Вера Павловна – 1." in page
    assert "2 из 2" in page
    assert [row.places for row in rows(world, Membership) if row.role == "mentor"] == [1]
    assert approve(world, curator, again).status_code == 303
    assert len(rows(world, Assignment)) == 2


def test_one_press_permits_the_pair_that_a_rule_removed(world: World, curator: Browser) -> None:
    orlova = world.ready("Орлова Вера Павловна", "mentor", slots=["mon_pm"], format="in_person")
    anna = world.ready("Петрова Анна Ильинична", "mentee", slots=["fri_am"])
    path = solved(world, curator)
    page = curator.get(path)
    assert "Всё же разрешить пару: Орлова В. П. (нужны очные встречи" in text_of(page)
    again = press(curator, page, permit=f"{orlova}-{anna}")
    actions.solve_run(work_on(world, run_at(world, again)))
    assert "Только в этом подборе разрешена пара: Орлова Вера Павловна – Петрова Анна Ильинична." in text_of(
        curator.get(again)
    )
    assert approve(world, curator, again).status_code == 303


def test_a_change_names_people_of_the_run(world: World, curator: Browser) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    anna = world.ready("Петрова Анна Ильинична", "mentee")
    path = solved(world, curator)
    for posted in ({"place": anna}, {"permit": f"{anna}-{anna}"}, {"keep": "999999-1"}):
        assert curator.post(f"{path}/again", posted).status_code == 422, posted
    assert len(rows(world, Run)) == 1


def test_why_not_another_tells_the_cost_who_moves_and_what_is_impossible(
    world: World, curator: Browser
) -> None:
    orlova = world.ready("Орлова Вера Павловна", "mentor", places=1)
    zimina = world.ready("Зимина Ольга Петровна", "mentor", places=1, competences={"C01": "2"})
    bel = world.ready("Бель Инна Олеговна", "mentor", places=1)
    anna = world.ready("Петрова Анна Ильинична", "mentee", undesired=[str(bel)])
    path = solved(world, curator)
    assert f"{path}/mentees/{anna}" in curator.get(path).text
    page = curator.get(f"{path}/mentees/{anna}")
    text = text_of(page)
    assert "В предложении: Орлова Вера Павловна" in text
    assert "Так в любом лучшем варианте." in text
    assert re.search(
        r"Зимина Ольга Петровна \d+ сумма оценок меньше на \d+\. Петрова А. И.: Орлова В. П. → Зимина О. П.",
        text,
    )
    assert "есть просьба не работать вместе: 1 (Бель Инна Олеговна)" in text
    again = press(curator, page, keep=f"{zimina}-{anna}")
    assert run_at(world, again).snapshot["locked"] == [[zimina, anna]]
    assert "есть просьба" not in text_of(world.signed_in(world.director).get(f"{path}/mentees/{anna}"))
    assert curator.get(f"{path}/mentees/{orlova}").status_code == 404


def test_what_there_was_no_time_for_is_worked_out_on_demand(world: World, curator: Browser) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Зимина Ольга Петровна", "mentor")
    anna = world.ready("Петрова Анна Ильинична", "mentee")
    path = solved(world, curator)
    with world.database.writing(world.organisation_id) as session:
        run = session.get_one(Run, run_at(world, path).id)
        run.explanation = {**(run.explanation or {}), **NOTHING}
    page = f"{path}/mentees/{anna}"
    assert "ещё не посчитано" in text_of(curator.get(page))
    assert "Посчитать" not in text_of(world.signed_in(world.director).get(page))
    assert [curator.post(page).status_code for _ in range(2)] == [303, 303]
    assert "Можно заменить без потерь." in text_of(curator.get(page))
    assert (run_at(world, path).explanation or {})["known"] == [anna]
    assert curator.post(f"{path}/mentees/999999").status_code == 404


def test_an_answer_that_may_not_be_the_best_explains_nothing(world: World, curator: Browser) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    anna = world.ready("Петрова Анна Ильинична", "mentee")
    path = solved(world, curator)
    with world.database.writing(world.organisation_id) as session:
        run = session.get_one(Run, run_at(world, path).id)
        run.explanation = {**(run.explanation or {}), **NOTHING, "known": None}
    page = text_of(curator.get(f"{path}/mentees/{anna}"))
    assert "известно только для предложения, про которое доказано, что лучше нельзя" in page
    assert curator.post(f"{path}/mentees/{anna}").status_code == 404


def test_a_run_of_the_first_version_is_still_shown(world: World, curator: Browser) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    anna = world.ready("Петрова Анна Ильинична", "mentee")
    path = solved(world, curator)
    kept = ("format", "mentors", "mentees", "current", "locked", "forbidden", "weights", "goals", "limits")
    with world.database.writing(world.organisation_id) as session:
        run = session.get_one(Run, run_at(world, path).id)
        run.snapshot, run.explanation = {key: run.snapshot[key] for key in kept}, None
    for page in (path, f"{path}/mentees/{anna}", f"{path}/problem.json", "/runs"):
        assert curator.get(page).status_code == 200
    assert "Проверено независимо" not in curator.get(path).text
    assert curator.post(f"{path}/again").status_code == 303
    assert approve(world, curator, path).status_code == 303


def test_the_director_sees_what_would_help_and_who_asked_for_what_stays_unseen(
    world: World, curator: Browser
) -> None:
    orlova = world.ready("Орлова Вера Павловна", "mentor", slots=["mon_pm"], format="in_person")
    anna = world.ready("Петрова Анна Ильинична", "mentee", slots=["fri_am"])
    curator.post("/decisions", {"kind": "forbid", "mentor": orlova, "mentee": anna, "reason": "Разные смены"})
    path = solved(world, curator)
    assert "пара запрещена куратором" in text_of(curator.get(path))
    director = world.signed_in(world.director)
    for page in (path, f"{path}/mentees/{anna}"):
        assert "запрещена" not in text_of(director.get(page))
    assert "/again" not in director.get(path).text


def test_messages_of_effects_are_translated_when_shown() -> None:
    [sentence] = effect_sentences([("keep", 1, 2)], DEFAULT_WEIGHTS)
    assert isinstance(sentence, Message)
    assert str(sentence) != sentence.text
