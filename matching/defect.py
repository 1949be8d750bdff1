"""What is wrong with an input: a stable code for programs, an address and the offending value for people.

ValueError
└── DefectsError         .defects: all of them, not only the first
    ├── ProblemError  (problem.py)
    └── OutcomeError  (outcome.py)
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

SENTENCES = {
    "unreadable": "cannot be read: {}",
    "unwritable": "cannot be written: {}",
    "too_long": "longer than {}",
    "not_utf8": "not UTF-8 text: {}",
    "not_json": "not JSON: {}",
    "not_an_object": "{} is not an object",
    "not_a_list": "{} is not a list",
    "not_a_string": "{} is not a string",
    "not_an_integer": "{} is not an integer",
    "not_a_number": "{} is not a number",
    "not_a_boolean": "{} is not true or false",
    "not_a_match": "{} is not [mentor, mentee]",
    "broken_text": "{} cannot be written as UTF-8",
    "missing": "{} is missing",
    "unknown_key": "unknown key {}",
    "unknown_format": "unknown format {}",
    "unknown_goal": "unknown goal {}",
    "unknown_status": "unknown status {}",
    "unknown_mentor": "unknown mentor {}",
    "unknown_mentee": "unknown mentee {}",
    "out_of_range": "{} is out of range",
    "duplicate_id": "the id {} is taken already",
    "duplicate_goal": "the goal {} is listed already",
    "duplicate_pair": "the pair {} is listed already",
    "duplicate_topic": "the topic {} is listed already",
    "unknown_mode": "unknown mode {}",
    "not_a_size": "{} is not [least, most]",
    "sizes_turned": "{} is more than the most",
    "minimum_over_capacity": "{} is more than the capacity",
    "empty_team": "the team {} has no members",
    "in_two_teams": "{} is a member twice",
    "only_in_formed_groups": "{} is to be placed only in a formed group, not with a team",
}


@dataclass(frozen=True, slots=True)
class Defect:
    code: str
    where: str
    detail: str

    def __str__(self) -> str:
        return f"{self.where}: {SENTENCES[self.code].format(self.detail)}"


class DefectsError(ValueError):
    def __init__(self, defects: Sequence[Defect]) -> None:
        super().__init__("\n".join(map(str, defects)))
        self.defects = tuple(defects)


def shown(value: object) -> str:
    """Any value as a short text on one line."""
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, int) and value.bit_length() > 64:
        return "a huge integer"
    if not isinstance(value, str | int | float | None):
        return "a value of another type"
    text = json.dumps(value, ensure_ascii=False)
    text = text if text.isprintable() else json.dumps(value)
    return text if len(text) <= 60 else text[:59] + "…"
