"""Pairs that hard rules took out: they would be allowed if these rules were relaxed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matching.defect import Defect, DefectsError, shown
from matching.people import Match, Pair
from matching.problem import Problem, ProblemError
from matching.reading import RANKS, SCORES
from matching.shape import Shape

FORMAT = "nastavnik.removed/1"


@dataclass(frozen=True, slots=True)
class Removed:
    """``rules``: the names of all that it breaks."""

    mentor: str
    mentee: str
    score: int
    rules: tuple[str, ...]
    rank: int | None = None

    @property
    def match(self) -> Match:
        return self.mentor, self.mentee

    @property
    def pair(self) -> Pair:
        return Pair(self.mentor, self.mentee, self.score, self.rank)


def read_removed(data: object) -> tuple[Removed, ...]:
    """From a decoded ``{"format": "nastavnik.removed/1", "pairs": [{"mentor", "mentee", "score", "rules", "rank"?}]}``;
    raises ``DefectsError``."""
    shape = Shape()
    table = shape.table(data, "removed", ("format", "pairs"))
    if table.get("format", FORMAT) != FORMAT:
        shape.note("unknown_format", "format", table["format"])
    removed = tuple(_removed(shape, row, where) for where, row in shape.rows(table, "pairs"))
    if shape.defects:
        raise DefectsError(shape.defects)
    return removed


def _removed(shape: Shape, row: object, where: str) -> Removed:
    table = shape.table(row, where, ("mentor", "mentee", "score", "rules"), ("rank",))
    rules = tuple(shape.text(rule, at) for at, rule in shape.rows(table, "rules", f"{where}."))
    if not rules and isinstance(table.get("rules"), list):
        shape.note("missing", f"{where}.rules", "a rule")
    return Removed(
        shape.text(table.get("mentor", ""), f"{where}.mentor"),
        shape.text(table.get("mentee", ""), f"{where}.mentee"),
        shape.integer(table.get("score", 0), f"{where}.score", SCORES),
        rules,
        shape.integer(table["rank"], f"{where}.rank", RANKS) if "rank" in table else None,
    )


def refuse_strangers(problem: Problem, removed: Sequence[Removed]) -> None:
    """Raises ``ProblemError`` where a pair is not one of these people's, or is listed twice or allowed already."""
    arrays, seen, defects = problem.arrays, set[Match](), list[Defect]()
    allowed = arrays.positions(arrays.people.keys_of([pair.match for pair in removed])) >= 0
    for k, pair in enumerate(removed):
        where = f"removed.pairs[{k}]"
        if pair.mentor not in arrays.people.mentors:
            defects.append(Defect("unknown_mentor", where, shown(pair.mentor)))
        if pair.mentee not in arrays.people.mentees:
            defects.append(Defect("unknown_mentee", where, shown(pair.mentee)))
        if allowed[k] or pair.match in seen:
            defects.append(Defect("duplicate_pair", where, f"{shown(pair.mentor)}, {shown(pair.mentee)}"))
        seen.add(pair.match)
    if defects:
        raise ProblemError(defects)
