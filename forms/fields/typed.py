"""Answers that are typed: texts, addresses, numbers, days and times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal as Exact
from typing import Any

from forms.definition import Kind, Question
from forms.fields.asked import ANSWERED, Asked
from forms.messages import Problem
from forms.text import clean, line

_WHOLE = re.compile(r"[+-]?[0-9]{1,10}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,12}([.,][0-9]{1,6})?")
_ADDRESS = re.compile(r"[^\s@,;:<>()\"]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]")
_SPACES = re.compile(r"[\s().\-‐-—−]+")
_BROWSER_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_WRITTEN_DAY = re.compile(r"([0-9]{1,2})[./]([0-9]{1,2})[./]([0-9]{4})(?: ?г\.?)?")
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.]([0-5][0-9])(?::[0-5][0-9](?:\.[0-9]+)?)?")
EARLIEST, LATEST = 1900, 2100


class Long(Asked):
    takes = ANSWERED | {"max"}
    bounds = (1, 20_000)
    silent = {"max": 3_000}  # noqa: RUF012

    def process_formdata(self, values: list[str]) -> None:
        self.data = clean(self.value)

    def faults(self) -> Iterator[Problem]:
        if self.question.max is not None and len(self.data) > self.question.max:
            yield self.problem("too_long", most=int(self.question.max), length=len(self.data))


class Short(Long):
    bounds = (1, 1_000)
    silent = {"max": 200}  # noqa: RUF012

    def process_formdata(self, values: list[str]) -> None:
        self.data = line(self.value)


class Email(Asked):
    def process_formdata(self, values: list[str]) -> None:
        local, at, domain = line(self.value).removeprefix("mailto:").rpartition("@")
        address = local + at + domain.lower()
        proper = len(address) <= 254 and _ADDRESS.fullmatch(address) and ".." not in f".{local}."
        self.data = address if proper else None

    def faults(self) -> Iterator[Problem]:
        if self.data is None:
            yield self.problem("not_an_email")


class Phone(Asked):
    """Kept as «+79123456789», shown as «+7 912 345-67-89»; other countries begin with a plus."""

    def process_formdata(self, values: list[str]) -> None:
        self.data = _phone(_SPACES.sub("", self.value))

    @classmethod
    def inputs(cls, question: Question, answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield from ((name, _spaced(value)) for name, value in super().inputs(question, answers))

    @classmethod
    def words(cls, question: Question, answers: Mapping[str, Any]) -> str:
        return _spaced(str(answers.get(question.key) or ""))

    def faults(self) -> Iterator[Problem]:
        if self.data is None:
            yield self.problem("not_a_phone")


def _phone(digits: str) -> str | None:
    if found := re.fullmatch(r"(?:\+?7|8)?([3489][0-9]{9})", digits):
        return f"+7{found[1]}"
    return digits if re.fullmatch(r"\+(?!7)[1-9][0-9]{7,14}|\+7[67][0-9]{9}", digits) else None


def _spaced(phone: str) -> str:
    return re.sub(r"\+7(\d{3})(\d{3})(\d\d)(\d\d)", r"+7 \1 \2-\3-\4", phone)


class Number(Asked):
    """``unit`` stands beside the input and after the number."""

    takes = ANSWERED | {"min", "max", "unit"}
    mistake: str

    @classmethod
    def words(cls, question: Question, answers: Mapping[str, Any]) -> str:
        answer = answers.get(question.key)
        return "" if answer is None else f"{_written(answer)} {question.unit}".rstrip()

    @property
    def digits(self) -> str:
        return "".join(self.value.split()).replace("−", "-")  # «1 000», and the minus that phones type

    def faults(self) -> Iterator[Problem]:
        low, high = self.question.min, self.question.max
        if self.data is None:
            yield self.problem(self.mistake, unit=self.question.unit, example=_written(_example(low, high)))
        elif (low is not None and self.data < low) or (high is not None and self.data > high):
            yield self.problem("out_of_range", low=_written(low), high=_written(high))


class Integer(Number):
    bounds = (-(10**9), 10**9)
    mistake = "not_whole"

    def process_formdata(self, values: list[str]) -> None:
        self.data = int(self.digits) if _WHOLE.fullmatch(self.digits) else None


class Decimal(Number):
    """With a comma or a point; up to six places."""

    bounds = (-(10**12), 10**12)
    mistake = "not_a_number"

    def process_formdata(self, values: list[str]) -> None:
        read = float(self.digits.replace(",", ".")) if _DECIMAL.fullmatch(self.digits) else None
        self.data = int(read) if read is not None and read.is_integer() else read

    @classmethod
    def inputs(cls, question: Question, answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        answer = answers.get(question.key)
        if isinstance(answer, str) or type(answer) in (int, float):
            yield question.key, str(_written(answer))


def _written(number: Any) -> Any:
    """As people write it: 0,000001 and not 1e-06."""
    return format(Exact(repr(number)), "f").replace(".", ",") if isinstance(number, float) else number


def _example(low: float | None, high: float | None) -> float:
    """Seven, or what is nearest to it in the range."""
    example = 7 if high is None else min(7, high)
    return example if low is None else max(example, low)


class Native(Asked):
    """``control`` is the type of the input: what a browser's own cannot hold comes back in one for text."""

    own: str

    @property
    def control(self) -> str:
        return "text" if self.answered and self.data is None else self.own

    @property
    def value(self) -> str:
        return self.data or super().value


class Day(Native):
    own = "date"

    def process_formdata(self, values: list[str]) -> None:
        typed = line(self.value)
        if found := _BROWSER_DAY.fullmatch(typed):
            self.data = _day(found[1], found[2], found[3])
        else:
            found = _WRITTEN_DAY.fullmatch(typed)
            self.data = _day(found[3], found[2], found[1]) if found else None

    @classmethod
    def words(cls, question: Question, answers: Mapping[str, Any]) -> str:
        return ".".join(reversed(str(answers.get(question.key) or "").split("-")))

    def faults(self) -> Iterator[Problem]:
        if self.data is None:
            yield self.problem("not_a_date")


def _day(year: str, month: str, day: str) -> str | None:
    try:
        read = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return read.isoformat() if EARLIEST <= read.year <= LATEST else None


class Time(Native):
    own = "time"

    def process_formdata(self, values: list[str]) -> None:
        found = _TIME.fullmatch(line(self.value))
        self.data = f"{int(found[1]):02}:{found[2]}" if found else None

    def faults(self) -> Iterator[Problem]:
        if self.data is None:
            yield self.problem("not_a_time")


FIELDS: dict[Kind, type[Asked]] = {
    Kind.SHORT: Short,
    Kind.LONG: Long,
    Kind.EMAIL: Email,
    Kind.PHONE: Phone,
    Kind.INTEGER: Integer,
    Kind.DECIMAL: Decimal,
    Kind.DATE: Day,
    Kind.TIME: Time,
}
