"""The curator matches: a run is started, solved once, cancelled, explained, approved by the first who presses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from html import unescape
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import col, select

import matching
from matching import Outcome, Problem
from service import accounts
from service.errors import Conflict
from service.jobs import Work
from service.runs import actions, proposal, reading
from service.runs.criteria import DEFAULT_WEIGHTS
from service.tables import Account, Assignment, Decision, Job, Membership, ProposedPair, Run, now
from tests.factories import Browser, World, password_hash

Jobs = Callable[[], None]


@pytest.fixture
def curator(world: World) -> Browser:
    return world.signed_in(world.curator)


def begin(browser: Browser, **weights: int) -> str:
    """Starts a run; the path of its page."""
    answer = browser.post("/runs", {**DEFAULT_WEIGHTS, **weights})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def run_at(world: World, path: str) -> Run:
    with world.database.reading(world.organisation_id) as session:
        return session.get_one(Run, int(path.rsplit("/", 1)[1]))


def work_on(world: World, run: Run, **settings: Any) -> Work:
    return Work(world.worker, replace(world.settings, **settings), world.organisation_id, run.job_id)


def solved(world: World, browser: Browser) -> str:
    """A run whose job was done here, at once."""
    path = begin(browser)
    actions.solve_run(work_on(world, run_at(world, path)))
    return path


def rows(world: World, table: type[Any]) -> list[Any]:
    with world.database.reading(world.organisation_id) as session:
        return list(session.exec(select(table).order_by(col(table.id))).all())


def text_of(answer: Any) -> str:
    """What a person reads on the page."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def approve(world: World, browser: Browser, path: str) -> Any:
    return browser.post(f"{path}/approve", {"seen": reading.seal_of(run_at(world, path))})


# --- from the start to the pairs


def test_a_run_becomes_a_proposal_and_an_approved_proposal_becomes_pairs(
    world: World, curator: Browser, jobs: Jobs
) -> None:
    mentor = world.ready("Орлова Вера Павловна", "mentor")
    mentee = world.ready("Петрова Анна Ильинична", "mentee", request="Хочу вести  журнал\nбез ошибок")
    path = begin(curator)
    jobs()
    page = text_of(curator.get(path))
    assert "Доказано: лучше нельзя." in page
    assert "Орлова Вера Павловна" in page
    assert "Умения наставника отвечают запросам: 100 из 100 (важность 10)" in page
    assert approve(world, curator, path).headers["location"] == "/pairs"
    [pair] = rows(world, Assignment)
    assert (pair.mentor_id, pair.mentee_id) == (mentor, mentee)
    assert pair.topic == "Рабочие документы: календарный план, журнал, отчёты"
    assert "утверждён" in text_of(curator.get(path))


def test_a_page_of_a_run_that_waits_is_followed_and_can_be_cancelled(world: World, curator: Browser) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    path = begin(curator)
    page = curator.get(path).text
    assert f'data-follow="{path}/events"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert curator.post(f"{path}/cancel").status_code == 303
    assert "Подбор отменён. Ничего не изменилось." in text_of(curator.get(path))
    assert curator.post(f"{path}/cancel").status_code == 409


def test_pressing_start_twice_asks_once_and_a_new_question_is_a_new_run(
    world: World, curator: Browser
) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    path = begin(curator)
    assert begin(curator) == path
    assert begin(curator, wish=0) != path


def test_a_question_whose_job_was_given_up_can_be_asked_again(world: World, curator: Browser) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    path = begin(curator)
    with world.database.writing(world.organisation_id) as session:
        job = session.get_one(Job, run_at(world, path).job_id)
        job.finished_at, job.failure = now(), "attempts"
    page = curator.get(path).text
    assert "Подбор начинался несколько раз и не закончился." in page
    assert "Провести подбор ещё раз" in page
    assert "data-follow" not in page
    assert "data:" not in curator.get(f"{path}/events").text  # and it ends
    assert begin(curator) != path


def test_weights_that_say_nothing_are_refused_with_the_page_and_what_was_typed(
    world: World, curator: Browser
) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    answer = curator.post("/runs", dict.fromkeys(DEFAULT_WEIGHTS, 0))
    assert answer.status_code == 422
    assert "Укажите хотя бы для одной строки число больше нуля." in answer.text
    assert curator.post("/runs", {**DEFAULT_WEIGHTS, "wish": 11}).status_code == 422
    assert rows(world, Run) == []


def test_a_run_does_not_begin_while_nobody_is_ready_and_says_all_that_is_missing(
    world: World, curator: Browser
) -> None:
    world.person("Орлова Вера Павловна", "mentor")
    answer = curator.post("/runs", DEFAULT_WEIGHTS)
    assert answer.status_code == 422
    assert "Ни один наставник не готов" in answer.text
    assert "Нет готовых наставляемых" in answer.text


def test_a_locked_pair_against_the_rules_is_named_before_the_run(world: World, curator: Browser) -> None:
    mentor = world.ready("Орлова Вера Павловна", "mentor")
    mentee = world.ready("Петрова Анна Ильинична", "mentee", undesired=[str(mentor)])
    curator.post("/decisions", {"kind": "lock", "mentor": mentor, "mentee": mentee})
    sentence = "Орлова Вера Павловна – Петрова Анна Ильинична: так нельзя (есть просьба не работать вместе)."
    assert sentence in text_of(curator.get("/runs"))
    assert curator.post("/runs", DEFAULT_WEIGHTS).status_code == 422


# --- the job


def test_a_job_that_runs_twice_changes_nothing(world: World, curator: Browser) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    path = solved(world, curator)
    before = run_at(world, path)
    actions.solve_run(work_on(world, before))
    assert run_at(world, path) == before
    assert len(rows(world, ProposedPair)) == 1


def test_a_job_of_a_cancelled_run_leaves_it_as_it_is(world: World, curator: Browser) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    path = begin(curator)
    curator.post(f"{path}/cancel")
    actions.solve_run(work_on(world, run_at(world, path)))
    run = run_at(world, path)
    assert (run.started_at, run.finished_at, run.outcome) == (None, None, None)


def test_a_child_that_needs_too_much_memory_ends_and_the_run_says_so(world: World, curator: Browser) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    path = begin(curator)
    actions.solve_run(work_on(world, run_at(world, path), solve_megabytes=60))
    assert run_at(world, path).failure in ("memory", "crashed")
    page = text_of(curator.get(path))
    assert "не удался" in page
    assert "Traceback" not in page
    assert approve(world, curator, path).status_code == 409


def test_progress_is_told_sentence_by_sentence(world: World, curator: Browser, jobs: Jobs) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    path = begin(curator)
    jobs()
    news = [
        json.loads(line[5:])
        for line in curator.get(f"{path}/events").text.splitlines()
        if line[:5] == "data:"
    ]
    assert {"text": "Найдено и проверено. Считаем, чего стоила бы каждая замена."} in news


# --- the proposal


def test_whoever_is_left_has_a_reason_on_the_page(world: World, curator: Browser) -> None:
    mentor = world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    world.ready("Светлова Дарья Игоревна", "mentee", undesired=[str(mentor)])
    world.person("Громов Пётр Ильич", "mentee")
    page = text_of(curator.get(solved(world, curator)))
    assert "есть просьба не работать вместе: 1 (Орлова Вера Павловна)" in page
    assert re.search("Громов Пётр Ильич наставляемый Пока нет согласия", page)


def test_the_question_and_the_answer_can_be_checked_by_anybody(world: World, curator: Browser) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    path = solved(world, curator)
    problem, outcome = (curator.get(f"{path}/{name}.json") for name in ("problem", "outcome"))
    assert not matching.check(Problem.from_json(problem.json()), Outcome.from_json(outcome.json()))
    assert "Орлова" not in problem.text + outcome.text


def test_two_proposals_show_who_changed(world: World, curator: Browser) -> None:
    first = world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Зимина Ольга Петровна", "mentor")
    mentee = world.ready("Петрова Анна Ильинична", "mentee", wishes=[str(first)])
    left = solved(world, curator)
    curator.post(
        "/decisions", {"kind": "forbid", "mentor": first, "mentee": mentee, "reason": "Разные смены"}
    )
    right = solved(world, curator)
    ids = {"left": left.rsplit("/", 1)[1], "right": right.rsplit("/", 1)[1]}
    page = text_of(curator.get("/runs/compare", params=ids))
    assert "Петрова Анна Ильинична Орлова Вера Павловна Зимина Ольга Петровна" in page
    assert curator.get("/runs/compare", params={"left": "x", "right": "1"}).status_code == 404
    assert curator.get("/runs/compare", params={"left": "9" * 5000, "right": "1"}).status_code == 404


def test_another_organisation_does_not_see_a_run(world: World, curator: Browser) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    path = solved(world, curator)
    stranger = (other := world.another()).signed_in(other.curator)
    for address in (path, f"{path}/problem.json", f"{path}/outcome.json", f"{path}/events"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"{path}/approve", {"seen": ""}).status_code == 404


def test_the_director_sees_a_proposal_and_changes_nothing(world: World, curator: Browser) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    path = solved(world, curator)
    director = world.signed_in(world.director)
    assert "/approve" not in director.get(path).text
    assert director.get("/runs").status_code == 200
    assert approve(world, director, path).status_code == 403


def test_who_does_not_want_to_work_with_whom_stays_with_the_curator(world: World, curator: Browser) -> None:
    mentor = world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    mentee = world.ready("Светлова Дарья Игоревна", "mentee", undesired=[str(mentor)])
    path, director = solved(world, curator), world.signed_in(world.director)
    curator.post("/decisions", {"kind": "lock", "mentor": mentor, "mentee": mentee})
    for address in (path, "/runs"):
        assert "есть просьба не работать вместе" in text_of(curator.get(address))
        assert "есть просьба" not in text_of(director.get(address))
    assert "подбор невозможен по другим причинам: 1" in text_of(director.get(path))


def test_above_a_hundred_mentees_the_page_says_why_there_is_no_picture(
    world: World, curator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    path = solved(world, curator)
    assert "Рисунка нет" not in curator.get(path).text
    monkeypatch.setattr(proposal, "MOST_IN_A_PICTURE", 0)
    assert "Рисунка нет: наставляемых больше 0." in curator.get(path).text


def test_a_page_asks_the_database_as_often_for_many_pairs_as_for_one(world: World, curator: Browser) -> None:
    asked: list[str] = []
    event.listen(Engine, "before_cursor_execute", lambda *facts: asked.append(facts[2]))

    def questions(address: str) -> int:
        asked.clear()
        assert curator.get(address).status_code == 200
        return len(asked)

    counts = []
    for mentor, mentee in (("Орлова Вера", "Петрова Анна"), ("Зимина Ольга", "Громова Инна")):
        world.ready(mentor, "mentor")
        world.ready(mentee, "mentee")
        path = solved(world, curator)
        counts.append([questions(address) for address in (path, "/runs", "/pairs")])
    assert counts[0] == counts[1]


# --- approval


def test_the_second_to_approve_learns_who_was_first_and_the_same_press_twice_is_once(
    world: World, curator: Browser
) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    with world.database.writing(world.organisation_id) as session:
        second = accounts.actions.add_account(
            session, "second", "curator", "Ильина Нина", "методист", password_hash()
        )
    path = solved(world, curator)
    assert [approve(world, curator, path).status_code for _ in range(2)] == [303, 303]
    late = approve(world, world.signed_in(second), path)
    assert late.status_code == 409
    assert "Это предложение уже утверждено" in late.text
    assert world.curator.name in late.text
    assert len(rows(world, Assignment)) == 1


def test_a_proposal_that_the_page_did_not_show_is_not_approved(world: World, curator: Browser) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    path = solved(world, curator)
    assert curator.post(f"{path}/approve", {"seen": "of yesterday"}).status_code == 409
    assert rows(world, Assignment) == []


def test_a_mentee_paired_meanwhile_stops_the_approval_of_an_older_proposal(
    world: World, curator: Browser
) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    world.ready("Петрова Анна Ильинична", "mentee")
    older, newer = solved(world, curator), solved(world, curator)
    assert approve(world, curator, newer).status_code == 303
    refused = approve(world, curator, older)
    assert refused.status_code == 409
    assert "Петрова Анна Ильинична: у наставляемого уже есть наставник." in text_of(refused)
    assert run_at(world, older).approved_at is None
    assert len(rows(world, Assignment)) == 1


def test_places_and_consents_that_are_gone_stop_the_approval(world: World, curator: Browser) -> None:
    mentor = world.ready("Орлова Вера Павловна", "mentor")
    mentee = world.ready("Петрова Анна Ильинична", "mentee")
    path = solved(world, curator)
    curator.post(f"/people/{mentor}/places", {"places": "0"})
    assert "Орлова Вера Павловна: пар больше, чем мест." in text_of(approve(world, curator, path))
    curator.post(f"/people/{mentor}/places", {"places": "1"})
    world.says(mentee, "withdrawn")
    refused = approve(world, curator, path)
    assert refused.status_code == 409
    assert "нет согласия на обработку персональных данных" in refused.text


def test_two_proposals_approved_at_the_same_moment_never_overfill_a_mentor(
    world: World, curator: Browser
) -> None:
    mentor = world.ready("Орлова Вера Павловна", "mentor", places=1)
    mentees = [world.ready(name, "mentee") for name in ("Петрова Анна Ильинична", "Громова Инна Юрьевна")]
    paths = []
    for mentee in mentees:
        curator.post("/decisions", {"kind": "exclude", "mentor": "", "mentee": mentee})
        paths.append(solved(world, curator))
        curator.post(f"/decisions/{rows(world, Decision)[-1].id}/withdraw")
    barrier = Barrier(2)

    def press(path: str) -> str:
        with world.database.reading(world.organisation_id) as session:
            account, seen = session.get_one(Account, world.curator.id), reading.seal_of(run_at(world, path))
        barrier.wait()
        try:
            with world.database.writing(world.organisation_id) as session:
                run = session.get_one(Run, run_at(world, path).id)
                actions.approve(session, account, run, seen)
        except Conflict:
            return "refused"
        return "approved"

    with ThreadPoolExecutor(2) as two:
        assert sorted(two.map(press, paths)) == ["approved", "refused"]
    assert [pair.mentor_id for pair in rows(world, Assignment)] == [mentor]


def test_whoever_is_withdrawn_at_the_moment_of_the_approval_gets_no_pair(
    world: World, curator: Browser
) -> None:
    world.ready("Орлова Вера Павловна", "mentor")
    mentee = world.ready("Петрова Анна Ильинична", "mentee")
    run = run_at(world, solved(world, curator))

    def press() -> None:
        with world.database.writing(world.organisation_id) as session:
            account = session.get_one(Account, world.curator.id)
            actions.approve(session, account, session.get_one(Run, run.id), reading.seal_of(run))

    with ThreadPoolExecutor(1) as another:
        with world.database.writing(world.organisation_id) as session:
            membership = session.exec(select(Membership).where(Membership.person_id == mentee)).one()
            membership.withdrawn_at = now()
            session.flush()
            pressed = another.submit(press)
            wait([pressed], timeout=0.5)
        with pytest.raises(Conflict):
            pressed.result()
    assert rows(world, Assignment) == []


# --- decisions


def in_force(world: World) -> list[tuple[str, int | None, int | None]]:
    with world.database.reading(world.organisation_id) as session:
        return [(row.kind, row.mentor_id, row.mentee_id) for row in reading.decisions_in_force(session)]


def test_to_forbid_a_pair_one_says_why(world: World, curator: Browser) -> None:
    mentor, mentee = (
        world.ready("Орлова Вера Павловна", "mentor"),
        world.ready("Петрова Анна Ильинична", "mentee"),
    )
    pair = {"kind": "forbid", "mentor": mentor, "mentee": mentee}
    assert curator.post("/decisions", pair).status_code == 422
    assert curator.post("/decisions", {**pair, "reason": "Разные смены"}).status_code == 303
    assert "Разные смены" in curator.get("/runs").text
    assert in_force(world) == [("forbid", mentor, mentee)]


def test_a_decision_replaces_what_contradicts_it_and_the_same_again_is_the_same(
    world: World, curator: Browser
) -> None:
    one, two = world.ready("Орлова Вера Павловна", "mentor"), world.ready("Зимина Ольга Петровна", "mentor")
    mentee = world.ready("Петрова Анна Ильинична", "mentee")

    def decide(kind: str, mentor: int | str, mentee: int | str) -> list[tuple[str, int | None, int | None]]:
        curator.post("/decisions", {"kind": kind, "mentor": mentor, "mentee": mentee, "reason": "так решено"})
        return in_force(world)

    assert decide("forbid", one, mentee) == [("forbid", one, mentee)]
    assert decide("lock", one, mentee) == decide("lock", one, mentee) == [("lock", one, mentee)]
    assert decide("lock", two, mentee) == [("lock", two, mentee)]
    assert decide("forbid", one, mentee) == [("lock", two, mentee), ("forbid", one, mentee)]
    assert decide("exclude", "", mentee) == [("forbid", one, mentee), ("exclude", None, mentee)]


def test_a_decision_is_about_people_of_the_banks(world: World, curator: Browser) -> None:
    mentor = world.ready("Орлова Вера Павловна", "mentor")
    assert curator.post("/decisions", {"kind": "exclude", "mentor": "", "mentee": mentor}).status_code == 422
    assert curator.post("/decisions", {"kind": "lock", "mentor": mentor, "mentee": ""}).status_code == 422
    assert in_force(world) == []


def test_places_are_a_whole_number(world: World, curator: Browser) -> None:
    mentor = world.ready("Орлова Вера Павловна", "mentor")
    for places, status in (("many", 422), ("-1", 422), ("1001", 422), ("9" * 5000, 422), ("4", 303)):
        assert curator.post(f"/people/{mentor}/places", {"places": places}).status_code == status
    assert [row.places for row in rows(world, Membership)] == [4]
