"""What a cell puts into the entry of its line, by the field of its column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from forms.text import line
from service.people.importing import cells
from service.people.importing.names import FullName
from service.tables import ROLES

MOST_PLACES, MOST_HOURS = 1000, 40
LEVEL = "3"  # what a list names, it names in full
Note = list[Any]  # [code, {values}]


@dataclass
class Entry:
    """``card`` are columns of a person, ``place`` of their membership, ``profile`` answers under the keys of the
    questionnaires; ``named`` are people as written, by the question that names them. No name is an error."""

    sheet: str
    line: int
    role: str
    name: FullName | None
    written: str
    card: dict[str, Any] = field(default_factory=dict)
    place: dict[str, Any] = field(default_factory=dict)
    profile: dict[str, Any] = field(default_factory=dict)
    named: dict[str, list[str]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


Reader = Callable[[Entry, str, date], str]  # what it did not understand of the cell


def _plain(field_: str) -> Reader:
    def read(entry: Entry, cell: str, today: date) -> str:
        entry.card[field_] = line(cell)[: cells.LONGEST]
        return ""

    return read


def _chosen(field_: str) -> Reader:
    def read(entry: Entry, cell: str, today: date) -> str:
        code, misread = cells.choice(cell, field_)
        if code:
            entry.card[field_] = code
        return misread

    return read


def _experience(entry: Entry, cell: str, today: date) -> str:
    value, misread = cells.years(cell, today)
    if value is not None:
        entry.card["experience_years"] = value
    return misread


def _directions(entry: Entry, cell: str, today: date) -> str:
    entry.card["directions"] = cells.directions(cell)
    return ""


def _sites(entry: Entry, cell: str, today: date) -> str:
    entry.card["sites"] = cells.several(cell)
    return ""


def _email(entry: Entry, cell: str, today: date) -> str:
    value, misread = cells.email_in(cell)
    if value:
        entry.card["email"] = value
    return misread


def _phone(entry: Entry, cell: str, today: date) -> str:
    phone = cells.phone_in(cell)
    if phone:
        entry.card["phone"] = phone
    return "" if phone else cell


def _contact(entry: Entry, cell: str, today: date) -> str:
    email, _ = cells.email_in(cell)
    phone = cells.phone_in(cell)
    entry.card |= {key: value for key, value in (("email", email), ("phone", phone)) if value}
    return "" if email or phone else cell


def _birth(entry: Entry, cell: str, today: date) -> str:
    value, misread = cells.day(cell)
    if value and not 0 <= (today - value).days < 120 * 366:
        return cell
    if value:
        entry.card["birth_date"] = value.isoformat()
    return misread


def _places(entry: Entry, cell: str, today: date) -> str:
    value, misread = cells.whole(cell, 0, MOST_PLACES)
    if value is not None and entry.role == "mentor":
        entry.place["places"] = value
    return misread


def _can(entry: Entry, cell: str, today: date) -> str:
    if entry.role == "mentor":
        codes, rest = cells.competences(cell)
        entry.profile |= {"competences": dict.fromkeys(codes, LEVEL)} if codes else {}
        entry.profile |= {"topics": "; ".join(rest)[: cells.LONGEST]} if rest else {}
    return ""


def _needs(entry: Entry, cell: str, today: date) -> str:
    if entry.role == "mentee":
        codes, _ = cells.competences(cell)
        entry.profile |= {"needs": dict.fromkeys(codes, LEVEL)} if codes else {}
        entry.profile["request"] = line(cell)[:2000]
    return ""


def _slots(entry: Entry, cell: str, today: date) -> str:
    value, misread = cells.slots(cell)
    if value and entry.role in ROLES:
        entry.profile["slots"] = value
    return misread


def _format(entry: Entry, cell: str, today: date) -> str:
    code, misread = cells.choice(cell, "format")
    if code and entry.role in ROLES:
        entry.profile["format"] = code
    return misread


def _groups(entry: Entry, cell: str, today: date) -> str:
    said = cells.yes_or_no(cell)
    if said is None:
        return cell
    if entry.role == "mentor":
        entry.profile["groups_welcome"] = "yes" if said else "no"
    elif entry.role == "mentee":
        entry.profile["mode"] = "any" if said else "pair"
    return ""


def _hours(entry: Entry, cell: str, today: date) -> str:
    value, misread = cells.whole(cell, 0, MOST_HOURS)
    if value is not None and entry.role == "mentor":
        entry.profile["hours_per_week"] = value
    return misread


def _people(question: str) -> Reader:
    def read(entry: Entry, cell: str, today: date) -> str:
        if not cells.nobody(cell):
            entry.named[question] = cells.several(cell)
        return ""

    return read


READERS: dict[str, Reader] = {
    "post": _plain("post"),
    "gender": _chosen("gender"),
    "kind": _chosen("kind"),
    "category": _chosen("category"),
    "experience_years": _experience,
    "directions": _directions,
    "sites": _sites,
    "email": _email,
    "phone": _phone,
    "contact": _contact,
    "birth_date": _birth,
    "places": _places,
    "can": _can,
    "needs": _needs,
    "slots": _slots,
    "format": _format,
    "groups": _groups,
    "hours": _hours,
    "wishes": _people("wishes"),
    "undesired": _people("undesired"),
}
