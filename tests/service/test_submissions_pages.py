"""The pages of a questionnaire: what is asked depends on the answers, and whatever was typed comes back."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import timedelta

import pytest
from sqlmodel import select

from service.people import actions as people
from service.people import merging
from service.submissions import drafts
from service.tables import Attachment, Consent, Person, Wave, now
from tests.factories import World
from tests.service.questioned import SURVEY, again, answers_of, drafts_of, new_version, people_of, respondent


def test_pages_and_questions_are_shown_by_what_was_answered(world: World) -> None:
    person = respondent(world).open()
    assert person.heading == "Встречи"
    assert person.type(met="no").press("next").heading == "Почему нет"
    assert person.press("next").mistakes == ["Напишите ответ: «Что помешало?»"]
    assert person.type(reason="Болела").press("next").heading == "Польза"
    assert person.press("back").heading == "Почему нет"
    assert person.press("back").heading == "Встречи"
    assert person.type(met="yes").press("next").heading == "Польза"
    assert person.press("back").heading == "Встречи"


def test_a_question_that_appears_on_its_own_page_is_asked_before_going_on(world: World) -> None:
    person = respondent(world).open().type(met="yes").press("next")

    person.type(use="1").press("next")

    assert (person.status, person.heading) == (422, "Польза")
    assert "why" in person.form
    assert person.type(why="Спешили").press("next").heading == "Ещё"


def test_hidden_answers_stay_in_the_draft_and_are_not_sent(world: World) -> None:
    person = respondent(world).open().type(met="no").press("next").type(reason="Болела").press("next")
    person.press("back").press("back").type(met="yes").press("next").press("next").press("check")

    assert ["reason", "Болела"] in drafts_of(world)[0].typed
    assert person.heading == "Проверьте ответы"
    assert not person.says("Болела")
    assert not person.says("Почему нет")
    person.press("send")
    assert answers_of(world) == [{"met": "yes"}]


def test_changing_from_the_check_page_leads_straight_back_to_it(world: World) -> None:
    person = respondent(world).open().type(met="yes").press("next").press("next").press("check")
    page = re.findall(r'value="change-(\d)"[^>]*>Изменить: Польза', person.page)[0]

    person.press(f"change-{page}").type(use="5").press("check")

    assert person.heading == "Проверьте ответы"
    person.press("send")
    assert answers_of(world) == [{"met": "yes", "use": "5"}]


def test_progress_is_said_in_words_and_promises_nothing_that_depends_on_answers(world: World) -> None:
    person = respondent(world).open()
    assert person.says("страница 1, всего их от 3 до 4: зависит от ответов")
    assert person.type(met="no").press("next").says("страница 2 из 4")
    assert person.type(reason="Болела").press("back").type(met="yes").press("next").says("страница 2 из 3")


def test_the_states_are_said_in_words(world: World) -> None:
    person = respondent(world).open().type(met="yes").press("next")
    assert person.says("Черновик. Сохранено в")
    assert person.press("next").press("check").says("Ответы ещё не отправлены")
    assert person.press("send").heading == "Ваши ответы получены"
    assert re.search(r"Код квитанции: <b>[0-9A-Z]{4}-[0-9A-Z]{4}</b>", person.page)


def test_own_words_come_with_the_choice(world: World) -> None:
    person = respondent(world).open().type(met="yes", topics=["plan"], topics__other="О конкурсе")
    person.press("next").press("next").press("check")

    assert person.says("Другое: О конкурсе")
    person.press("send")
    assert answers_of(world) == [{"met": "yes", "topics": ["plan", "other"], "topics_other": "О конкурсе"}]


# --- drafts


def test_a_draft_is_continued_on_another_device_by_the_same_link(world: World) -> None:
    person = respondent(world).open().type(met="no").press("next").type(reason="Болела").press("next")
    start = world.browser().get(person.path).text
    assert "У Вас есть черновик" in start
    assert "Продолжить черновик" in start

    other = person.copy().open()

    assert other.says("Это то, что Вы набрали и ещё не отправили")
    assert other.heading == "Польза"
    assert other.press("back").form["reason"] == ["Болела"]


def test_a_draft_may_be_left_and_begun_anew(world: World) -> None:
    person = respondent(world).open().type(met="yes", topics=["plan"]).press("next")

    anew = person.copy().open("?anew=1")

    assert anew.heading == "Встречи"
    assert "met" not in anew.form
    anew.type(met="yes").press("next")
    assert "topics" not in {name for name, _ in drafts_of(world)[0].typed}


def test_sending_removes_the_draft_and_opening_a_page_writes_nothing(world: World) -> None:
    person = respondent(world).open()
    assert drafts_of(world) == []
    person.type(met="yes").press("next").press("next")
    assert len(drafts_of(world)) == 1
    person.press("check").press("send")
    assert drafts_of(world) == []
    person.open()
    assert drafts_of(world) == []


def test_what_was_typed_later_outlives_the_browsers_own_back(world: World) -> None:
    first = respondent(world).open()
    again = first.copy()
    first.type(met="yes").press("next").type(use="4").press("next").type(more="Спасибо").press("check")

    again.type(met="yes").press("next").press("next").press("check")  # the first page as it was, then on

    assert again.says("Спасибо")
    again.press("send")
    assert answers_of(world) == [{"met": "yes", "use": "4", "more": "Спасибо"}]


def test_a_page_with_mistakes_is_kept_in_the_draft_too(world: World) -> None:
    person = respondent(world).open().type(topics=["plan"]).press("next")

    assert person.status == 422
    assert ["topics", "plan"] in drafts_of(world)[0].typed


def test_without_consent_no_draft_is_kept(world: World) -> None:
    person = respondent(world).open()
    with world.database.reading(world.organisation_id) as session:
        [consent] = session.exec(select(Consent)).all()
    world.says(consent.person_id, "withdrawn")

    assert person.type(met="yes").press("next").status == 200
    assert drafts_of(world) == []


def test_a_draft_goes_when_consent_is_withdrawn(world: World) -> None:
    respondent(world).open().type(met="yes").press("next")
    [draft] = drafts_of(world)

    world.says(draft.person_id, "withdrawn")

    assert drafts_of(world) == []


def test_a_draft_goes_when_its_wave_has_ended_and_nobody_can_send_it(world: World) -> None:
    respondent(world).open().type(met="yes").press("next")
    drafts.forget_ended(world.worker)
    [draft] = drafts_of(world)

    with world.database.writing(world.organisation_id) as session:
        session.get_one(Wave, draft.wave_id).closes_at = now() - timedelta(hours=1)
    drafts.forget_ended(world.worker)

    assert drafts_of(world) == []


# --- versions and the end


def test_a_page_opened_before_a_new_version_is_finished_as_it_was_opened(world: World) -> None:
    person = respondent(world).open().type(met="yes").press("next")
    changed = deepcopy(SURVEY)
    changed["pages"][3]["questions"].append(
        {"key": "name", "kind": "short", "label": "Кто Вы?", "required": True}
    )
    new_version(world, changed)

    person.type(use="5").press("next").type(more="Да").press("check").press("send")

    assert person.heading == "Ваши ответы получены"
    assert answers_of(world) == [{"met": "yes", "use": "5", "more": "Да"}]
    assert "name" in person.open().press("next").press("next").form


def test_a_draft_of_an_earlier_version_is_continued_with_the_questions_of_the_new_one(world: World) -> None:
    person = respondent(world).open().type(met="yes").press("next").type(use="5").press("next")
    changed = deepcopy(SURVEY)
    changed["pages"][3]["questions"] = [{"key": "name", "kind": "short", "label": "Кто Вы?"}]
    new_version(world, changed)

    person.open()

    assert "name" in person.form
    person.type(name="Я").press("check").press("send")
    assert answers_of(world) == [{"met": "yes", "use": "5", "name": "Я"}]


# --- languages


def test_the_respondent_chooses_the_language_by_the_address(world: World) -> None:
    person = respondent(world)
    start = world.client.get(person.path).text
    assert 'href="?lang=en"' in start
    assert "English" in start

    chosen = world.client.get(f"{person.path}?lang=en").text
    assert "The month" in chosen
    assert f'href="{person.path}/answers?lang=en"' in chosen

    page = world.client.get(f"{person.path}/answers?lang=en").text
    assert '<html lang="en">' in page
    assert "Did you meet?" in page
    assert "О чём говорили?" in page, "what is not translated stays as it is"
    assert world.client.cookies == {}


def test_the_language_goes_along_to_the_receipt(world: World) -> None:
    person = respondent(world).open("?lang=en")
    answer = world.client.post(
        f"{person.path}/answers?lang=en", data=person.form | {"met": ["yes"], "go": ["send"]}
    )

    assert answer.headers["location"] == f"{person.path}/receipt?lang=en"
    assert "Your answers are received" in world.client.get(answer.headers["location"]).text


def test_a_questionnaire_in_one_language_offers_no_choice(world: World) -> None:
    plain = {name: value for name, value in SURVEY.items() if name != "translations"}
    assert "?lang=" not in world.client.get(respondent(world, plain).path).text


# --- what is filled in already


def test_answers_of_the_last_time_are_shown_said_to_be_so_and_may_be_changed(world: World) -> None:
    person = respondent(world).open().type(met="yes", topics=["plan"])
    person.press("next").press("next").press("check").press("send")
    [person_id] = people_of(world)
    person.path = world.link(again(world), person_id)

    person.open()

    assert person.says("Мы подставили Ваши прошлые ответы: проверьте их")
    assert person.form["topics"] == ["plan"]
    person.type(topics=["lesson"]).press("next").press("next").press("check").press("send")
    assert [answers["topics"] for answers in answers_of(world)] == [["plan"], ["lesson"]]
    assert person.open().says("Это ответы, которые Вы отправили")


def test_what_the_card_says_is_shown_and_said_to_be_so(world: World) -> None:
    asked = deepcopy(SURVEY)
    asked["pages"][0]["questions"].append({"key": "post", "kind": "short", "label": "Ваша должность"})

    person = respondent(world, asked).open()

    assert person.says("Мы подставили то, что уже знаем о Вас: проверьте")
    assert person.form["post"] == ["методист"]


def test_where_nothing_is_known_nothing_is_said(world: World) -> None:
    assert not respondent(world).open().says("Мы подставили")


def test_a_draft_that_is_too_large_stays_on_the_page_which_says_so(world: World) -> None:
    long = [{"key": f"say{n}", "kind": "long", "label": f"Что скажете о {n}?"} for n in range(6)]
    person = respondent(
        world, SURVEY | {"pages": [{"title": "Много слов", "questions": long}], "translations": {}}
    )
    said = {f"say{n}": "слово " * 4_500 for n in range(6)}
    person.open().type(**said).press("check")
    assert person.says("слишком длинные, чтобы хранить их здесь")
    assert drafts_of(world) == []
    assert {name: values[0].strip() for name, values in person.form.items() if name in said} == {
        name: text.strip() for name, text in said.items()
    }


# --- files

FILES = {**SURVEY, "pages": [
    {"title": "План", "questions": [
        {"key": "plan", "kind": "file", "label": "План занятия", "required": True, "size": 1},
        {"key": "more", "kind": "short", "label": "Ещё", "required": True}]},
    {"title": "Конец", "questions": [{"key": "end", "kind": "short", "label": "Слово"}]},
], "translations": {}}  # fmt: skip


def attachments(world: World) -> list[Attachment]:
    with world.database.reading(world.organisation_id) as session:
        return list(session.exec(select(Attachment)).all())


def test_a_file_is_kept_apart_once_and_named_in_the_answer(world: World) -> None:
    person = respondent(world, FILES).open()
    person.press("next", plan=("План.txt", b"1. Play", "text/plain"))
    assert person.status == 422, "something else is missing; the file need not be chosen again"
    assert person.says("План.txt")

    person.type(more="Да").press("next").press("check").press("send")

    [file] = attachments(world)
    [answers] = answers_of(world)
    assert answers["plan"] == {"id": file.key, "name": "План.txt", "type": "text/plain", "size": 7}
    got = world.signed_in(world.curator).get(f"/attachments/{file.key}")
    assert (got.content, got.headers["content-disposition"].partition(";")[0]) == (b"1. Play", "attachment")


@pytest.mark.parametrize(("name", "size"), [("План.exe", 9), ("План.txt", 2**20 + 1), ("План.txt", 0)])
def test_a_wrong_file_is_not_kept(world: World, name: str, size: int) -> None:
    person = respondent(world, FILES).open().type(more="Да")

    person.press("next", plan=(name, b"x" * size, "text/plain"))

    assert person.status == 422
    assert attachments(world) == []


def test_nobody_sends_a_file_of_somebody_else(world: World) -> None:
    mine = (
        respondent(world, FILES).open().type(more="Да").press("next", plan=("План.txt", b"1", "text/plain"))
    )
    person_id = world.person("Чужой Лев Ильич", "mentee")
    world.says(person_id)
    with world.database.reading(world.organisation_id) as session:
        wave_id = session.exec(select(Attachment.wave_id)).one()
    theirs = mine.copy()
    theirs.path = world.link(wave_id, person_id)
    stolen = mine.form["plan"]

    theirs.open().type(plan=stolen, more="Да").press("next").press("check").press("send")

    assert (theirs.status, answers_of(world)) == (409, [])


@pytest.mark.parametrize("join", [False, True])
def test_what_a_newcomer_left_goes_with_them_or_becomes_the_persons(world: World, join: bool) -> None:
    newcomer = respondent(world, FILES).open().type(more="Да")
    newcomer.press("next", plan=("План.txt", b"1", "text/plain")).press("next").press("check").press("send")
    newcomer.open().press("next")
    [newcomer_id] = people_of(world)
    listed = world.person("Петрова Анна Игоревна", "mentee")

    with world.database.writing(world.organisation_id) as session:
        person = session.get_one(Person, newcomer_id)
        person.confirmed_at = None
        if join:
            merging.join(session, person, session.get_one(Person, listed))
        else:
            people.reject(session, person)

    whose = [listed] if join else []
    assert [draft.person_id for draft in drafts_of(world)] == whose
    assert [file.person_id for file in attachments(world)] == whose
