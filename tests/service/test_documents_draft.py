"""The draft order: who enters it, in what words; the spreadsheet of its pairs."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from service.documents.draft import NAMED_MENTORS, Drafting, Pairing, draft_from
from service.documents.order import SAMPLE, Pair
from service.documents.sheet import COLUMNS, sheet_of
from service.documents.texts import LEGAL_BASES, STATUSES, OrderTexts, filled, unknown_placeholders
from service.tables import Account, Assignment, Organisation, Person, now

NBSP = "\N{NO-BREAK SPACE}"
ORGANISATION = Organisation(
    full_name="Дом детского творчества",
    short_name="ДДТ",
    head_post="Директор",
    head_name="Смирнова Инна Игоревна",
    school_year="2026/2027",
    order_texts={},
)
CURATOR = Account(
    login="c", password_hash="", role="curator", name="Шевченко Любовь Николаевна", post="методист"
)


def person(identity: int, name: str, gender: str | None = None, **more: Any) -> Person:
    last, first, patronymic = name.split(" ")
    return Person(
        id=identity,
        last_name=last,
        first_name=first,
        patronymic=patronymic,
        sort_name=name.lower(),
        gender=gender,
        post="педагог",
        **{"cases": {}, **more},
    )


def pairing(identity: int, mentor: Person, mentee: Person, **more: Any) -> Pairing:
    accepted = {"mentor_accepted_at": now(), "mentee_accepted_at": now()}
    ids = {"id": identity, "mentor_id": mentor.id, "mentee_id": mentee.id, "approved_by": 1}
    return Pairing(Assignment(**{**ids, **accepted, **more}), mentor, mentee)


IVANOVA = person(1, "Иванова Анна Сергеевна")
PETROV = person(2, "Петров Пётр Петрович")
AGEEV = person(3, "Агеев Илья Ильич")
YAKIN = person(4, "Якин Олег Олегович")


def draft(*pairings: Pairing, curator: Account | None = CURATOR, **texts: Any) -> Drafting:
    return draft_from(ORGANISATION, OrderTexts.from_json(texts), pairings, curator)


def test_pairs_stand_by_mentor_then_by_mentee() -> None:
    drafted = draft(pairing(1, PETROV, AGEEV), pairing(2, IVANOVA, YAKIN), pairing(3, IVANOVA, AGEEV)).draft
    assert [(pair.number, pair.mentor.split()[0], pair.mentee.split()[0]) for pair in drafted.pairs] == [
        (1, "Иванова", "Агеев"),
        (2, "Иванова", "Якин"),
        (3, "Петров", "Агеев"),
    ]


@pytest.mark.parametrize(
    ("moments", "missing"),
    [
        ({"mentor_accepted_at": None}, ("mentor",)),
        ({"mentee_accepted_at": None}, ("mentee",)),
        ({"mentor_accepted_at": None, "mentee_accepted_at": None}, ("mentor", "mentee")),
    ],
)
def test_a_pair_without_both_acceptances_is_an_obstacle_and_not_in_the_order(
    moments: dict[str, None], missing: tuple[str, ...]
) -> None:
    drafted = draft(pairing(7, IVANOVA, AGEEV, **moments), pairing(8, PETROV, YAKIN))
    assert [pair.mentor for pair in drafted.draft.pairs] == ["Петров Пётр Петрович"]
    assert drafted.assignment_ids == (8,)
    [obstacle] = drafted.obstacles
    assert (obstacle.assignment_id, obstacle.mentor, obstacle.missing) == (
        7,
        "Иванова Анна Сергеевна",
        missing,
    )


def test_a_pair_without_consent_is_an_obstacle_and_not_in_the_order() -> None:
    refused = replace(pairing(7, IVANOVA, AGEEV, mentor_accepted_at=None), refused=("mentee",))
    drafted = draft(refused, pairing(8, PETROV, YAKIN))
    assert drafted.assignment_ids == (8,)
    assert [obstacle.missing for obstacle in drafted.obstacles] == [("mentor", "mentee_consent")]


def test_a_person_without_a_place_in_the_order_is_not_on_the_acquaintance_sheet() -> None:
    drafted = draft(pairing(7, IVANOVA, AGEEV, mentor_accepted_at=None), pairing(8, PETROV, YAKIN)).draft
    assert [reader.name.split()[0] for reader in drafted.readers] == ["Шевченко", "Петров", "Якин"]


def test_the_draft_names_the_checked_runs_that_its_pairs_come_from() -> None:
    pairings = (
        pairing(1, IVANOVA, AGEEV, run_id=7),
        pairing(2, IVANOVA, PETROV, run_id=5),
        pairing(3, PETROV, YAKIN),
    )
    drafted = draft_from(
        ORGANISATION, OrderTexts.from_json({}), pairings, None, hashes={7: "ab12", 9: "cd34"}
    )
    assert drafted.draft.checked == "Подбор № 7 проверен независимо, SHA-256 ab12."
    assert draft(*pairings).draft.checked == ""


def test_everyone_signs_the_acquaintance_sheet_once() -> None:
    drafted = draft(pairing(1, IVANOVA, AGEEV), pairing(2, IVANOVA, PETROV), pairing(3, PETROV, YAKIN)).draft
    assert [reader.number for reader in drafted.readers] == [1, 2, 3, 4, 5]
    assert len({reader.name for reader in drafted.readers}) == 5


def test_mentors_and_the_curator_are_named_in_the_dative() -> None:
    text = " ".join(draft(pairing(1, IVANOVA, AGEEV), pairing(2, PETROV, YAKIN)).draft.items)
    assert f"Наставникам Ивановой{NBSP}А.С., Петрову{NBSP}П.П. в течение" in text
    assert f"Методисту Шевченко{NBSP}Л.Н., куратору наставничества," in text


def test_one_mentor_is_addressed_in_the_singular() -> None:
    assert f"Наставнику Ивановой{NBSP}А.С. в течение" in " ".join(
        draft(pairing(1, IVANOVA, AGEEV)).draft.items
    )


def test_many_mentors_are_left_to_the_annex() -> None:
    mentors = [person(n, f"Иванова{n} Анна Сергеевна") for n in range(10, 11 + NAMED_MENTORS)]
    drafted = draft(*(pairing(mentor.id or 0, mentor, AGEEV) for mentor in mentors))
    assert "Наставникам, указанным в приложении 1, в течение" in " ".join(drafted.draft.items)
    assert [wording.person_id for wording in drafted.wordings] == [None]


def test_control_is_the_last_item() -> None:
    assert draft(pairing(1, IVANOVA, AGEEV)).draft.items[-1].startswith("Контроль за исполнением")


def test_the_signature_has_initials_first() -> None:
    assert draft().draft.head_signature == f"И.И.{NBSP}Смирнова"


def test_a_doubtful_name_is_not_sure_until_it_is_written() -> None:
    koval = person(5, "Коваль Андрей Иванович")
    [_, doubtful] = draft(pairing(1, koval, AGEEV)).wordings
    assert (doubtful.person_id, doubtful.dative, doubtful.sure) == (5, "Ковалю Андрею Ивановичу", False)

    written = person(5, "Коваль Андрей Иванович", cases={"name": {"dative": "Ковалу Андрею Ивановичу"}})
    drafted = draft(pairing(1, written, AGEEV))
    assert drafted.wordings[1].sure
    assert f"Ковалу{NBSP}А.И." in " ".join(drafted.draft.items)


def test_without_a_curator_the_order_still_reads() -> None:
    assert "Куратору, куратору наставничества," in " ".join(draft(curator=None).draft.items)


def test_the_curators_written_form_wins() -> None:
    drafted = draft(curator_dative="старшему методисту Шевченко Л.Н.")
    assert "Старшему методисту Шевченко Л.Н., куратору" in " ".join(drafted.draft.items)


def test_a_pairs_own_term_wins_over_the_orders() -> None:
    own = pairing(1, IVANOVA, AGEEV, starts_on=date(2026, 12, 1), ends_on=date(2027, 2, 28))
    drafted = draft(own, pairing(2, PETROV, YAKIN), starts_on="2026-11-01", ends_on="2027-05-31").draft
    assert [pair.term for pair in drafted.pairs] == [
        "с 01.12.2026 по 28.02.2027",
        "с 01.11.2026 по 31.05.2027",
    ]
    assert "на период с 01.11.2026 по 31.05.2027 согласно" in drafted.items[0]


def test_without_a_term_the_school_year_stands() -> None:
    drafted = draft(pairing(1, IVANOVA, AGEEV)).draft
    assert drafted.pairs[0].term == "2026/2027 учебный год"
    assert "группы на 2026/2027 учебный год согласно" in drafted.items[0]


def test_forms_and_kinds_are_named_in_russian() -> None:
    [pair] = draft(pairing(1, IVANOVA, AGEEV)).draft.pairs
    assert re.search("педагог.*педагог", pair.form)
    assert "традиционное" in pair.kind


def test_a_draft_is_a_project_until_it_is_final() -> None:
    assert draft().draft.project
    assert not draft_from(ORGANISATION, OrderTexts.from_json(), [], CURATOR, final=True).draft.project


# --- texts


def test_texts_survive_being_stored() -> None:
    texts = replace(OrderTexts.from_json(), starts_on=date(2026, 12, 1), items=("Раз.", "Два."))
    assert OrderTexts.from_json(texts.to_json()) == texts


def test_what_an_organisation_has_not_written_is_as_by_default() -> None:
    texts = OrderTexts.from_json({"heading": "О наставничестве", "of another version": 1})
    assert texts.heading == "О наставничестве"
    assert texts.items == OrderTexts.from_json().items


def test_our_own_texts_name_no_unknown_placeholder() -> None:
    texts = OrderTexts.from_json()
    assert unknown_placeholders(" ".join((texts.heading, texts.preamble, *texts.items, texts.control))) == []


def test_a_capital_in_braces_begins_a_sentence() -> None:
    assert (
        filled("{Куратору} и {куратору}, № 5", {"куратору": "методисту"})
        == f"Методисту и методисту, №{NBSP}5"
    )


def test_every_legal_basis_says_when_it_was_checked_and_whether_it_is_in_force() -> None:
    assert len({basis.id for basis in LEGAL_BASES}) == len(LEGAL_BASES) == 12
    for basis in LEGAL_BASES:
        assert basis.checked_on >= date(2026, 11, 22)
        assert basis.status in STATUSES


# --- the spreadsheet


EVIL = ['=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "\t=1", "http://example.org", "007", "{=1}"]


def test_whatever_people_wrote_is_text_in_the_spreadsheet() -> None:
    pairs = [replace(SAMPLE.pairs[0], topic=text) for text in EVIL]
    saved = sheet_of(pairs)
    rows = CalamineWorkbook.from_filelike(BytesIO(saved)).get_sheet_by_index(0).to_python()
    assert rows[0] == [title for title, _ in COLUMNS]
    assert [row[7] for row in rows[1:]] == EVIL
    with zipfile.ZipFile(BytesIO(saved)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml")
        assert b"<f" not in sheet
        assert b"hyperlink" not in sheet
        assert not any("rels" in name and "worksheets" in name for name in parts.namelist())


def test_the_spreadsheet_has_a_column_for_every_field_of_a_pair() -> None:
    assert len(COLUMNS) == len(Pair.__dataclass_fields__)
