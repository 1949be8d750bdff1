"""Orders through the pages: draft, corrections, approval, files, templates of one's own."""

from __future__ import annotations

import hashlib
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor, wait
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from service.documents import actions, reading
from service.documents.produce import TEMPLATE
from service.errors import Conflict
from service.tables import Assignment, AssignmentOrder, DocumentTemplate, Organisation, Person, now
from tests.factories import Browser, World

A_MOMENT = 0.3  # for another transaction to get as far as it can; the outcome does not depend on it


@pytest.fixture
def curator(world: World) -> Browser:
    return world.signed_in(world.curator)


@pytest.fixture
def director(world: World) -> Browser:
    return world.signed_in(world.director)


def pair(world: World, mentor: str, mentee: str, *, accepted: bool = True) -> int:
    moment = now() if accepted else None
    mentor_id, mentee_id = world.person(mentor, "mentor"), world.person(mentee, "mentee")
    with world.database.writing(world.organisation_id) as session:
        assignment = Assignment(
            mentor_id=mentor_id,
            mentee_id=mentee_id,
            approved_by=world.curator.id or 0,
            mentor_accepted_at=moment,
            mentee_accepted_at=moment,
        )
        session.add(assignment)
        session.flush()
        return assignment.id or 0


@pytest.fixture
def order(world: World, curator: Browser) -> str:
    """The address of a draft with one pair."""
    pair(world, "Иванова Анна Сергеевна", "Петров Илья Ильич")
    return str(curator.post("/orders").headers["location"]).removeprefix("http://testserver")


def row(world: World, table: type[Any], row_id: int) -> Any:
    with world.database.reading(world.organisation_id) as session:
        return session.get(table, row_id)


def saved(world: World, order: str) -> AssignmentOrder:
    found: AssignmentOrder = row(world, AssignmentOrder, int(order.rsplit("/", 1)[1]))
    return found


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of the page."""
    match = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert match
    return match[1]


def texts(world: World, order: str, **changes: str) -> dict[str, str]:
    """What the browser would send from the page of texts."""
    stored = saved(world, order).texts
    lines = {name: "\n".join(stored[name]) for name in ("items", "bases")}
    plain = ("heading", "preamble", "control", "starts_on", "ends_on", "reporting")
    version = str(saved(world, order).version)
    return {name: stored[name] for name in plain} | lines | {"version": version} | changes


def approval(browser: Browser, order: str) -> dict[str, str]:
    page = browser.get(order).text
    return {"version": hidden(page, "version"), "seen": hidden(page, "seen")}


def text_of(document: bytes, part: str = "word/document.xml") -> str:
    with zipfile.ZipFile(BytesIO(document)) as parts:
        return re.sub(r"<[^>]+>", "", parts.read(part).decode())


# --- the draft


def test_an_order_is_begun_from_the_pairs_that_are_in_none(
    world: World, curator: Browser, order: str
) -> None:
    page = curator.get(order).text
    assert "Иванова Анна Сергеевна" in page
    assert "Наставнику Ивановой\N{NO-BREAK SPACE}А.С." in page
    assert "Приказ, начатый" in curator.get("/orders").text


def test_beginning_twice_is_one_draft(curator: Browser, order: str) -> None:
    assert curator.post("/orders").headers["location"].endswith(order)


def test_without_pairs_there_is_no_order(curator: Browser) -> None:
    answer = curator.post("/orders")
    assert answer.status_code == 409
    assert "ещё не включённых в приказ, нет" in answer.text


def test_a_pair_that_has_not_been_accepted_is_shown_with_who_is_missing(
    world: World, curator: Browser, order: str
) -> None:
    waiting = pair(world, "Орлова Вера Павловна", "Якин Олег Олегович", accepted=False)
    page = curator.get(order).text
    assert "Не вошли в приказ" in page
    assert f"/pairs/{waiting}" in page
    assert "пока не принял наставник, пока не принял наставляемый" in page
    assert "Орлова" not in text_of(curator.get(f"{order}/order.docx").content)


@pytest.mark.parametrize("said", ["refused", "withdrawn"])
def test_whoever_does_not_consent_any_more_leaves_the_draft(
    world: World, curator: Browser, order: str, said: str
) -> None:
    with world.database.reading(world.organisation_id) as session:
        mentee_id = session.exec(select(Assignment.mentee_id)).one()
    world.says(mentee_id)
    assert "Не вошли в приказ" not in curator.get(order).text
    world.says(mentee_id, said)
    assert "согласие наставляемого на обработку персональных данных" in curator.get(order).text
    assert "Петров" not in text_of(curator.get(f"{order}/order.docx").content)
    assert "Петров" not in text_of(curator.get(f"{order}/pairs.xlsx").content, "xl/sharedStrings.xml")


def test_an_ended_pair_is_not_in_the_order(world: World, curator: Browser, order: str) -> None:
    ended = pair(world, "Орлова Вера Павловна", "Якин Олег Олегович")
    with world.database.writing(world.organisation_id) as session:
        session.get_one(Assignment, ended).ended_at = now()
    assert "Орлова" not in curator.get(order).text


def test_what_people_wrote_is_text_on_the_page(world: World, curator: Browser, order: str) -> None:
    pair(world, "<script>alert(1)</script> Анна Петровна", "{{ 7 * 7 }} Олег Олегович")
    page = curator.get(order).text
    assert "<script>alert(1)" not in page
    assert "49" not in text_of(curator.get(f"{order}/order.docx").content).replace("49-", "")


def test_there_is_one_open_draft_at_most(world: World, order: str) -> None:
    with (
        pytest.raises(IntegrityError),
        world.database.writing(world.organisation_id) as session,
    ):
        session.add(AssignmentOrder(texts={}, account_id=world.curator.id or 0))


# --- the texts


def test_texts_are_changed_and_stand_in_the_order(world: World, curator: Browser, order: str) -> None:
    changed = texts(
        world, order, heading="О наставничестве в ДДТ", starts_on="2026-12-01", ends_on="2027-05-31"
    )
    assert curator.get(f"{order}/edit").status_code == 200
    assert curator.post(f"{order}/edit", changed).status_code == 303
    page = curator.get(order).text
    assert "О наставничестве в ДДТ" in page
    assert "на период с 01.12.2026 по 31.05.2027" in page


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"heading": ""}, "Заполните"),
        ({"items": "1. {кому-то} сделать"}, "Слова {кому-то} нет"),
        ({"bases": ""}, "правовые основания не вписаны"),
        ({"starts_on": "2026-12-01", "ends_on": "2026-11-01"}, "не раньше"),
        ({"ends_on": "завтра"}, "01.09.2026"),
    ],
)
def test_texts_that_cannot_be_used_come_back_with_what_was_typed(
    world: World, curator: Browser, order: str, changes: dict[str, str], complaint: str
) -> None:
    answer = curator.post(f"{order}/edit", texts(world, order, **{"control": "Контроль за мной.", **changes}))
    assert answer.status_code == 422
    assert complaint in answer.text
    assert "Контроль за мной." in answer.text
    assert saved(world, order).version == 1


def test_nobody_overwrites_texts_that_they_have_not_seen(world: World, curator: Browser, order: str) -> None:
    mine = texts(world, order, control="Мой контроль.")
    theirs = texts(world, order, control="Чужой контроль.")
    assert curator.post(f"{order}/edit", theirs).status_code == 303
    answer = curator.post(f"{order}/edit", mine)
    assert answer.status_code == 409
    assert "Мой контроль." in answer.text
    assert saved(world, order).texts["control"] == "Чужой контроль."


def test_texts_keep_their_paragraphs(world: World, curator: Browser, order: str) -> None:
    curator.post(f"{order}/edit", texts(world, order, heading=" О  закреплении ", items="1.\r\n\r\n2. \x0b"))
    stored = saved(world, order).texts
    assert (stored["heading"], stored["items"]) == ("О закреплении", ["1.", "2."])


def test_of_two_changes_at_once_one_is_refused(world: World, order: str) -> None:
    order_id = saved(world, order).id

    def change(control: str) -> None:
        with world.database.writing(world.organisation_id) as session:
            seen = session.get_one(AssignmentOrder, order_id)
            actions.change(session, order_id, "1", {**seen.texts, "control": control}, remember=False)

    def change_when_others_have_read(pool: ThreadPoolExecutor) -> None:
        with world.database.writing(world.organisation_id) as session:
            seen = session.get_one(AssignmentOrder, order_id)
            theirs = pool.submit(change, "Чужой контроль.")
            wait([theirs], timeout=A_MOMENT)
            texts = {**seen.texts, "control": "Мой контроль."}
            actions.change(session, order_id, "1", texts, remember=False)
        theirs.result()

    with ThreadPoolExecutor(1) as pool, pytest.raises(Conflict):
        change_when_others_have_read(pool)
    assert saved(world, order).version == 2


def test_texts_are_remembered_for_the_next_orders_when_asked(
    world: World, curator: Browser, order: str
) -> None:
    curator.post(f"{order}/edit", texts(world, order, control="Этот раз."))
    assert row(world, Organisation, world.organisation_id).order_texts == {}
    curator.post(
        f"{order}/edit", texts(world, order, control="Всегда.", starts_on="2026-12-01", remember="1")
    )
    remembered = row(world, Organisation, world.organisation_id).order_texts
    assert (remembered["control"], remembered["starts_on"]) == ("Всегда.", "")


# --- the cases


def test_a_doubtful_name_is_written_once_and_remembered(world: World, curator: Browser) -> None:
    pair(world, "Коваль Андрей Иванович", "Петров Илья Ильич")
    order = curator.post("/orders").headers["location"]
    page = curator.get(order).text
    assert "Проверьте падежи" in page
    whose = hidden(page, "whose")
    answer = curator.post(
        f"{order}/names", {"version": "1", "whose": whose, f"dative-{whose}": "Ковалу Андрею Ивановичу"}
    )
    assert answer.status_code == 303
    page = curator.get(order).text
    assert "Проверьте падежи" not in page
    assert "Ковалу\N{NO-BREAK SPACE}А.И." in page
    assert row(world, Person, int(whose)).cases == {"name": {"dative": "Ковалу Андрею Ивановичу"}}


def test_confirming_a_doubtful_name_settles_it(world: World, curator: Browser) -> None:
    pair(world, "Коваль Андрей Иванович", "Петров Илья Ильич")
    order = curator.post("/orders").headers["location"]
    whose = hidden(curator.get(order).text, "whose")
    curator.post(
        f"{order}/names", {"version": "1", "whose": whose, f"dative-{whose}": "Ковалю Андрею Ивановичу"}
    )
    assert "Проверьте падежи" not in curator.get(order).text


def test_a_name_outside_this_order_cannot_be_written(world: World, curator: Browser, order: str) -> None:
    other = world.person("Сорока Анна Петровна", "mentor")
    curator.post(f"{order}/names", {"version": "1", "whose": str(other), f"dative-{other}": "Иной"})
    assert row(world, Person, other).cases == {}


def test_the_curators_own_name_is_written_into_the_order(world: World, curator: Browser, order: str) -> None:
    written = {"version": "1", "whose": "curator", "dative-curator": "завучу Ветровой Е.А."}
    assert curator.post(f"{order}/names", written).status_code == 303
    assert "Завучу Ветровой Е.А." in curator.get(order).text


# --- the files


def test_the_draft_is_downloaded_as_a_project(curator: Browser, order: str) -> None:
    answer = curator.get(f"{order}/order.docx")
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    assert "ПРОЕКТ" in text_of(answer.content, "word/header1.xml")
    assert "Иванова Анна Сергеевна" in text_of(answer.content)


def test_the_pairs_are_downloaded_as_a_spreadsheet(curator: Browser, order: str) -> None:
    answer = curator.get(f"{order}/pairs.xlsx")
    assert "Иванова Анна Сергеевна" in text_of(answer.content, "xl/sharedStrings.xml")


# --- the approval


def test_the_director_approves_and_everything_is_frozen(
    world: World, curator: Browser, director: Browser, order: str
) -> None:
    assert director.post(f"{order}/approve", approval(director, order)).status_code == 303
    final = saved(world, order)
    assert final.file
    assert final.content
    assert final.approved_by == world.director.id
    assert final.content["file"] == hashlib.sha256(final.file).hexdigest()
    assert "ПРОЕКТ" not in text_of(final.file, "word/header1.xml")

    with world.database.writing(world.organisation_id) as session:
        session.get_one(Organisation, world.organisation_id).full_name = "Другое имя"
        session.get_one(AssignmentOrder, final.id).texts = {"heading": "Иное"}
    assert curator.get(f"{order}/order.docx").content == final.file
    assert "Другое имя" not in curator.get(order).text
    assert "Иванова" in text_of(curator.get(f"{order}/pairs.xlsx").content, "xl/sharedStrings.xml")


def test_approved_pairs_are_in_the_order_and_in_no_other(
    world: World, curator: Browser, director: Browser, order: str
) -> None:
    waiting = pair(world, "Орлова Вера Павловна", "Якин Олег Олегович", accepted=False)
    director.post(f"{order}/approve", approval(director, order))
    assert row(world, Assignment, waiting).order_id is None
    next_order = curator.post("/orders").headers["location"]
    assert not next_order.endswith(order)
    page = curator.get(next_order).text
    assert "Иванова" not in page
    assert "Орлова" in page


def test_an_approved_order_is_not_edited_any_more(
    world: World, curator: Browser, director: Browser, order: str
) -> None:
    director.post(f"{order}/approve", approval(director, order))
    assert curator.post(f"{order}/edit", texts(world, order, control="Поздно.")).status_code == 409
    assert (
        curator.post(
            f"{order}/names", {"version": "2", "whose": "curator", "dative-curator": "X"}
        ).status_code
        == 409
    )
    assert director.post(f"{order}/approve", {"version": "2", "seen": "x"}).status_code == 409


@pytest.mark.parametrize("happens", ["texts", "pair", "template"])
def test_what_the_director_has_not_seen_is_not_approved(
    world: World, curator: Browser, director: Browser, order: str, happens: str
) -> None:
    seen = approval(director, order)
    if happens == "texts":
        curator.post(f"{order}/edit", texts(world, order, control="Иначе."))
    elif happens == "pair":
        pair(world, "Орлова Вера Павловна", "Якин Олег Олегович")
    else:
        curator.post("/templates", files={"file": ("свой.docx", TEMPLATE)})
    assert director.post(f"{order}/approve", seen).status_code == 409
    assert saved(world, order).approved_at is None
    assert director.post(f"{order}/approve", approval(director, order)).status_code == 303


@pytest.mark.parametrize("happens", ["ended", "taken back", "changed"])
def test_a_pair_that_changes_while_the_order_is_being_approved_is_not_in_it(
    world: World, order: str, happens: str
) -> None:
    order_id, organisation_id = saved(world, order).id, world.organisation_id
    with world.database.reading(organisation_id) as session:
        row = session.get_one(AssignmentOrder, order_id)
        seen = reading.fingerprint(reading.drafting_of(session, row), None)
        final = reading.drafting_of(session, row, final=True)

    def approve() -> None:
        with world.database.writing(organisation_id) as session:
            actions.approve(session, order_id, "1", seen, final, b"file", world.director)

    changes: dict[str, dict[str, Any]] = {
        "ended": {"ended_at": now()},
        "taken back": {"mentee_accepted_at": None},
        "changed": {"topic": "Иная"},
    }
    with ThreadPoolExecutor(1) as pool:
        with world.database.writing(organisation_id) as session:
            pair = session.get_one(Assignment, final.assignment_ids[0])
            pair.sqlmodel_update(changes[happens])
            session.flush()
            approval = pool.submit(approve)
            wait([approval], timeout=A_MOMENT)
        with pytest.raises(Conflict):
            approval.result()
    assert saved(world, order).approved_at is None


def test_a_curator_does_not_approve(curator: Browser, order: str) -> None:
    assert "Утвердить как окончательный" not in curator.get(order).text
    assert curator.post(f"{order}/approve", {"version": "1", "seen": ""}).status_code == 403


def test_an_order_without_pairs_or_without_a_head_is_not_approved(
    world: World, curator: Browser, director: Browser
) -> None:
    pair(world, "Орлова Вера Павловна", "Якин Олег Олегович", accepted=False)
    order = curator.post("/orders").headers["location"]
    answer = director.post(f"{order}/approve", {"version": "1", "seen": ""})
    assert (answer.status_code, "не принята обеими сторонами" in answer.text) == (409, True)

    pair(world, "Иванова Анна Сергеевна", "Петров Илья Ильич")
    with world.database.writing(world.organisation_id) as session:
        session.get_one(Organisation, world.organisation_id).head_name = ""
    assert "Не указано, кто подписывает приказ" in director.get(order).text
    answer = director.post(f"{order}/approve", {"version": "1", "seen": ""})
    assert (answer.status_code, "кто подписывает" in answer.text) == (409, True)


# --- templates


def own_template() -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(TEMPLATE)) as ours, zipfile.ZipFile(packed, "w") as theirs:
        for name in ours.namelist():
            theirs.writestr(
                zipfile.ZipInfo(name),
                ours.read(name).replace("ПРИКАЗЫВАЮ:".encode(), "П Р И К А З Ы В А Ю:".encode()),
            )
    return packed.getvalue()


def test_a_template_is_uploaded_used_and_withdrawn(world: World, curator: Browser, order: str) -> None:
    assert curator.post("/templates", files={"file": ("свой.docx", own_template())}).status_code == 303
    assert "свой.docx" in curator.get("/templates").text
    assert "свой.docx" in curator.get(order).text
    assert "П Р И К А З Ы В А Ю" in text_of(curator.get(f"{order}/order.docx").content)
    with world.database.reading(world.organisation_id) as session:
        template = session.get(DocumentTemplate, 1)
        assert template
        assert template.hash == hashlib.sha256(own_template()).hexdigest()
    assert curator.post("/templates/1/withdraw").status_code == 303
    assert "П Р И К А З Ы В А Ю" not in text_of(curator.get(f"{order}/order.docx").content)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"MZ not a document", "Это не файл .docx"),
        (TEMPLATE.replace(b"PK\x05\x06", b"PK\x05\x05"), "Это не файл .docx"),
    ],
)
def test_a_template_that_is_not_accepted_is_not_kept(
    world: World, curator: Browser, content: bytes, complaint: str
) -> None:
    answer = curator.post("/templates", files={"file": ("x.docx", content)})
    assert answer.status_code == 422
    assert complaint in answer.text
    assert row(world, DocumentTemplate, 1) is None


def test_a_file_name_in_an_odd_encoding_is_kept_as_far_as_it_can_be_read(
    world: World, curator: Browser
) -> None:
    part = 'Content-Disposition: form-data; name="{}"{}\r\n\r\n'
    body = b"\r\n".join(
        [
            b"--x\r\n" + part.format("csrf", "").encode() + curator.csrf.encode(),
            b"--x\r\n" + part.format("file", '; filename="our+2AA-.docx"').encode() + TEMPLATE,
            b"--x--\r\n",
        ]
    )
    kind = {"content-type": "multipart/form-data; boundary=x; charset=utf-7"}
    assert curator.client.post("/templates", content=body, headers=kind).status_code == 303
    assert row(world, DocumentTemplate, 1).name == "our.docx"


def test_without_a_file_nothing_is_uploaded(curator: Browser) -> None:
    assert curator.post("/templates").status_code == 422


def test_the_standard_template_is_given_to_be_changed(curator: Browser) -> None:
    assert curator.get("/templates/standard.docx").content == TEMPLATE


# --- strangers


@pytest.mark.parametrize("path", ["", "/edit", "/order.docx", "/pairs.xlsx"])
def test_another_organisations_order_does_not_exist(world: World, order: str, path: str) -> None:
    stranger = world.another()
    assert stranger.signed_in(stranger.curator).get(order + path).status_code == 404


def test_another_organisations_order_is_not_changed(world: World, order: str) -> None:
    stranger = world.another()
    browser, head = stranger.signed_in(stranger.curator), stranger.signed_in(stranger.director)
    assert browser.post(f"{order}/edit", texts(world, order)).status_code == 404
    assert browser.post(f"{order}/names", {"version": "1"}).status_code == 404
    assert head.post(f"{order}/approve", {"version": "1", "seen": ""}).status_code == 404


def test_another_organisations_template_is_neither_used_nor_withdrawn(
    world: World, curator: Browser, order: str
) -> None:
    stranger = world.another()
    stranger.signed_in(stranger.curator).post("/templates", files={"file": ("чужой.docx", own_template())})
    assert "П Р И К А З Ы В А Ю" not in text_of(curator.get(f"{order}/order.docx").content)
    assert curator.post("/templates/1/withdraw").status_code == 404
