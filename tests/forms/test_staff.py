"""Forms that the developers wrote: what they take, what they refuse, and in whose words."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import pytest
from starlette.datastructures import FormData
from wtforms import BooleanField, PasswordField

from forms import accounts, checks, enumerations, people, staff
from forms.checks import Message
from forms.staff import StaffForm

EVERY_FORM = [form for form in StaffForm.__subclasses__() if form.__module__ == staff.__name__]

ORGANISATION = {
    "full_name": "Государственное бюджетное учреждение",
    "short_name": "ГБУ",
    "head_post": "Директор",
    "head_name": "Иванова И. И.",
    "school_year": "2026/2027",
    "programme_months": "9",
    "zone": "Europe/Moscow",
}


def filled(form: type[StaffForm], /, **values: str) -> Any:
    return form(FormData(list(values.items())))


def refused(form: Any) -> dict[str, list[str]]:
    assert not form.validate()
    return {name: list(errors) for name, errors in form.errors.items()}


@pytest.mark.parametrize("form", EVERY_FORM)
@pytest.mark.parametrize("typed", ["", "nonsense", "7" * 30_000, "0001-01-01T00:00", "\0\ud800 \x07"])
def test_every_error_is_a_message_of_ours(form: type[StaffForm], typed: str) -> None:
    known = {value for value in vars(checks).values() if isinstance(value, str)}
    bound = filled(form, **{field.name: typed for field in form()})
    bound.validate()
    for errors in bound.errors.values():
        for error in errors:
            assert isinstance(error, Message)
            assert error in known
            assert error % error.values
            assert set(re.findall(r"%\((\w+)\)", error)) == error.values.keys()


@pytest.mark.parametrize("form", EVERY_FORM)
def test_no_text_keeps_what_cannot_be_printed(form: type[StaffForm]) -> None:
    bound = filled(form, **{field.name: " Ёлка\0\ud800\x1b " for field in form()})
    for field in bound:
        if not isinstance(field, BooleanField):
            shown = str(field.data) + field.raw_data[0]
            shown.encode()
            assert not re.search("[\0\x1b]", shown)
        if field.type in ("StringField", "TextAreaField"):
            assert field.data == "Ёлка"


@pytest.mark.parametrize("form", EVERY_FORM)
def test_a_form_opens_empty_without_errors(form: type[StaffForm]) -> None:
    assert form().errors == {}
    assert all(field.label.text for field in form())


def test_a_password_keeps_its_spaces() -> None:
    form = filled(accounts.SignInForm, login=" Иванова ", password=" две  собаки ")
    assert form.validate()
    assert form.data == {"login": "Иванова", "password": " две  собаки ", "next": None}
    assert isinstance(form.password, PasswordField)
    assert refused(filled(accounts.SignInForm, login="Иванова")) == {"password": [checks.FILL_IN]}


def test_a_person_needs_a_name_and_little_else() -> None:
    form = filled(people.PersonForm, last_name="Ли", first_name="Анна", gender="f",
                  places="1", priority="0", is_mentee="y")  # fmt: skip
    assert form.validate(), form.errors
    assert form.data["patronymic"] == ""
    assert form.data["is_mentor"] is False
    wrong = {
        "first_name": " ",
        "gender": "x",
        "places": "1001",
        "priority": "три",
    }
    assert refused(filled(people.PersonForm, last_name="Л" * 101, **wrong)) == {
        "last_name": [checks.SHORTEN],
        "first_name": [checks.FILL_IN],
        "gender": [checks.CHOOSE],
        "is_mentor": [checks.ROLE],
        "places": [checks.BETWEEN],
        "priority": [checks.WHOLE],
    }


def test_a_newcomer_gives_a_name_and_a_post() -> None:
    assert filled(staff.Introduction, last_name="Ли", first_name="Анна", post="Методист").validate()
    assert refused(filled(staff.Introduction)).keys() == {"last_name", "first_name", "post"}


@pytest.mark.parametrize(
    ("name", "good", "bad", "message"),
    [
        ("inn", "7707083893", "7707083894", checks.INN),
        ("inn", "", "770708389", checks.INN),
        ("ogrn", "1027700132195", "1027700132196", checks.OGRN),
        ("ogrn", "", "10277001321950", checks.OGRN),
        ("school_year", "2027/2028", "2026/2028", checks.SCHOOL_YEAR),
        ("school_year", "1999/2000", "2026-2027", checks.SCHOOL_YEAR),
        ("programme_months", "3", "0", checks.BETWEEN),
        ("zone", "Asia/Omsk", "Mars/Olympus", checks.CHOOSE),
    ],
)
def test_the_organisation_card_is_checked(name: str, good: str, bad: str, message: str) -> None:
    assert filled(staff.OrganisationForm, **ORGANISATION | {name: good}).validate()
    assert refused(filled(staff.OrganisationForm, **ORGANISATION | {name: bad})) == {name: [message]}


def wave(opens_at: str, closes_at: str) -> Any:
    form = filled(
        staff.WaveForm, questionnaire_id="1", title="Октябрь", opens_at=opens_at, closes_at=closes_at
    )
    form.questionnaire_id.choices = staff.options([("1", "Анкета наставника")])
    return form


def test_a_wave_closes_after_it_opens() -> None:
    form = wave("2026-10-01T09:00", "2026-10-01T09:01")
    assert form.validate(), form.errors
    assert form.opens_at.data == datetime(2026, 10, 1, 9)
    assert refused(wave("2026-10-01T09:00", "2026-10-01T09:00")) == {"closes_at": [checks.LATER]}
    assert refused(wave("tomorrow", "9999-01-01T00:00")) == {
        "opens_at": [checks.MOMENT],
        "closes_at": [checks.YEAR],
    }


def test_some_criterion_has_to_count() -> None:
    names = [field.name for field in staff.RunForm()]
    assert len(names) == 6
    assert filled(staff.RunForm, **dict.fromkeys(names, "0") | {"wish": "1"}).validate()
    assert refused(filled(staff.RunForm, **dict.fromkeys(names, "0"))) == {"competences": [checks.WEIGHTS]}
    assert refused(filled(staff.RunForm, **dict.fromkeys(names, "11"))).keys() == set(names)


@pytest.mark.parametrize(
    ("kind", "mentor", "mentee", "error"),
    [
        ("lock", "7", "8", None),
        ("lock", "7", "", checks.BOTH),
        ("forbid", "", "8", checks.BOTH),
        ("exclude", "", "8", None),
        ("exclude", "7", "8", checks.ONE),
        ("exclude", "", "", checks.ONE),
        ("marry", "7", "8", checks.CHOOSE),
    ],
)
def test_a_decision_names_whom_it_concerns(kind: str, mentor: str, mentee: str, error: str | None) -> None:
    form = filled(staff.DecisionForm, kind=kind, mentor=mentor, mentee=mentee)
    form.mentor.choices = staff.options([("", "—"), ("7", "Анна")])
    form.mentee.choices = staff.options([("", "—"), ("8", "Борис")])
    assert form.validate() is (error is None)
    assert form.errors == ({"kind": [error]} if error else {})


def test_an_assignment_does_not_end_before_it_starts() -> None:
    form = filled(staff.AssignmentForm, form="teacher_teacher", kind="group", starts_on="2026-09-01",
                  ends_on="2026-09-01")  # fmt: skip
    assert form.validate(), form.errors
    assert form.ends_on.data == date(2026, 9, 1)
    backwards = {
        "form": "teacher_teacher",
        "kind": "group",
        "starts_on": "2026-09-01",
        "ends_on": "2026-08-31",
    }
    assert refused(filled(staff.AssignmentForm, **backwards)) == {"ends_on": [checks.NOT_EARLIER]}


def test_the_fixed_lists_have_no_repeats() -> None:
    lists = [value for value in vars(enumerations).values() if isinstance(value, tuple)]
    assert lists
    for pairs in lists:
        assert len(dict(pairs)) == len({label for _, label in pairs}) == len(pairs)
