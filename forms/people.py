"""Forms of people: their card, their place in a bank, the file that brings many of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms import BooleanField, DateField, IntegerField, SelectMultipleField
from wtforms.validators import Optional, ValidationError
from wtforms.widgets import CheckboxInput

from forms import checks
from forms.checks import Message, between, matches
from forms.enumerations import CATEGORIES, DIRECTIONS, GENDERS, N_, PARTICIPANTS
from forms.staff import StaffForm, choice_of, line_of, options, whole_of

MOST_PLACES, MOST_YEARS, OLDEST = 1000, 80, 120
LEARNERS = ("pupil", "student")
EMAIL = r"[\w.+\'-]+@[\w-]+(\.[\w-]+)+"


class ManyField(SelectMultipleField):  # type: ignore[misc]
    """Several of a list, as checkboxes."""

    option_widget = CheckboxInput()


class PersonForm(StaffForm):
    """``places`` concern a mentor, ``priority`` a mentee: 0 is served first."""

    last_name = line_of(N_("Last name"), most=100, required=True)
    first_name = line_of(N_("First name"), most=100, required=True)
    patronymic = line_of(N_("Patronymic"), most=100)
    gender = choice_of(N_("Gender"), GENDERS, "unknown")
    kind = choice_of(N_("Who this is"), PARTICIPANTS, "employee")
    post = line_of(N_("Post"))
    directions = ManyField(
        N_("Direction of programmes"),
        [Optional()],
        choices=options(DIRECTIONS),
        invalid_choice_message=Message(checks.CHOOSE),
    )
    own_directions = line_of(N_("Other directions, separated by commas"))
    category = choice_of(N_("Qualification category"), (("", N_("not stated")), *CATEGORIES), "")
    experience_years = IntegerField(
        N_("Experience, full years"),
        [Optional(), between(0, MOST_YEARS)],
        invalid_value_message=Message(checks.WHOLE),
    )
    sites = line_of(N_("Sites, separated by commas"))
    email = line_of(N_("E-mail"), matches(EMAIL, checks.EMAIL, bool))
    phone = line_of(N_("Telephone"), most=100)
    birth_date = DateField(
        N_("Date of birth"),
        [Optional()],
        description=N_("Only of pupils and students: whether the parents' consent is needed depends on it."),
        invalid_value_message=Message(checks.DAY),
    )
    is_mentor = BooleanField(N_("Mentor"))
    is_mentee = BooleanField(N_("Mentee"))
    places = whole_of(N_("How many mentees at a time"), 0, MOST_PLACES, 1)
    priority = whole_of(N_("Priority (0 is served first)"), 0, 9, 0)

    in_no_bank = False  # of somebody who is in none already

    def validate_is_mentor(self, field: Any) -> None:
        if not (field.data or self.is_mentee.data or self.in_no_bank):
            raise ValidationError(Message(checks.ROLE))

    def validate_birth_date(self, field: Any) -> None:
        if field.data and self.kind.data not in LEARNERS:
            raise ValidationError(Message(checks.BIRTH))
        if field.data and not 0 <= (date.today() - field.data).days < OLDEST * 366:
            raise ValidationError(Message(checks.DAY))

    @property
    def card(self) -> dict[str, Any]:
        """As the list keeps it."""
        card = dict(self.data)
        card["directions"] = [*(self.directions.data or ()), *_listed(card.pop("own_directions"))]
        return card | {
            "sites": _listed(card["sites"]),
            "gender": card["gender"] if card["gender"] in ("f", "m") else None,
        }

    @classmethod
    def of(cls, card: Mapping[str, Any], **more: Any) -> PersonForm:
        """What the list keeps, in the fields of the form."""
        known = dict(DIRECTIONS)
        lists = {
            "directions": [code for code in card["directions"] if code in known],
            "own_directions": ", ".join(said for said in card["directions"] if said not in known),
            "sites": ", ".join(card["sites"]),
            "gender": card["gender"] or "unknown",
        }
        return cls(data={**card, **lists, **more})


def _listed(text: str) -> list[str]:
    items = (item.strip() for item in text.replace(";", ",").split(","))
    return list(dict.fromkeys(item for item in items if item))


class MembershipForm(StaffForm):
    """What a bank knows of a person beside their answers."""

    places = whole_of(N_("How many mentees at a time"), 0, MOST_PLACES, 1)
    priority = whole_of(N_("Priority (0 is served first)"), 0, 9, 0)


class ImportForm(StaffForm):
    """A file of people; ``role`` says whose list it is, where the file does not."""

    role = choice_of(
        N_("Whose list this is"),
        (
            ("", N_("see from the headings")),
            ("mentor", N_("mentors")),
            ("mentee", N_("mentees")),
            ("nobody", N_("staff: only the cards, without a bank")),
        ),
        "",
    )
