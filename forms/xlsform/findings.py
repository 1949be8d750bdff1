"""What was found in a workbook, cell by cell, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Place:
    """``row`` and ``column`` count from 1; 0 is the whole sheet or the whole row."""

    sheet: str = ""
    row: int = 0
    column: int = 0

    @property
    def letters(self) -> str:
        """As Excel names the column: 1 → A, 27 → AA."""
        letters, rest = "", self.column
        while rest:
            rest, digit = divmod(rest - 1, 26)
            letters = chr(ord("A") + digit) + letters
        return letters


@dataclass(frozen=True)
class Finding:
    code: str
    place: Place = Place()
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """The workbook is not taken while this stands; else something was only dropped or changed."""
        return self.code not in NOTICES


NOTICES = frozenset(
    {
        "appearance_dropped",
        "choice_unlabelled",
        "code_renamed",
        "column_nameless",
        "column_unused",
        "date_in_text",
        "group_untitled",
        "key_renamed",
        "media_dropped",
        "metadata_dropped",
        "note_empty",
        "parameters_dropped",
        "range_as_number",
        "sheet_unused",
        "table_half_required",
        "title_missing",
    }
)
