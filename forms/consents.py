"""Staff forms about consents, other grounds, requests and terms; and what a guardian says of themselves."""

from __future__ import annotations

from wtforms import BooleanField, DateField, Field, FileField, IntegerField
from wtforms.validators import Optional, ValidationError

from forms import checks
from forms.checks import Message, between, given, of_our_time
from forms.enumerations import N_
from forms.staff import StaffForm, choice_of, line_of, text_of

PAPER_STATES = (
    ("given", N_("given")),
    ("refused", N_("refused")),
    ("withdrawn", N_("withdrawn by the person")),
)
ASKED = (
    ("no", N_("not shown by link")),
    ("optional", N_("shown by link; answering it is voluntary")),
    ("needed", N_("shown by link; matching needs it")),
)
GROUNDS = (
    ("labour_law", N_("labour law and local acts of the employer")),
    ("contract", N_("a contract with the person")),
    ("law", N_("a duty by law")),
)


WHOSE = N_("Choose a person, a wave, or both.")


def months_of(label: str) -> Field:
    return IntegerField(label, [Optional(), between(1, 600)], invalid_value_message=Message(checks.WHOLE))


def past_day(label: str) -> Field:
    return DateField(label, [Optional(), of_our_time], invalid_value_message=Message(checks.DAY))


class GuardianForm(StaffForm):
    name = line_of(N_("Surname, name and patronymic of the parent or guardian"), required=True)
    relation = line_of(N_("Who you are to the child: mother, father, guardian"), most=100, required=True)


class ConsentTextForm(StaffForm):
    """The document clause by clause."""

    title = line_of(N_("Title"), most=300, required=True)
    opening = text_of(N_("Opening"), 3000)
    operator = text_of(N_("Operator: name, address, INN, OGRN"), 2000, required=True)
    purpose = text_of(N_("Purpose: one document, one purpose"), 3000, required=True)
    facts = text_of(N_("Data"), 5000, required=True)
    actions = text_of(N_("Actions"), 5000, required=True)
    categories = text_of(N_("Categories to be allowed one by one, each on a line"), 3000)
    resources = text_of(N_("Addresses of the sites, each on a line"), 3000)
    term = text_of(N_("Term in words"), 1000, required=True)
    withdrawal = text_of(N_("How to withdraw it"), 2000, required=True)
    further = text_of(N_("Further clauses; an empty line begins the next one"), 5000)
    months = months_of(N_("Term in months, if it ends by itself"))
    checked_on = past_day(N_("Checked by a lawyer on"))


class PaperForm(StaffForm):
    """A signed paper that the curator holds. Name and relation are the guardian's."""

    kind = choice_of(N_("Document"), default="processing")
    state = choice_of(N_("What the paper says"), PAPER_STATES, "given")
    signed_on = past_day(N_("Date on the paper"))
    name = line_of(N_("Parent or guardian, if they have signed"))
    relation = line_of(N_("Who this is to the child"), most=100)
    scan = FileField(N_("Scan: PDF, JPEG or PNG, up to 5 MB"), [Optional()])


class AskingForm(StaffForm):
    asked = choice_of(N_("Who comes by a link"), ASKED)


class GroundForm(StaffForm):
    kind = choice_of(N_("Ground"), GROUNDS)
    citation = line_of(N_("Act and article, as they are to be cited"), most=500, required=True)
    person = choice_of(N_("Person"))
    wave = choice_of(N_("Wave"))

    def validate_wave(self, field: Field) -> None:
        if not (field.data or self.person.data):
            raise ValidationError(Message(WHOSE))


class RetentionForm(StaffForm):
    participation = months_of(N_("Data of participants: months after they last took part"))
    records = months_of(N_("Records of requests and destruction: months"))


class DestroyForm(StaffForm):
    reason = line_of(N_("Reason, as it will stand in the act"), most=300, required=True)
    sure = BooleanField(N_("I have read what will be destroyed"), [given])
