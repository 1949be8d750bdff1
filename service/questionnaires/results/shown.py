"""What the page of results shows: distributions, cross-tables, trends and pairs, out of tallies and nothing else.

``least`` is the k of an anonymous wave: nothing is shown of fewer people. 0 means a named wave, where all is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from service.questionnaires.results.counting import Pairs
from service.questionnaires.results.tally import Part, Tally, is_number, visible

FREE_TEXTS = 10  # an anonymous wave shows texts from so many on: people are known by their style
MOST_VALUES = 15  # a number with more different values is shown by its mean and median alone
MOST_GROUPS = 15


@dataclass(frozen=True)
class Bar:
    label: str
    count: int
    share: float


@dataclass(frozen=True)
class Distribution:
    """``hidden``: there are answers, but too few to say even how many."""

    part: Part
    answered: int
    missing: int
    bars: list[Bar] = field(default_factory=list)
    mean: float | None = None
    median: float | None = None
    hidden: bool = False


@dataclass(frozen=True)
class Row:
    """A group in a cross-table; of a hidden one nothing is known."""

    label: str
    size: int
    cells: list[int]
    mean: float | None = None
    hidden: bool = False


@dataclass(frozen=True)
class Cross:
    part: Part
    by: Part
    rows: list[Row]
    total: Row


def distributions(tally: Tally, parts: Iterable[Part], least: int = 0) -> list[Distribution]:
    return [distribution(tally, part, least) for part in parts]


def distribution(tally: Tally, part: Part, least: int = 0) -> Distribution:
    answered = tally.answered(part).bit_count()
    fewest = max(least, FREE_TEXTS) if least and part.shape == "text" else least
    if 0 < answered < fewest:
        return Distribution(part, 0, 0, hidden=True)
    counts = _counts(tally, part, tally.everybody)
    single_values = part.shape == "number" and (least or len(counts) > MOST_VALUES)
    bars = [] if single_values else _bars(part, counts, answered)
    mean, median = _middle(part, counts)
    return Distribution(part, answered, tally.size - answered, bars, mean, median)


def _bars(part: Part, counts: Mapping[str, int], answered: int) -> list[Bar]:
    labels = dict(part.options) or {value: value for value in sorted(counts, key=_as_number)}
    labels |= {value: value for value in counts if value not in labels and part.shape != "text"}
    if part.shape in ("text", "other"):
        return []
    return [
        Bar(label, counts.get(code, 0), counts.get(code, 0) / answered if answered else 0)
        for code, label in labels.items()
        if not part.of_people or code in counts
    ]


def _counts(tally: Tally, part: Part, among: int) -> dict[str, int]:
    said = tally.said.get(part.key, {})
    counts = {value: (who & among).bit_count() for value, who in said.items()}
    return {value: count for value, count in counts.items() if count}


def _middle(part: Part, counts: Mapping[str, int]) -> tuple[float | None, float | None]:
    """Mean and median of what was said in numbers."""
    if not part.in_order:
        return None, None
    known = sorted((_as_number(value), count) for value, count in counts.items() if is_number(value))
    number = sum(count for _, count in known)
    if not number:
        return None, None
    mean = sum(value * count for value, count in known) / number
    return mean, (_nth(known, (number - 1) // 2) + _nth(known, number // 2)) / 2


def _nth(known: Sequence[tuple[float, int]], at: int) -> float:
    for value, count in known:
        if at < count:
            return value
        at -= count
    raise IndexError(at)


def _as_number(value: str) -> float:
    return float(value) if is_number(value) else 0.0


# --- groups


def groupings(parts: Iterable[Part]) -> list[Part]:
    """The parts that answers can be compared by."""
    return [
        part for part in parts if part.shape in ("one", "several") and 1 < len(part.options) <= MOST_GROUPS
    ]


def shown_groups(tally: Tally, part: Part, parts: Iterable[Part], least: int) -> set[tuple[str, int]]:
    """(key of the grouping, number of the option) of every group whose answers to ``part`` may be seen."""
    sets = {
        by.key: [tally.who(by, code) for code, _ in by.options]
        for by in groupings(parts)
        if by.key != part.key
    }
    if least:
        return visible(tally, sets, tally.answered(part), least)
    return {(key, at) for key, of in sets.items() for at in range(len(of))}


def cross(tally: Tally, part: Part, by: Part, parts: Iterable[Part], least: int = 0) -> Cross:
    """How the groups of ``by`` have answered ``part``; of everybody who has, what a distribution shows, too."""
    shown, whole = shown_groups(tally, part, parts, least), tally.answered(part)
    rows = [
        _row(tally, part, label, tally.who(by, code) & whole, least)
        if (by.key, at) in shown
        else Row(label, 0, [], hidden=True)
        for at, (code, label) in enumerate(by.options)
    ]
    return Cross(part, by, rows, _row(tally, part, "", whole, least))


def _row(tally: Tally, part: Part, label: str, who: int, least: int) -> Row:
    """In an anonymous wave a group that is of one mind is hidden: it would tell what each of them has said."""
    counts = _counts(tally, part, who)
    size = who.bit_count()
    if least and label and size in counts.values():
        return Row(label, 0, [], hidden=True)
    return Row(label, size, [counts.get(code, 0) for code, _ in part.options], _middle(part, counts)[0])


# --- over time


@dataclass(frozen=True)
class Point:
    """A wave in a trend: the mean, else the shares of the options."""

    title: str
    distribution: Distribution


def trend(parts: Iterable[Part], waves: Sequence[tuple[str, Tally, int]]) -> list[tuple[Part, list[Point]]]:
    """Of every question that can be counted: how it has gone over (title, tally, least) of the waves."""
    return [
        (part, [Point(title, distribution(tally, part, least)) for title, tally, least in waves])
        for part in parts
        if part.shape in ("one", "several", "number")
    ]


@dataclass(frozen=True)
class Change:
    """What the same people said before and after: means, and how many say more, the same, less."""

    part: Part
    pairs: int
    before: float
    after: float
    more: int
    same: int
    less: int


def changes(parts: Iterable[Part], pairs: Pairs) -> list[Change]:
    found = (_change(part, pairs.said(part)) for part in parts if part.in_order)
    return [change for change in found if change]


def _change(part: Part, said: Mapping[tuple[float | None, float | None], int]) -> Change | None:
    both = [(a, b, count) for (a, b), count in said.items() if a is not None and b is not None]
    pairs = sum(count for _, _, count in both)
    if not pairs:
        return None
    return Change(
        part,
        pairs,
        sum(a * count for a, _, count in both) / pairs,
        sum(b * count for _, b, count in both) / pairs,
        sum(count for a, b, count in both if b > a),
        sum(count for a, b, count in both if b == a),
        sum(count for a, b, count in both if b < a),
    )
