"""Forms that the developers wrote; their labels, choices and errors are English message ids.

A template shows an error as ``_(error) % error.values``. Choices that depend on data (people, questionnaires)
are given by the view: ``form.mentor.choices = options(…)``.
"""

from __future__ import annotations

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
from wtforms.validators import Optional, ValidationError

from forms import checks
from forms.checks import Message, Validator, between, given, matches, no_longer, no_shorter, of_our_time
from forms.enumerations import (
    AUDIENCES,
    DECISIONS,
    FORMS,
    GENDERS,
    KINDS,
    MODES,
    N_,
    RHYTHMS,
    THRESHOLDS,
    ZONES,
)
from forms.text import MultiDict, Posted, clean, line

MOST_PLACES = 1000


class StaffForm(Form):  # type: ignore[misc]
    class Meta:
        def wrap_formdata(self, form: object, formdata: MultiDict | None) -> Posted | None:
            """No control character or lone surrogate gets into any field, nor back into a page."""
            return None if formdata is None else Posted.of(formdata)


def options(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


def _trimmed(trim: Callable[[str], str]) -> Callable[[str | None], str]:
    return lambda value: trim(value or "")


def _line(label: str, *checks: Validator, most: int = 200, required: bool = False) -> Field:
    presence = given if required else Optional()
    return StringField(label, [presence, no_longer(most), *checks], filters=[_trimmed(line)])


def _text(label: str, most: int, *, required: bool = False) -> Field:
    presence = given if required else Optional()
    return TextAreaField(label, [presence, no_longer(most)], filters=[_trimmed(clean)])


def _whole(label: str, low: int, high: int, default: int) -> Field:
    return IntegerField(
        label, [given, between(low, high)], invalid_value_message=Message(checks.WHOLE), default=default
    )


def _choice(label: str, choices: Iterable[tuple[str, str]] = (), default: str | None = None) -> Field:
    return SelectField(
        label, choices=options(choices), default=default, invalid_choice_message=Message(checks.CHOOSE)
    )


def _moment(label: str) -> Field:
    return DateTimeLocalField(
        label, [given, of_our_time], format="%Y-%m-%dT%H:%M", invalid_value_message=Message(checks.MOMENT)
    )


def _day(label: str) -> Field:
    return DateField(label, [given, of_our_time], invalid_value_message=Message(checks.DAY))


class SignInForm(StaffForm):
    """The password is taken as typed: spaces belong to it. ``next`` is where to go afterwards."""

    login = StringField(
        N_("Login"), [given, no_longer(200)], filters=[_trimmed(line)], render_kw={"autocomplete": "username"}
    )
    password = PasswordField(
        N_("Password"), [given, no_longer(1_000)], render_kw={"autocomplete": "current-password"}
    )
    next = HiddenField(filters=[_trimmed(line)])


class PasswordForm(StaffForm):
    old = PasswordField(N_("Present password"), [given, no_longer(1_000)])
    new = PasswordField(N_("New password, 10 characters or more"), [given, no_shorter(10), no_longer(1_000)])


class Introduction(StaffForm):
    last_name = _line(N_("Last name"), most=100, required=True)
    first_name = _line(N_("First name"), most=100, required=True)
    patronymic = _line(N_("Patronymic"), most=100)
    post = _line(N_("Post"), required=True)


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
    places = _whole(N_("How many mentees at a time"), 0, MOST_PLACES, 1)
    priority = _whole(N_("Priority (0 is served first)"), 0, 9, 0)

    def validate_is_mentor(self, field: Any) -> None:
        if not (field.data or self.is_mentee.data):
            raise ValidationError(Message(checks.ROLE))


class MembershipForm(StaffForm):
    """What a bank knows of a person beside their answers."""

    places = _whole(N_("How many mentees at a time"), 0, MOST_PLACES, 1)
    priority = _whole(N_("Priority (0 is served first)"), 0, 9, 0)


class OrganisationForm(StaffForm):
    full_name = _line(N_("Full name"), most=500, required=True)
    short_name = _line(N_("Short name"), required=True)
    founder_line = _line(N_("Founder (the line above the name)"), most=500)
    place = _line(N_("Place of issue"))
    address = _line(N_("Address"), most=500)
    inn = _line(N_("INN"), matches(r"\d{10}", checks.INN, checks.inn_holds))
    ogrn = _line(N_("OGRN"), matches(r"\d{13}", checks.OGRN, checks.ogrn_holds))
    head_post = _line(N_("Post of the head"), required=True)
    head_name = _line(N_("Name of the head"), required=True)
    school_year = _line(
        N_("School year"), matches(r"\d{4}/\d{4}", checks.SCHOOL_YEAR, checks.years_follow), required=True
    )
    programme_months = _whole(N_("Length of a programme in months"), 1, 36, 9)
    zone = _choice(N_("Time zone"), ZONES, "Europe/Moscow")


class AskingForm(StaffForm):
    """Whom a questionnaire asks and how; ``mode`` and ``threshold`` are for good. Those of a bank ask their bank."""

    questionnaire_id = _choice(N_("Questionnaire"))
    title = _line(N_("Title"), required=True)
    mode = _choice(N_("Mode"), MODES, "named")
    threshold = _choice(N_("Fewest people shown together (anonymous)"), THRESHOLDS, "5")
    audience = _choice(N_("Who is asked (surveys)"), AUDIENCES, "everybody")


class WaveForm(AskingForm):
    """Moments are local to the organisation's zone, without a zone of their own."""

    opens_at = _moment(N_("Opens"))
    closes_at = _moment(N_("Closes"))

    def validate_closes_at(self, field: Any) -> None:
        if self.opens_at.data and field.data and field.data <= self.opens_at.data:
            raise ValidationError(Message(checks.LATER))


class SeriesForm(AskingForm):
    """Waves that open by themselves."""

    rhythm = _choice(N_("How often"), RHYTHMS, "monthly")
    starts_on = _day(N_("First day"))
    days = _whole(N_("Open for how many days"), 1, 366, 7)


class EndForm(StaffForm):
    """Until when a wave is open, local to the organisation's zone."""

    closes_at = _moment(N_("Closes"))


class ConsentTextForm(StaffForm):
    title = _line(N_("Title"), most=300, required=True)
    body = _text(N_("Text; an empty line begins a paragraph"), 20_000, required=True)
    checked_on = DateField(
        N_("Checked by a lawyer on"), [Optional(), of_our_time], invalid_value_message=Message(checks.DAY)
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
            raise ValidationError(Message(checks.WEIGHTS))


class DecisionForm(StaffForm):
    """Keeping and forbidding concern a pair, leaving out one person. ``""`` is nobody."""

    kind = _choice(N_("Decision"), DECISIONS)
    mentor = _choice(N_("Mentor"))
    mentee = _choice(N_("Mentee"))
    reason = _line(N_("Reason"), most=500)

    def validate_kind(self, field: Any) -> None:
        named = [person.data for person in (self.mentor, self.mentee) if person.data]
        if field.data == "exclude" and len(named) != 1:
            raise ValidationError(Message(checks.ONE))
        if field.data in ("lock", "forbid") and len(named) != 2:
            raise ValidationError(Message(checks.BOTH))


class AssignmentForm(StaffForm):
    form = _choice(N_("Form of mentoring"), FORMS, "teacher_teacher")
    kind = _choice(N_("Kind of mentoring"), KINDS, "traditional")
    topic = _line(N_("Topic of the programme"), most=500)
    starts_on = _day(N_("From"))
    ends_on = _day(N_("To"))

    def validate_ends_on(self, field: Any) -> None:
        starts_on: date | None = self.starts_on.data
        if starts_on and field.data and field.data < starts_on:
            raise ValidationError(Message(checks.NOT_EARLIER))
