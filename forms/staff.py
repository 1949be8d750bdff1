"""Forms that the developers wrote; their labels, choices and errors are English message ids.

A template shows an error as ``_(error) % error.values``. Choices that depend on data (people, questionnaires)
are given by the view: ``form.mentor.choices = options(…)``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    Field,
    Form,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional, StopValidation, ValidationError

from forms.enumerations import DECISIONS, FORMS, GENDERS, KINDS, N_, ZONES
from forms.text import MultiDict, Posted, clean, line

FILL_IN = N_("Fill in this field.")
CHOOSE = N_("Choose from the list.")
SHORTEN = N_("Shorten the text to %(most)s characters: it has %(length)s.")
LENGTHEN = N_("Use %(least)s characters or more.")
WHOLE = N_("Enter a whole number, for example 3.")
BETWEEN = N_("Enter a number from %(low)s to %(high)s.")
DAY = N_("Enter a date, for example 01.09.2026.")
MOMENT = N_("Enter a date and time, for example 01.09.2026, 09:00.")
YEAR = N_("Enter a year from 2000 to 2100.")
LATER = N_("Choose a moment later than the beginning.")
NOT_EARLIER = N_("Choose a day not earlier than the beginning.")
SCHOOL_YEAR = N_("Enter the school year like 2026/2027.")
INN = N_("Check the INN: it has 10 digits, and the last one follows from the others.")
OGRN = N_("Check the OGRN: it has 13 digits, and the last one follows from the others.")
WEIGHTS = N_("Give at least one criterion a weight above zero.")
BOTH = N_("Choose both the mentor and the mentee.")
ONE = N_("Choose one person: either a mentor or a mentee.")


class Message(str):
    """A message id with the values to put into its translation."""

    values: dict[str, object]

    def __new__(cls, text: str, **values: object) -> Message:
        message = super().__new__(cls, text)
        message.values = values
        return message


Validator = Callable[[Any, Any], None]


class StaffForm(Form):  # type: ignore[misc]
    class Meta:
        def wrap_formdata(self, form: object, formdata: MultiDict | None) -> Posted | None:
            """No control character or lone surrogate gets into any field, nor back into a page."""
            return None if formdata is None else Posted.of(formdata)


def options(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


def _given(form: object, field: Any) -> None:
    if not any(value.strip() for value in field.raw_data or ()):
        field.errors = []
        raise StopValidation(Message(FILL_IN))


def _no_longer(most: int) -> Validator:
    def check(form: object, field: Any) -> None:
        if len(field.data or "") > most:
            raise ValidationError(Message(SHORTEN, most=most, length=len(field.data)))

    return check


def _no_shorter(least: int) -> Validator:
    def check(form: object, field: Any) -> None:
        if len(field.data or "") < least:
            raise ValidationError(Message(LENGTHEN, least=least))

    return check


def _between(low: int, high: int) -> Validator:
    def check(form: object, field: Any) -> None:
        if field.data is not None and not low <= field.data <= high:
            raise ValidationError(Message(BETWEEN, low=low, high=high))

    return check


def _matches(pattern: str, text: str, holds: Callable[[str], bool]) -> Validator:
    def check(form: object, field: Any) -> None:
        if not (re.fullmatch(pattern, field.data, re.ASCII) and holds(field.data)):
            raise ValidationError(Message(text))

    return check


def _of_our_time(form: object, field: Any) -> None:
    if field.data is not None and not 2000 <= field.data.year <= 2100:
        raise ValidationError(Message(YEAR))


def _trimmed(trim: Callable[[str], str]) -> Callable[[str | None], str]:
    return lambda value: trim(value or "")


def _line(label: str, *checks: Validator, most: int = 200, required: bool = False) -> Field:
    presence = _given if required else Optional()
    return StringField(label, [presence, _no_longer(most), *checks], filters=[_trimmed(line)])


def _text(label: str, most: int, *, required: bool = False) -> Field:
    presence = _given if required else Optional()
    return TextAreaField(label, [presence, _no_longer(most)], filters=[_trimmed(clean)])


def _whole(label: str, low: int, high: int, default: int) -> Field:
    return IntegerField(
        label, [_given, _between(low, high)], invalid_value_message=Message(WHOLE), default=default
    )


def _choice(label: str, choices: Iterable[tuple[str, str]] = (), default: str | None = None) -> Field:
    return SelectField(
        label, choices=options(choices), default=default, invalid_choice_message=Message(CHOOSE)
    )


def _moment(label: str) -> Field:
    return DateTimeLocalField(
        label, [_given, _of_our_time], format="%Y-%m-%dT%H:%M", invalid_value_message=Message(MOMENT)
    )


def _day(label: str) -> Field:
    return DateField(label, [_given, _of_our_time], invalid_value_message=Message(DAY))


def _inn_holds(digits: str) -> bool:
    weighed = sum(int(d) * w for d, w in zip(digits, (2, 4, 10, 3, 5, 9, 4, 6, 8), strict=False))
    return weighed % 11 % 10 == int(digits[9])


def _ogrn_holds(digits: str) -> bool:
    return int(digits[:12]) % 11 % 10 == int(digits[12])


def _years_follow(years: str) -> bool:
    return int(years[:4]) + 1 == int(years[5:])


class SignInForm(StaffForm):
    """The password is taken as typed: spaces belong to it. ``next`` is where to go afterwards."""

    login = _line(N_("Login"), required=True)
    password = PasswordField(N_("Password"), [_given, _no_longer(1_000)])
    next = HiddenField(filters=[_trimmed(line)])


class PasswordForm(StaffForm):
    old = PasswordField(N_("Present password"), [_given, _no_longer(1_000)])
    new = PasswordField(
        N_("New password, 10 characters or more"), [_given, _no_shorter(10), _no_longer(1_000)]
    )


class Introduction(StaffForm):
    last_name = _line(N_("Last name"), most=100, required=True)
    first_name = _line(N_("First name"), most=100, required=True)
    patronymic = _line(N_("Patronymic"), most=100)
    post = _line(N_("Post"), required=True)
    contact = _line(N_("Telephone or e-mail"))


class PersonForm(StaffForm):
    """``places`` concern a mentor, ``priority`` a mentee: 0 is served first."""

    last_name = _line(N_("Last name"), most=100, required=True)
    first_name = _line(N_("First name"), most=100, required=True)
    patronymic = _line(N_("Patronymic"), most=100)
    gender = _choice(N_("Gender"), GENDERS, "unknown")
    post = _line(N_("Post"))
    contact = _line(N_("Telephone or e-mail"))
    is_mentor = BooleanField(N_("Mentor"))
    is_mentee = BooleanField(N_("Mentee"))
    places = _whole(N_("How many mentees at a time"), 0, 10, 1)
    priority = _whole(N_("Priority (0 is served first)"), 0, 9, 0)


class OrganisationForm(StaffForm):
    full_name = _line(N_("Full name"), most=500, required=True)
    short_name = _line(N_("Short name"), required=True)
    founder_line = _line(N_("Founder (the line above the name)"), most=500)
    place = _line(N_("Place of issue"))
    address = _line(N_("Address"), most=500)
    inn = _line(N_("INN"), _matches(r"\d{10}", INN, _inn_holds))
    ogrn = _line(N_("OGRN"), _matches(r"\d{13}", OGRN, _ogrn_holds))
    head_post = _line(N_("Post of the head"), required=True)
    head_name = _line(N_("Name of the head"), required=True)
    school_year = _line(
        N_("School year"), _matches(r"\d{4}/\d{4}", SCHOOL_YEAR, _years_follow), required=True
    )
    programme_months = _whole(N_("Length of a programme in months"), 1, 36, 9)
    zone = _choice(N_("Time zone"), ZONES, "Europe/Moscow")


class WaveForm(StaffForm):
    """Moments are local to the organisation's zone, without a zone of their own."""

    questionnaire_id = _choice(N_("Questionnaire"))
    title = _line(N_("Title"), required=True)
    opens_at = _moment(N_("Opens"))
    closes_at = _moment(N_("Closes"))

    def validate_closes_at(self, field: Any) -> None:
        if self.opens_at.data and field.data and field.data <= self.opens_at.data:
            raise ValidationError(Message(LATER))


class EndForm(StaffForm):
    """Until when a wave is open, local to the organisation's zone."""

    closes_at = _moment(N_("Closes"))


class ConsentTextForm(StaffForm):
    title = _line(N_("Title"), most=300, required=True)
    body = _text(N_("Text; an empty line begins a paragraph"), 20_000, required=True)
    checked_on = DateField(
        N_("Checked by a lawyer on"), [Optional(), _of_our_time], invalid_value_message=Message(DAY)
    )


class RunForm(StaffForm):
    """How much each criterion counts, from 0 (does not) to 10."""

    competences = _whole(N_("Competences meet the needs"), 0, 10, 10)
    direction = _whole(N_("Same direction"), 0, 10, 5)
    slots = _whole(N_("Common time"), 0, 10, 4)
    site_and_format = _whole(N_("Common site and way of meeting"), 0, 10, 3)
    wish = _whole(N_("The mentee's wishes"), 0, 10, 6)
    experience = _whole(N_("The mentor's experience"), 0, 10, 2)

    def validate_competences(self, field: Any) -> None:
        if all(weight.data == 0 for weight in self):
            raise ValidationError(Message(WEIGHTS))


class DecisionForm(StaffForm):
    """Keeping and forbidding concern a pair, leaving out one person. ``""`` is nobody."""

    kind = _choice(N_("Decision"), DECISIONS)
    mentor = _choice(N_("Mentor"))
    mentee = _choice(N_("Mentee"))
    reason = _line(N_("Reason"), most=500)

    def validate_kind(self, field: Any) -> None:
        named = [person.data for person in (self.mentor, self.mentee) if person.data]
        if field.data == "exclude" and len(named) != 1:
            raise ValidationError(Message(ONE))
        if field.data in ("lock", "forbid") and len(named) != 2:
            raise ValidationError(Message(BOTH))


class AssignmentForm(StaffForm):
    form = _choice(N_("Form of mentoring"), FORMS, "teacher_teacher")
    kind = _choice(N_("Kind of mentoring"), KINDS, "traditional")
    topic = _line(N_("Topic of the programme"), most=500)
    starts_on = _day(N_("From"))
    ends_on = _day(N_("To"))

    def validate_ends_on(self, field: Any) -> None:
        starts_on: date | None = self.starts_on.data
        if starts_on and field.data and field.data < starts_on:
            raise ValidationError(Message(NOT_EARLIER))


class OrderForm(StaffForm):
    heading = _line(N_("Heading"), most=500, required=True)
    preamble = _text(N_("Preamble"), 5_000, required=True)
    items = _text(N_("Items, one a paragraph"), 20_000, required=True)
    control = _text(N_("Control of execution"), 1_000)
