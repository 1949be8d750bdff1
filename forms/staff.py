"""Forms that the developers wrote; their labels, choices and errors are English message ids.

A template shows an error as ``_(error) % error.values``. Choices that depend on data (people, questionnaires)
are given by the view: ``form.mentor.choices = options(…)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from wtforms import (
    DateField,
    DateTimeLocalField,
    Field,
    Form,
    IntegerField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional, ValidationError

from forms import checks
from forms.checks import Message, Validator, between, given, matches, no_longer, of_our_time
from forms.enumerations import (
    AUDIENCES,
    DECISIONS,
    FORMS,
    KINDS,
    MODES,
    N_,
    RHYTHMS,
    THRESHOLDS,
    ZONES,
)
from forms.text import MultiDict, Posted, clean, line


class StaffForm(Form):  # type: ignore[misc]
    class Meta:
        def wrap_formdata(self, form: object, formdata: MultiDict | None) -> Posted | None:
            """No control character or lone surrogate gets into any field, nor back into a page."""
            return None if formdata is None else Posted.of(formdata)


def options(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


def _trimmed(trim: Callable[[str], str]) -> Callable[[str | None], str]:
    return lambda value: trim(value or "")


def line_of(label: str, *checks: Validator, most: int = 200, required: bool = False, **more: Any) -> Field:
    presence = given if required else Optional()
    return StringField(label, [presence, no_longer(most), *checks], filters=[_trimmed(line)], **more)


def text_of(label: str, most: int, *, required: bool = False) -> Field:
    presence = given if required else Optional()
    return TextAreaField(label, [presence, no_longer(most)], filters=[_trimmed(clean)])


def whole_of(label: str, low: int, high: int, default: int) -> Field:
    return IntegerField(
        label, [given, between(low, high)], invalid_value_message=Message(checks.WHOLE), default=default
    )


def choice_of(label: str, choices: Iterable[tuple[str, str]] = (), default: str | None = None) -> Field:
    return SelectField(
        label, choices=options(choices), default=default, invalid_choice_message=Message(checks.CHOOSE)
    )


def _moment(label: str) -> Field:
    return DateTimeLocalField(
        label, [given, of_our_time], format="%Y-%m-%dT%H:%M", invalid_value_message=Message(checks.MOMENT)
    )


def day_of(label: str) -> Field:
    return DateField(label, [given, of_our_time], invalid_value_message=Message(checks.DAY))


class Introduction(StaffForm):
    last_name = line_of(N_("Last name"), most=100, required=True)
    first_name = line_of(N_("First name"), most=100, required=True)
    patronymic = line_of(N_("Patronymic"), most=100)
    post = line_of(N_("Post"), required=True)


class OrganisationForm(StaffForm):
    full_name = line_of(N_("Full name"), most=500, required=True)
    short_name = line_of(N_("Short name"), required=True)
    founder_line = line_of(N_("Founder (the line above the name)"), most=500)
    place = line_of(N_("Place of issue"))
    address = line_of(N_("Address"), most=500)
    inn = line_of(N_("INN"), matches(r"\d{10}", checks.INN, checks.inn_holds))
    ogrn = line_of(N_("OGRN"), matches(r"\d{13}", checks.OGRN, checks.ogrn_holds))
    head_post = line_of(N_("Post of the head"), required=True)
    head_name = line_of(N_("Name of the head"), required=True)
    school_year = line_of(
        N_("School year"), matches(r"\d{4}/\d{4}", checks.SCHOOL_YEAR, checks.years_follow), required=True
    )
    programme_months = whole_of(N_("Length of a programme in months"), 1, 36, 9)
    zone = choice_of(N_("Time zone"), ZONES, "Europe/Moscow")


class AskingForm(StaffForm):
    """Whom a questionnaire asks and how; ``mode`` and ``threshold`` are for good. Those of a bank ask their bank."""

    questionnaire_id = choice_of(N_("Questionnaire"))
    title = line_of(N_("Title"), required=True)
    mode = choice_of(N_("Mode"), MODES, "named")
    threshold = choice_of(N_("Fewest people shown together (anonymous)"), THRESHOLDS, "5")
    audience = choice_of(N_("Who is asked (surveys)"), AUDIENCES, "everybody")


class WaveForm(AskingForm):
    """Moments are local to the organisation's zone, without a zone of their own."""

    opens_at = _moment(N_("Opens"))
    closes_at = _moment(N_("Closes"))

    def validate_closes_at(self, field: Any) -> None:
        if self.opens_at.data and field.data and field.data <= self.opens_at.data:
            raise ValidationError(Message(checks.LATER))


class SeriesForm(AskingForm):
    """Waves that open by themselves."""

    rhythm = choice_of(N_("How often"), RHYTHMS, "monthly")
    starts_on = day_of(N_("First day"))
    days = whole_of(N_("Open for how many days"), 1, 366, 7)


class EndForm(StaffForm):
    """Until when a wave is open, local to the organisation's zone."""

    closes_at = _moment(N_("Closes"))


class RunForm(StaffForm):
    """How much each criterion counts, from 0 (does not) to 10."""

    competences = whole_of(N_("Competences meet the needs"), 0, 10, 10)
    direction = whole_of(N_("Same direction"), 0, 10, 5)
    slots = whole_of(N_("Common time"), 0, 10, 4)
    site_and_format = whole_of(N_("Common site and way of meeting"), 0, 10, 3)
    wish = whole_of(N_("The mentee's wishes"), 0, 10, 6)
    experience = whole_of(N_("The mentor's experience"), 0, 10, 2)

    def validate_competences(self, field: Any) -> None:
        if all(weight.data == 0 for weight in self):
            raise ValidationError(Message(checks.WEIGHTS))


class DecisionForm(StaffForm):
    """Keeping and forbidding concern a pair, leaving out one person. ``""`` is nobody."""

    kind = choice_of(N_("Decision"), DECISIONS)
    mentor = choice_of(N_("Mentor"))
    mentee = choice_of(N_("Mentee"))
    reason = line_of(N_("Reason"), most=500)

    def validate_kind(self, field: Any) -> None:
        named = [person.data for person in (self.mentor, self.mentee) if person.data]
        if field.data == "exclude" and len(named) != 1:
            raise ValidationError(Message(checks.ONE))
        if field.data in ("lock", "forbid") and len(named) != 2:
            raise ValidationError(Message(checks.BOTH))


class AssignmentForm(StaffForm):
    form = choice_of(N_("Form of mentoring"), FORMS, "teacher_teacher")
    kind = choice_of(N_("Kind of mentoring"), KINDS, "traditional")
    topic = line_of(N_("Topic of the programme"), most=500)
    starts_on = day_of(N_("From"))
    ends_on = day_of(N_("To"))

    def validate_ends_on(self, field: Any) -> None:
        starts_on: date | None = self.starts_on.data
        if starts_on and field.data and field.data < starts_on:
            raise ValidationError(Message(checks.NOT_EARLIER))
