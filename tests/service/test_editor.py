"""The editor of questionnaires, by its buttons alone, as without JavaScript."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from functools import partial
from html import unescape
from typing import Any

import pytest
from sqlmodel import col, select

import forms
from service.accounts import actions as accounts
from service.questionnaires.editor import drafts, editing
from service.tables import DraftStep, Questionnaire, QuestionnaireDraft, QuestionnaireVersion, now
from tests.factories import Browser, World, password_hash
from tests.service.test_submissions import form_of

CHOICES = "Математика\nМузыка\nИстория"


@pytest.fixture
def curator(world: World) -> Browser:
    return world.signed_in(world.curator)


@pytest.fixture
def draft(curator: Browser) -> str:
    """The address of an empty one."""
    return begun(curator, title="Как дела?")


def begun(curator: Browser, **how: str) -> str:
    answer = curator.post("/drafts", how)
    assert answer.status_code == 303
    address: str = answer.headers["location"]
    return address


def of(world: World, curator: Browser, key: str = "mentor") -> str:
    """The draft of the next version."""
    with world.database.reading(world.organisation_id) as session:
        questionnaire = session.exec(select(Questionnaire).where(Questionnaire.key == key)).one()
        return begun(curator, of=str(questionnaire.id))


def row(world: World, draft: str) -> QuestionnaireDraft:
    with world.database.reading(world.organisation_id) as session:
        return session.get_one(QuestionnaireDraft, int(draft.split("/")[2]))


def asked(world: World, at: str) -> dict[str, Any]:
    """The question whose page it is."""
    return editing.question(row(world, at).definition, at.split("/")[-1])


def added(curator: Browser, draft: str, kind: str, label: str, page: int = 1) -> str:
    """The address of the question's own page."""
    answer = curator.post(f"{draft}/new-question", {"kind": kind, "label": label, "page": str(page)})
    assert answer.status_code == 303, answer.text
    address: str = answer.headers["location"]
    return address


def fields(page: str) -> dict[str, list[str]]:
    """What a browser would post of the last form, menus included."""
    found = form_of(page)
    form = page[page.rindex('<form method="post"', 0, page.index("</main>")) :]
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        values = re.findall(r'<option value="([^"]*)"( selected)?', options)
        found[name] = [unescape(next((value for value, selected in values if selected), values[0][0]))]
    return found


def saved(curator: Browser, at: str, **typed: Any) -> Any:
    """The part's page is opened, typed into and sent."""
    return curator.post(at, fields(curator.get(at).text) | typed)


def press(curator: Browser, draft: str, button: str) -> Any:
    seen = re.findall(r'name="seen" value="(\d+)"', curator.get(draft).text)[-1]
    return curator.post(draft, {"do": button, "seen": seen})


def publish(curator: Browser, draft: str) -> Any:
    return curator.post(f"{draft}/version", fields(curator.get(f"{draft}/version").text))


# --- writing


@pytest.mark.parametrize(
    "kind", ["single", "scale", "words", "matrix", "slots", "file", "person", "note", "integer"]
)
def test_a_question_of_any_kind_is_added_shown_and_saved_as_it_was(
    world: World, curator: Browser, draft: str, kind: str
) -> None:
    at = added(curator, draft, kind, "Что Вы скажете?")
    before = asked(world, at)
    assert saved(curator, at).status_code == 303
    assert {**asked(world, at), "accept": None} == {**before, "accept": None}
    assert "Что Вы скажете?" in curator.get(f"{draft}/preview").text
    assert "Что Вы скажете?" in curator.get(f"{draft}/paper").text


def test_a_questionnaire_is_written_from_scratch_and_becomes_a_version(
    world: World, curator: Browser, draft: str
) -> None:
    assert "Впишите варианты" not in curator.get(draft).text
    at = added(curator, draft, "single", "Какой предмет Вы ведёте?")
    assert "Впишите варианты" in curator.get(draft).text
    assert "Впишите варианты" in curator.get(f"{draft}/version").text
    assert curator.post(f"{draft}/version", {"seen": str(row(world, draft).version)}).status_code == 409
    saved(curator, at, choices=[CHOICES], required=["yes"])
    saved(curator, f"{draft}/head", title=["Самочувствие"], intro=["Здравствуйте!"], minutes=["3"])
    assert curator.get(f"{draft}/version").status_code == 200

    answer = publish(curator, draft)

    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/versions")
    assert curator.get(draft).status_code == 404
    with world.database.reading(world.organisation_id) as session:
        written = session.exec(select(Questionnaire).where(Questionnaire.title == "Самочувствие")).one()
        version = session.exec(
            select(QuestionnaireVersion).where(QuestionnaireVersion.questionnaire_id == written.id)
        ).one()
        assert session.exec(select(DraftStep)).all() == []
    [question] = forms.parse(version.definition).questions
    assert question.choices == (("matematika", "Математика"), ("muzyka", "Музыка"), ("istoriya", "История"))
    assert question.required


def test_codes_stay_with_their_lines_and_are_never_typed(world: World, curator: Browser, draft: str) -> None:
    at = added(curator, draft, "multiple", "Что Вы ведёте?")
    saved(curator, at, choices=[CHOICES], none=["Ничего из перечисленного"], other=["yes"])
    saved(curator, at, choices=["История\nМузыка и пение\nХимия"])
    question = asked(world, at)
    assert question["choices"] == [
        ["istoriya", "История"],
        ["muzyka", "Музыка и пение"],
        ["khimiya", "Химия"],
        ["nichego_iz_perechislennogo", "Ничего из перечисленного"],
    ]
    assert (question["none"], question["other"]) == ("nichego_iz_perechislennogo", True)


def test_a_condition_is_put_together_from_menus(world: World, curator: Browser, draft: str) -> None:
    added(curator, draft, "yes_no", "Были ли Вы наставником?")
    second = added(curator, draft, "integer", "Сколько лет?")
    saved(curator, second, **{"if-0": ["byli_li_vy_nastavnikom"]})
    assert asked(world, second)["show_if"] == "${byli_li_vy_nastavnikom} = 'yes'"
    third = added(curator, draft, "short", "Расскажите")
    saved(curator, third, **{"if-0": ["byli_li_vy_nastavnikom"]})
    saved(curator, third, **{"if-0-value": ["no"], "if-1": ["skolko_let"]})
    saved(curator, third, **{"if-1-test": ["more"], "if-1-value": ["3"]})
    saved(curator, third, every=["any"])
    assert asked(world, third)["show_if"] == "${byli_li_vy_nastavnikom} = 'no' or ${skolko_let} > 3"
    saved(curator, third, **{"if-0": [""]})
    assert asked(world, third)["show_if"] == "${skolko_let} > 3"
    assert "больше 3" in curator.get(draft).text


def test_a_condition_richer_than_the_menus_is_shown_and_kept_until_it_is_taken_away(
    world: World, curator: Browser
) -> None:
    draft = of(world, curator)
    rich = "count-selected(${direction}) > 1"
    with world.database.writing(world.organisation_id) as session:
        stored = drafts.locked(session, int(draft.split("/")[2]))
        question = {**editing.question(stored.definition, "category"), "show_if": rich}
        stored.definition = editing.replace_question(stored.definition, "category", question)
    at = f"{draft}/questions/category"
    assert "count-selected(${direction}) &gt; 1" in curator.get(at).text
    saved(curator, at, label=["Ваша категория"])
    assert (asked(world, at)["label"], asked(world, at)["show_if"]) == ("Ваша категория", rich)
    saved(curator, at, formula=[""])
    assert "show_if" not in asked(world, at)


def test_questions_and_pages_are_moved_copied_and_deleted(world: World, curator: Browser, draft: str) -> None:
    for label in ("Первый", "Второй"):
        added(curator, draft, "short", label)
    press(curator, draft, "page-add")
    added(curator, draft, "short", "Третий", page=2)

    def pages() -> list[list[str]]:
        return [[q["key"] for q in page["questions"]] for page in row(world, draft).definition["pages"]]

    for button, expected in (
        ("up:vtoroy", [["vtoroy", "pervyy"], ["tretiy"]]),
        ("down:pervyy", [["vtoroy"], ["pervyy", "tretiy"]]),
        ("copy:tretiy", [["vtoroy"], ["pervyy", "tretiy", "tretiy_2"]]),
        ("page-down:1", [["pervyy", "tretiy", "tretiy_2"], ["vtoroy"]]),
        ("delete:pervyy", [["tretiy", "tretiy_2"], ["vtoroy"]]),
        ("page-delete:1", [["vtoroy"]]),
        ("undo", [["tretiy", "tretiy_2"], ["vtoroy"]]),
        ("page-copy:2", [["tretiy", "tretiy_2"], ["vtoroy"], ["vtoroy_2"]]),
    ):
        assert press(curator, draft, button).status_code == 303, button
        assert pages() == expected, button
    saved(curator, f"{draft}/questions/tretiy", page=["3"])
    assert pages() == [["tretiy_2"], ["vtoroy"], ["vtoroy_2", "tretiy"]]


def test_a_number_that_is_none_is_told_with_everything_that_was_typed(
    world: World, curator: Browser, draft: str
) -> None:
    at = added(curator, draft, "integer", "Сколько лет?")
    answer = saved(curator, at, label=["Сколько полных лет?"], max=["много"])
    assert answer.status_code == 422
    assert "Напишите число цифрами" in answer.text
    assert "Сколько полных лет?" in answer.text
    assert asked(world, at)["label"] == "Сколько лет?"


# --- nothing is lost


def test_undo_returns_exactly_the_earlier_draft_and_redo_the_later(world: World, curator: Browser) -> None:
    draft, chance = of(world, curator), random.Random(7)
    states = [row(world, draft).definition]
    for _ in range(12):
        keys, pages = editing.keys(states[-1]), len(states[-1]["pages"])
        verb = chance.choice(["up", "down", "copy", "delete", "page-up", "page-copy"])
        press(curator, draft, f"{verb}:{chance.randint(1, pages) if 'page' in verb else chance.choice(keys)}")
        if (after := row(world, draft).definition) != states[-1]:
            states.append(after)
    for state in reversed(states[:-1]):
        press(curator, draft, "undo")
        assert row(world, draft).definition == state
    for state in states[1:4]:
        press(curator, draft, "redo")
        assert row(world, draft).definition == state
    press(curator, draft, "copy:post")
    assert "Вернуть:" not in curator.get(draft).text


def test_the_last_fifty_steps_are_kept(world: World, curator: Browser, draft: str) -> None:
    with world.database.writing(world.organisation_id) as session:
        stored = drafts.locked(session, int(draft.split("/")[2]))
        for minutes in range(1, drafts.MOST_STEPS + 6):
            changed = partial(editing.replace_head, changes={"minutes": minutes + 10})
            drafts.change(session, stored, world.curator, "head", "", changed)
    with world.database.reading(world.organisation_id) as session:
        kept = [step.definition["minutes"] for step in session.exec(select(DraftStep)).all()]
    assert sorted(kept) == list(range(15, 15 + drafts.MOST_STEPS))


def test_what_is_saved_by_itself_in_one_sitting_is_one_step(
    world: World, curator: Browser, draft: str
) -> None:
    at = added(curator, draft, "short", "Вопрос")
    for label in ("Вопрос о", "Вопрос о погоде", "Вопрос о погоде?"):
        saved(curator, at, label=[label], auto=["1"])
    press(curator, draft, "undo")
    assert asked(world, at)["label"] == "Вопрос"
    press(curator, draft, "redo")
    with world.database.writing(world.organisation_id) as session:
        for step in session.exec(select(DraftStep)).all():
            step.made_at = now() - timedelta(hours=1)
    saved(curator, at, label=["Другой вопрос"], auto=["1"])
    press(curator, draft, "undo")
    assert asked(world, at)["label"] == "Вопрос о погоде?"


def test_a_key_or_code_of_a_published_version_never_comes_back_with_another_meaning(
    world: World, curator: Browser
) -> None:
    draft = of(world, curator)
    press(curator, draft, "delete:post")
    assert added(curator, draft, "integer", "post").endswith("/post_2")
    at = f"{draft}/questions/category"
    lines = [text for _, text in asked(world, at)["choices"]]
    saved(curator, at, choices=["\n".join(lines[1:])])
    saved(curator, at, choices=["\n".join([*lines[1:], lines[0]])])
    assert asked(world, at)["choices"][-1] == ["none", lines[0]]


# --- two curators


@pytest.fixture
def colleague(world: World) -> Browser:
    with world.database.writing(world.organisation_id) as session:
        account = accounts.add_account(
            session, "second", "curator", "Зимина Ольга Петровна", "методист", password_hash()
        )
        session.flush()
    return world.signed_in(account)


def test_who_was_overtaken_is_told_and_loses_nothing(
    world: World, curator: Browser, colleague: Browser, draft: str
) -> None:
    at = added(curator, draft, "single", "Что Вы ведёте?")
    opened = fields(curator.get(at).text)
    saved(colleague, at, label=["Какой предмет Вы ведёте?"], choices=[CHOICES])

    answer = curator.post(at, opened | {"label": ["Ваш предмет"]})

    assert answer.status_code == 409
    assert asked(world, at)["label"] == "Какой предмет Вы ведёте?"
    for text in ("Зимина Ольга Петровна", "Ваш предмет", "Какой предмет Вы ведёте?", "Музыка"):
        assert text in answer.text
    assert curator.post(at, fields(answer.text)).status_code == 303
    assert asked(world, at)["label"] == "Ваш предмет"
    press(curator, draft, "undo")
    assert asked(world, at)["label"] == "Какой предмет Вы ведёте?"


def test_two_curators_write_different_questions_without_noticing_one_another(
    world: World, curator: Browser, colleague: Browser, draft: str
) -> None:
    first, second = (added(curator, draft, "short", label) for label in ("Первый", "Второй"))
    opened = fields(curator.get(first).text)
    saved(colleague, second, label=["Второй!"])
    assert curator.post(first, opened | {"label": ["Первый!"]}).status_code == 303
    assert (asked(world, first)["label"], asked(world, second)["label"]) == ("Первый!", "Второй!")


@pytest.mark.parametrize("button", ["undo", "delete:vopros", "page-delete:1", "discard"])
def test_a_button_of_an_old_page_undoes_and_deletes_nothing(
    world: World, curator: Browser, colleague: Browser, draft: str, button: str
) -> None:
    at = added(curator, draft, "short", "Вопрос")
    seen = str(row(world, draft).version)
    saved(colleague, at, label=["Вопрос о погоде"])
    before = row(world, draft).definition

    answer = curator.post(draft, {"do": button, "seen": seen})

    assert answer.status_code == 409
    assert "Вопрос о погоде" in answer.text
    assert row(world, draft).definition == before


def test_a_question_that_a_colleague_has_deleted_is_told_to_be_gone(
    world: World, curator: Browser, colleague: Browser, draft: str
) -> None:
    at = added(curator, draft, "short", "Вопрос")
    opened = fields(curator.get(at).text)
    press(colleague, draft, "delete:vopros")
    answer = curator.post(at, opened | {"label": ["Долгий рассказ"]})
    assert answer.status_code == 404
    assert "Долгий рассказ" in answer.text
    assert curator.post(draft, {"do": "up:vopros", "seen": ""}).status_code == 409


# --- versions


def test_a_new_version_is_made_after_its_difference_was_seen(world: World, curator: Browser) -> None:
    wave = world.wave("mentor")
    draft = of(world, curator)
    assert of(world, curator) == draft, "the draft that is open is continued"
    assert "не отличается" in curator.get(f"{draft}/version").text
    saved(curator, f"{draft}/questions/post", label=["Кем Вы работаете?"])
    press(curator, draft, "delete:category")
    page = curator.get(f"{draft}/version").text
    for text in ("Кем Вы работаете?", "Ваша квалификационная категория", "1 волна ещё не кончилась"):
        assert text in page
    press(curator, draft, "down:post")
    press(curator, draft, "up:post")
    assert curator.post(f"{draft}/version", fields(page)).status_code == 409, "it is not what was seen"

    assert publish(curator, draft).status_code == 303

    with world.database.reading(world.organisation_id) as session:
        mentor = session.exec(select(Questionnaire).where(Questionnaire.key == "mentor")).one()
        versions = session.exec(
            select(QuestionnaireVersion)
            .where(QuestionnaireVersion.questionnaire_id == mentor.id)
            .order_by(col(QuestionnaireVersion.id))
        ).all()
    assert [next(editing.questions(version.definition))["label"] for version in versions] == [
        "Ваша должность",
        "Кем Вы работаете?",
    ]
    assert curator.get(f"/waves/{wave}").status_code == 200


def test_a_copy_and_a_ready_one_become_questionnaires_of_their_own(world: World, curator: Browser) -> None:
    with world.database.reading(world.organisation_id) as session:
        source = session.exec(select(Questionnaire).where(Questionnaire.key == "mentee")).one()
    copied = row(world, begun(curator, copy=str(source.id)))
    assert (copied.questionnaire_id, copied.definition["key"]) == (None, "mentee_2")
    assert copied.definition["title"] == "Анкета наставляемого (копия)"
    taken = begun(curator, library="mentee")
    assert publish(curator, taken).status_code == 303
    with world.database.reading(world.organisation_id) as session:
        keys = session.exec(select(Questionnaire.key)).all()
    assert "mentee_2" in keys
    assert curator.get(begun(curator, title="")).status_code == 200


def test_the_preview_may_stand_in_a_frame_of_ours_and_nothing_else_may(curator: Browser, draft: str) -> None:
    preview, outline = curator.get(f"{draft}/preview"), curator.get(draft)
    assert "frame-ancestors 'self'" in preview.headers["content-security-policy"]
    assert preview.headers["x-frame-options"] == "SAMEORIGIN"
    assert "frame-ancestors 'none'" in outline.headers["content-security-policy"]
    assert "frame-src 'self'" in outline.headers["content-security-policy"]


def test_what_is_written_is_shown_and_never_run(curator: Browser, draft: str) -> None:
    evil = "<script>alert(1)</script> ${777*777} {{ 777*777 }}"
    at = added(curator, draft, "single", evil)
    saved(curator, at, choices=[f"{evil}\nда"], hint=[evil])
    for page in (at, draft, f"{draft}/preview", f"{draft}/paper", f"{draft}/version"):
        text = curator.get(page).text
        assert "<script>alert" not in text
        assert "603729" not in text


def test_a_large_questionnaire_is_edited_all_the_same(world: World, curator: Browser, draft: str) -> None:
    many = [{"key": f"q{n}", "kind": "yes_no", "label": f"Вопрос {n}"} for n in range(200)]
    with world.database.writing(world.organisation_id) as session:
        stored = drafts.locked(session, int(draft.split("/")[2]))
        stored.definition = {**stored.definition, "pages": [{"title": "Все", "questions": many}]}
    for path in ("", "/questions/q199", "/preview", "/version"):
        assert curator.get(draft + path).status_code == 200
    added(curator, draft, "short", "Лишний")
    assert "Слишком много" in curator.get(draft).text
