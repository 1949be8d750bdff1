"""What a cell says, in whatever shape it was typed: whole numbers, dates, lists, choices, times of the week.

Every reader gives the value and what was not understood of the cell, both empty where the cell says nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import forms
from forms.text import line
from service.people.importing.headings import plain

Read = tuple[Any, str]  # (value or None, what was not understood)
_WORDS: dict[str, Any] = json.loads(Path(__file__).with_name("words.json").read_text("utf-8"))
_NUMBERS = ("ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять")
_MONTHS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_DAYS = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
_DAY_CODES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = r"(?:пн|пон\w*|вт|вто\w*|ср|сре\w*|чт|чет\w*|пт|пят\w*|сб|суб\w*|вс|вос\w*)"
_EMPTY = re.compile(r"[-–—.\s]*$|нет( данных)?$|н/?д$", re.I)
_EXCEL_BEGAN = date(1899, 12, 30)
_SERIALS = range(7_000, 80_000)  # 1919 … 2119
_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
NOON_AFTER = 14  # a meeting that begins at 14 or later is one «после 14 часов»
LONGEST = 200


def whole(cell: str, low: int, high: int) -> Read:
    """«3», «3.0», «3 чел.», «два», «до 4», «менее года»."""
    if _EMPTY.match(cell):
        return None, ""
    found = re.search(r"\d+", cell)
    spelt = next((number for number, word in enumerate(_NUMBERS) if plain(cell).startswith(word)), None)
    if found is None and spelt is None:
        return (0, "") if plain(cell).startswith(("менее года", "до года", "без")) else (None, cell)
    value = int(found[0]) if found else spelt
    return (value, "") if value is not None and low <= value <= high else (None, cell)


def years(cell: str, today: date) -> Read:
    """Of experience: «9», «9 лет», «1 год 3 мес.», «с 2010 года»."""
    if found := re.search(r"\b(19[5-9]\d|20\d\d)\b", cell):
        since = today.year - int(found[1])
        return (since, "") if 0 <= since <= 80 else (None, cell)
    if re.match(r"\s*\d+\s*мес", cell):
        return int(re.findall(r"\d+", cell)[0]) // 12, ""
    return whole(cell, 0, 80)


def day(cell: str) -> Read:
    """«08.09.2025», «8.9.25», «2025-09-08», «8 сентября 2025 г.», the number that Excel keeps."""
    if _EMPTY.match(cell):
        return None, ""
    text = cell.strip().lower()
    if re.fullmatch(r"\d{4,5}(\.\d+)?", text) and int(float(text)) in _SERIALS:
        return _EXCEL_BEGAN + timedelta(days=int(float(text))), ""
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    month = re.search(r"\d{1,2}\s+([а-яё]{3,})", text)
    try:
        if re.match(r"\d{4}-\d\d?-\d\d?", text):
            return date(*numbers[:3]), ""
        if month and len(numbers) > 1:
            at = next(i for i, stem in enumerate(_MONTHS, start=1) if month[1].startswith(stem))
            return date(_century(numbers[1]), at, numbers[0]), ""
        if re.match(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}", text):
            return date(_century(numbers[2]), numbers[1], numbers[0]), ""
    except (ValueError, StopIteration):
        pass
    return None, cell


def _century(year: int) -> int:
    if year >= 100:
        return year
    return 2000 + year if year <= (date.today().year + 1) % 100 else 1900 + year


def several(cell: str) -> list[str]:
    """A list in one cell: by semicolons, line breaks or bullets, else by commas outside brackets."""
    separator = r"[;\n•]|(?<=\S)\s+/\s+" if re.search(r"[;\n•]|\S\s+/\s+\S", cell) else r",(?![^(]*\))"
    items = (line(re.sub(r"^\s*(\d+[.)]|[-–—*])\s+", "", item)).strip() for item in re.split(separator, cell))
    items = (re.sub(r"(?<=[^\W\d_]{2})\.$", "", item) for item in items)  # a full stop, not an initial's
    return list(dict.fromkeys(item[:LONGEST] for item in items if item))


def choice(cell: str, kind: str) -> Read:
    """A code of words.json; "" and the cell where no word fits."""
    if not cell.strip():
        return None, ""
    code = _coded(kind, plain(cell))
    return (code, "") if code else (None, cell)


def yes_or_no(cell: str) -> bool | None:
    said = cell.strip().lower()
    if re.match(_WORDS["yes"], said):
        return True
    return False if re.match(_WORDS["no"], said) else None


def directions(cell: str) -> list[str]:
    """Codes of the six; what is none of them stays in the organisation's own words."""
    return list(dict.fromkeys(_coded("directions", plain(item)) or item for item in several(cell)))


def competences(cell: str) -> tuple[list[str], list[str]]:
    """(codes, what stays in the curator's words)"""
    ours = {label: code for code, label in forms.competences().items()}
    codes: list[str] = []
    rest = []
    for item in several(cell):
        said = plain(item)
        found = [code for code, pattern in _patterns("competences") if pattern.search(said)]
        found = [ours[item]] if item in ours else found
        codes += found
        if not found:
            rest.append(item)
    return sorted(set(codes)), rest


def slots(cell: str) -> Read:
    """«пн 15-18, вт после 15», «пн-пт утром» as mon_pm, tue_pm, mon_am …"""
    said = cell.lower().replace("ё", "е")
    codes: set[str] = set()
    for days, hours in re.findall(
        rf"((?:\b{_DAY}\b\.?[\s,и–—-]*)+)([^;\n]*?)(?=[,;\n]?\s*\b{_DAY}\b|[;\n]|$)", said
    ):
        halves = _halves(hours)
        codes |= {f"{code}_{half}" for code in _days(days) for half in halves if code != "sun"}
    ordered = [f"{code}_{half}" for code in _DAY_CODES for half in ("am", "pm") if f"{code}_{half}" in codes]
    return (ordered, "") if ordered else (None, "" if _EMPTY.match(cell) else cell)


def _days(said: str) -> list[str]:
    """The days named; «пн-пт» with all between."""
    named: list[str] = []
    for first, second in re.findall(rf"({_DAY})\b\.?(?:\s*[-–—]\s*({_DAY})\b)?", said):
        begins = _day_at(first)
        ends = _day_at(second) if second else begins
        named += _DAY_CODES[begins : ends + 1]
    return named


def _day_at(word: str) -> int:
    return next(at for at, short in enumerate(_DAYS) if word[0] == short[0] and short[1] in word[1:])


def _halves(hours: str) -> tuple[str, ...]:
    begins, ends = (
        [int(number) for number in re.findall(r"\b([01]?\d|2[0-3])(?:[:.]\d\d)?\b", hours)] + [None] * 2
    )[:2]
    if begins is None:
        if re.search(r"утр|перв", hours):
            return ("am",)
        return ("pm",) if re.search(r"вечер|втор|обед", hours) else ("am", "pm")
    if "до" in hours.split() and ends is None:
        return ("am",) if begins <= NOON_AFTER else ("am", "pm")
    if begins >= NOON_AFTER:
        return ("pm",)
    return ("am", "pm") if ends is not None and ends > NOON_AFTER + 1 else ("am",)


def email_in(cell: str) -> Read:
    found = _EMAIL.search(cell)
    return (found[0], "") if found else (None, "" if _EMPTY.match(cell) else cell)


def phone_in(cell: str) -> str:
    """What is left of a contact without its e-mail; a number that Excel kept as one gets its plus."""
    rest = line(_EMAIL.sub(" ", cell)).strip(" ,;")
    digits = re.fullmatch(r"7\d{10}", rest)
    return f"+{rest}" if digits else rest[:LONGEST] if re.search(r"\d{3}", rest) else ""


def nobody(cell: str) -> bool:
    return bool(re.match(_WORDS["nobody"], plain(cell) or "-"))


def _coded(kind: str, said: str) -> str | None:
    return next((code for code, pattern in _patterns(kind) if pattern.search(said)), None)


@cache
def _patterns(kind: str) -> Sequence[tuple[str, re.Pattern[str]]]:
    words: Mapping[str, str] = _WORDS[kind]
    return [(code, re.compile(rf"\b(?:{pattern})")) for code, pattern in words.items()]
