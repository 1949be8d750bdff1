"""What staff forms check, and the message ids of what they say."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from wtforms.validators import StopValidation, ValidationError

from forms.enumerations import N_

FILL_IN = N_("Fill in this field.")
CHOOSE = N_("Choose from the list.")
SHORTEN = N_("Shorten the text to %(most)s characters: it has %(length)s.")
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
EMAIL = N_("Check the e-mail: it looks like name@school.ru.")
BIRTH = N_("The date of birth is kept of pupils and students only: leave it empty.")
ROLE = N_("Choose at least one: a mentor or a mentee.")
ONE = N_("Choose one person: either a mentor or a mentee.")


class Message(str):
    """A message id with the values to put into its translation."""

    values: dict[str, object]

    def __new__(cls, text: str, **values: object) -> Message:
        message = super().__new__(cls, text)
        message.values = values
        return message


Validator = Callable[[Any, Any], None]


def given(form: object, field: Any) -> None:
    if not any(value.strip() for value in field.raw_data or ()):
        field.errors = []
        raise StopValidation(Message(FILL_IN))


def no_longer(most: int) -> Validator:
    def check(form: object, field: Any) -> None:
        if len(field.data or "") > most:
            raise ValidationError(Message(SHORTEN, most=most, length=len(field.data)))

    return check


def between(low: int, high: int) -> Validator:
    def check(form: object, field: Any) -> None:
        if field.data is not None and not low <= field.data <= high:
            raise ValidationError(Message(BETWEEN, low=low, high=high))

    return check


def matches(pattern: str, text: str, holds: Callable[[str], bool]) -> Validator:
    def check(form: object, field: Any) -> None:
        if not (re.fullmatch(pattern, field.data, re.ASCII) and holds(field.data)):
            raise ValidationError(Message(text))

    return check


def of_our_time(form: object, field: Any) -> None:
    if field.data is not None and not 2000 <= field.data.year <= 2100:
        raise ValidationError(Message(YEAR))


def inn_holds(digits: str) -> bool:
    weighed = sum(int(d) * w for d, w in zip(digits, (2, 4, 10, 3, 5, 9, 4, 6, 8), strict=False))
    return weighed % 11 % 10 == int(digits[9])


def ogrn_holds(digits: str) -> bool:
    return int(digits[:12]) % 11 % 10 == int(digits[12])


def years_follow(years: str) -> bool:
    return int(years[:4]) + 1 == int(years[5:])
