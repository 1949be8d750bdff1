"""What the values of expressions are (XPath 1.0: texts, numbers, truths) and what may be done with them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

Value: TypeAlias = str | float | bool

_NUMBER = re.compile(r"\s*-?(\d+(\.\d*)?|\.\d+)\s*", re.ASCII)
_DAY = re.compile(r"\s*(\d{4}-\d\d-\d\d)", re.ASCII)
_MOMENT = re.compile(r"\s*(\d\d?):(\d\d)", re.ASCII)
_EPOCH = date(1970, 1, 1).toordinal()


def number(value: Value) -> float:
    """Dates count the days since 1970, times are parts of a day; other texts and no answer are not a number."""
    if not isinstance(value, str):
        return float(value)
    if _NUMBER.fullmatch(value):
        return float(value)
    if found := _DAY.match(value):
        return _days(found[1])
    if found := _MOMENT.match(value):
        return (int(found[1]) + int(found[2]) / 60) / 24
    return math.nan


def _days(text: str) -> float:
    try:
        return float(date.fromisoformat(text).toordinal() - _EPOCH)
    except ValueError:
        return math.nan


def string(value: Value) -> str:
    """What is not a number is no text either, as in ODK's engine and unlike XPath."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if math.isfinite(value):
        return str(int(value)) if value == int(value) else repr(value)
    return "" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def truth(value: Value) -> bool:
    return bool(value) and value == value  # NaN is false, and is the only thing unlike itself


def equal(left: Value, right: Value) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return truth(left) == truth(right)
    if isinstance(left, str) and isinstance(right, str):
        return left == right
    return number(left) == number(right)


def divide(left: Value, right: Value) -> float:
    over, under = number(left), number(right)
    if under:
        return over / under
    return math.nan if not over or math.isnan(over) else math.copysign(math.inf, over)


def remainder(left: Value, right: Value) -> float:
    """With the sign of the left, as in XPath."""
    over, under = number(left), number(right)
    return math.fmod(over, under) if under and math.isfinite(over) else math.nan


def rounded(value: Value, places: Value = 0.0) -> float:
    exact, digits = number(value), number(places)
    if not (math.isfinite(exact) and abs(digits) < 15):
        return exact
    scale = 10.0 ** int(digits)
    if not math.isfinite(exact * scale):
        return exact
    return math.floor(exact * scale + 0.5) / scale


def whole(value: Value) -> float:
    exact = number(value)
    return float(math.trunc(exact)) if math.isfinite(exact) else exact


def power(value: Value, exponent: Value) -> float:
    try:
        return math.pow(number(value), number(exponent))
    except (OverflowError, ValueError):
        return math.nan


def day(value: Value) -> str:
    """A date as text, of a number of days or of a text that begins with a date."""
    days = number(value)
    if not (math.isfinite(days) and 1 <= days + _EPOCH <= date.max.toordinal()):
        return ""
    return (date(1970, 1, 1) + timedelta(days=math.floor(days))).isoformat()


@lru_cache(maxsize=500)
def pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.ASCII)


def matches(value: Value, expression: Value) -> bool:
    """The whole text, as ODK's documentation says and Java does; its browser engine looks for a part."""
    return pattern(string(expression)).fullmatch(string(value)) is not None


def _selected(value: Value, code: Value) -> bool:
    """No code is what an empty answer has."""
    return string(code).strip() in (string(value).split() or [""])


def _at(value: Value, place: Value) -> str:
    codes, n = string(value).split(), number(place)
    return codes[int(n)] if 0 <= n < len(codes) else ""


def _part(value: Value, start: Value, end: Value = math.inf) -> str:
    text = string(value)
    low, high = (
        len(text) if math.isinf(n) else max(0, int(n)) if n == n else 0 for n in map(number, (start, end))
    )
    return text[low:high]


def _extreme(choose: Callable[[list[float]], float]) -> Callable[..., float]:
    def among(*values: Value) -> float:
        numbers = [number(value) for value in values]
        return math.nan if any(map(math.isnan, numbers)) else choose(numbers)

    return among


class Function(NamedTuple):
    """``most`` None: any number of arguments. ``gives`` and ``takes``: "number", "text", "truth", "any"."""

    run: Callable[..., Value]
    least: int
    most: int | None
    gives: str
    takes: str = "any"


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "=": Function(equal, 2, 2, "truth"),
        "!=": Function(lambda a, b: not equal(a, b), 2, 2, "truth"),
        "<": Function(lambda a, b: number(a) < number(b), 2, 2, "truth", "number"),
        "<=": Function(lambda a, b: number(a) <= number(b), 2, 2, "truth", "number"),
        ">": Function(lambda a, b: number(a) > number(b), 2, 2, "truth", "number"),
        ">=": Function(lambda a, b: number(a) >= number(b), 2, 2, "truth", "number"),
        "+": Function(lambda a, b: number(a) + number(b), 2, 2, "number", "number"),
        "-": Function(lambda a, b: number(a) - number(b), 2, 2, "number", "number"),
        "*": Function(lambda a, b: number(a) * number(b), 2, 2, "number", "number"),
        "div": Function(divide, 2, 2, "number", "number"),
        "mod": Function(remainder, 2, 2, "number", "number"),
        "negative": Function(lambda a: -number(a), 1, 1, "number", "number"),
        "not": Function(lambda a: not truth(a), 1, 1, "truth"),
        "true": Function(lambda: True, 0, 0, "truth"),
        "false": Function(lambda: False, 0, 0, "truth"),
        "boolean": Function(truth, 1, 1, "truth"),
        "if": Function(lambda c, a, b: a if truth(c) else b, 3, 3, "any"),
        "coalesce": Function(lambda *all_: next((v for v in all_ if string(v)), ""), 1, None, "any"),
        "selected": Function(_selected, 2, 2, "truth"),
        "count-selected": Function(lambda a: float(len(string(a).split())), 1, 1, "number"),
        "selected-at": Function(_at, 2, 2, "text"),
        "string": Function(string, 1, 1, "text"),
        "string-length": Function(lambda a: float(len(string(a))), 1, 1, "number"),
        "concat": Function(lambda *all_: "".join(map(string, all_)), 1, None, "text"),
        "contains": Function(lambda a, b: string(b) in string(a), 2, 2, "truth"),
        "starts-with": Function(lambda a, b: string(a).startswith(string(b)), 2, 2, "truth"),
        "ends-with": Function(lambda a, b: string(a).endswith(string(b)), 2, 2, "truth"),
        "normalize-space": Function(lambda a: " ".join(string(a).split()), 1, 1, "text"),
        "substr": Function(_part, 2, 3, "text"),
        "regex": Function(matches, 2, 2, "truth"),
        "number": Function(number, 1, 1, "number"),
        "int": Function(whole, 1, 1, "number", "number"),
        "round": Function(rounded, 1, 2, "number", "number"),
        "abs": Function(lambda a: abs(number(a)), 1, 1, "number", "number"),
        "pow": Function(power, 2, 2, "number", "number"),
        "sum": Function(lambda *all_: sum(map(number, all_)), 1, None, "number", "number"),
        "min": Function(_extreme(min), 1, None, "number", "number"),
        "max": Function(_extreme(max), 1, None, "number", "number"),
        "date": Function(day, 1, 1, "date"),
    }
)
