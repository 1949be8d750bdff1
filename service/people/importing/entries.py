"""Lines of a sheet become entries: whose line it is, what it says of the person and of their place in a bank."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from forms.text import line
from service.names import gender_by
from service.people.importing.fields import READERS, Entry
from service.people.importing.headings import columns_of, header_of, role_of
from service.people.importing.names import name_from
from service.people.importing.reading import Line, Sheet
from service.tables import LEARNERS

ADULT = 18
_SUMS = ("итого", "всего", "примечание", "составил", "подпись", "куратор:")


@dataclass(frozen=True)
class Reading:
    """How a sheet is read: ``header`` is the index of its heading line, ``columns`` {column: field}."""

    name: str
    header: int
    headings: Sequence[str]
    columns: Mapping[int, str]
    role: str


def reading_of(sheet: Sheet, chosen: Mapping[str, Any], role: str) -> Reading | None:
    """As the curator said, else as it looks; None for a sheet that is no list of people."""
    name, lines, _ = sheet
    header = next(
        (at for at, (number, _) in enumerate(lines) if number == chosen.get("line")), header_of(lines)
    )
    if header is None or chosen.get("role") == "skip":
        return None
    headings = lines[header][1]
    columns = {int(at): said for at, said in chosen["columns"].items()} if "columns" in chosen else None
    columns = columns_of(headings) if columns is None else columns
    above = [cell for _, cells_ in lines[:header] for cell in cells_ if cell]
    guessed = role or role_of(name, above, list(columns.values()), headings)
    return Reading(name, header, headings, columns, chosen.get("role") or guessed)


def entries_of(sheet: Sheet, reading: Reading, today: date) -> Iterator[Entry]:
    _, lines, errors = sheet
    broken = {(at, column): shown for at, column, shown in errors}
    for number, said in lines[reading.header + 1 :]:
        filled = {at: said[at] for at in reading.columns if at < len(said) and said[at]}
        if filled and not _is_no_person(said):
            yield _entry(reading, number, filled, broken, today)


def _is_no_person(said: Line) -> bool:
    """A line of sums or signatures, or the numbers of the columns under their headings."""
    filled = [cell for cell in said if cell]
    counted = [cell for cell in filled if cell.isdigit()]
    return filled[0].lower().startswith(_SUMS) or (
        len(filled) > 2
        and counted == filled
        and counted == [str(int(counted[0]) + at) for at in range(len(filled))]
    )


def _entry(
    reading: Reading,
    number: int,
    filled: Mapping[int, str],
    broken: Mapping[tuple[int, int], str],
    today: date,
) -> Entry:
    by_field = {reading.columns[at]: cell for at, cell in filled.items() if reading.columns[at]}
    written = line(by_field.get("name") or _from_parts(by_field))
    entry = Entry(reading.name, number, reading.role, name_from(written), written)
    for at, field_ in reading.columns.items():
        place = {"column": reading.headings[at] if at < len(reading.headings) else "", "at": at + 1}
        if (number, at) in broken:
            entry.notes.append(["cell_error", place | {"said": broken[number, at]}])
        elif field_ in by_field and field_ in READERS:
            misread = READERS[field_](entry, by_field[field_], today)
            if misread:
                entry.notes.append(["not_understood", place | {"said": misread[:100]}])
    _complete(entry, today)
    return entry


def _from_parts(by_field: Mapping[str, str]) -> str:
    return " ".join(by_field.get(part, "") for part in ("last_name", "first_name", "patronymic"))


def _complete(entry: Entry, today: date) -> None:
    if entry.name and (gender := gender_by(entry.name.patronymic)):
        entry.card.setdefault("gender", gender)
    _keep_birth_of_minors_alone(entry, today)
    if entry.profile:
        common = {
            "post": entry.card.get("post"),
            "experience_years": entry.card.get("experience_years"),
            "direction": [code for code in entry.card.get("directions", []) if code.isascii()],
            "sites": entry.card.get("sites"),
            "places": entry.place.get("places"),
        }
        entry.profile |= {key: value for key, value in common.items() if value not in (None, "", [])}


def _keep_birth_of_minors_alone(entry: Entry, today: date) -> None:
    born = entry.card.get("birth_date")
    if born is None:
        return
    minor = (today - date.fromisoformat(born)).days < ADULT * 365.25
    if minor and "kind" not in entry.card:
        entry.card["kind"] = LEARNERS[0]
    if entry.card.get("kind") not in LEARNERS:
        del entry.card["birth_date"]
        entry.notes.append(["birth_not_kept", {}])


def all_entries(sheets: Iterable[Sheet], readings: Mapping[str, Reading], today: date) -> list[Entry]:
    """Mentors first, so that mentees may name those of the same file."""
    listed = [
        entry
        for sheet in sheets
        if sheet[0] in readings
        for entry in entries_of(sheet, readings[sheet[0]], today)
    ]
    return sorted(listed, key=lambda entry: entry.role != "mentor")
