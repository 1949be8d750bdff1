"""What came out: an assignment with what each goal reached and its proof, or why there is none."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from math import inf
from typing import NamedTuple

import numpy as np

from matching.arrays import People
from matching.defect import DefectsError, shown
from matching.goals import Value
from matching.people import Group, Match
from matching.proof import Prices
from matching.shape import Shape, Table

FORMAT = "nastavnik.outcome/1"

# A certificate's prices come from chains of moves: below this, and differences of two below 2⁶³.
PRICES = range(-(2**62), 2**62)
NUMBERS = range(-(2**63), 2**63)

KEYS = ("format", "status", "pairs", "groups", "unplaced", "goals", "engine")
MORE_KEYS = ("certificate", "conflict")


class OutcomeError(DefectsError):
    pass


class Status(StrEnum):
    OPTIMAL = "optimal"  # every goal is proved
    FEASIBLE = "feasible"  # the rules hold, time ran out before the last goal
    INFEASIBLE = "infeasible"  # the locked pairs contradict the rules
    UNDECIDED = "undecided"  # time ran out before anything was found


@dataclass(frozen=True, slots=True)
class Reached:
    """``bound``: no assignment that is as good in the earlier goals is better than this in this one. A ``value``
    of None: nothing was found or, of the goal ``worst``, nobody is placed."""

    goal: str
    value: Value
    bound: Value
    proved: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """The fewest locked pairs that cannot hold together, and the rule that forbids it."""

    rule: str
    locked: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Engine:
    name: str
    seconds: float
    ortools: str
    seed: int


class PriceList(NamedTuple):
    """What proves one phase of a goal: the price of a place by mentor (nothing where not named), and the price of
    having no mentor."""

    goal: str
    prices: dict[str, int]
    nobody: int = 0

    @classmethod
    def of(cls, goal: str, prices: Prices, people: People) -> PriceList:
        ids = tuple(people.mentors)
        return cls(goal, {ids[m]: int(prices.place[m]) for m in np.flatnonzero(prices.place)}, prices.nobody)

    def by_index(self, people: People) -> Prices:
        """Raises ``KeyError`` where there is no such mentor."""
        place = np.zeros(len(people.mentors), np.int64)
        for mentor, price in self.prices.items():
            place[people.mentors[mentor]] = price
        return Prices(place, self.nobody)


@dataclass(frozen=True)
class Outcome:
    """Sorted by id. ``pairs`` names everybody placed, those in ``groups`` too; ``certificate``: the proof of
    each proved goal where the method gives one, phase by phase (see ``proof.py``)."""

    status: Status
    engine: Engine
    pairs: tuple[Match, ...] = ()
    unplaced: tuple[str, ...] = ()
    goals: tuple[Reached, ...] = ()
    certificate: tuple[PriceList, ...] = ()
    conflict: tuple[Conflict, ...] = ()
    groups: tuple[Group, ...] = ()

    @property
    def found(self) -> bool:
        return self.status in (Status.OPTIMAL, Status.FEASIBLE)

    def to_json(self) -> dict[str, object]:
        data: dict[str, object] = {
            "format": FORMAT,
            "status": self.status.value,
            "pairs": [list(pair) for pair in self.pairs],
            "groups": [asdict(group) | {"members": list(group.members)} for group in self.groups],
            "unplaced": list(self.unplaced),
            "goals": [_reached_json(reached) for reached in self.goals],
            "certificate": {"phases": [price_list._asdict() for price_list in self.certificate]},
            "engine": asdict(self.engine),
        }
        if self.conflict:
            data["conflict"] = [
                {"rule": c.rule, "locked": [list(pair) for pair in c.locked]} for c in self.conflict
            ]
        return data

    @classmethod
    def from_json(cls, data: object) -> Outcome:
        """From a decoded JSON value; raises ``OutcomeError`` with every defect."""
        shape = Shape()
        outcome = _outcome(shape, shape.table(data, "outcome", KEYS, MORE_KEYS))
        if shape.defects:
            raise OutcomeError(shape.defects)
        return outcome


def _reached_json(reached: Reached) -> dict[str, object]:
    return {
        "goal": reached.goal,
        "value": _value_json(reached.value),
        "bound": _value_json(reached.bound),
        "proved": reached.proved,
    }


def _value_json(value: Value) -> object:
    return list(value) if isinstance(value, tuple) else value


def _outcome(shape: Shape, table: Table) -> Outcome:
    if table.get("format", FORMAT) != FORMAT:
        shape.note("unknown_format", "format", table["format"])
    certificate = shape.table(table.get("certificate", {"phases": []}), "certificate", ("phases",))
    return Outcome(
        _status(shape, table.get("status", Status.UNDECIDED.value)),
        _engine(shape, table.get("engine", asdict(Engine("", 0, "", 0)))),
        _matches(shape, table, "pairs"),
        _texts(shape, table, "unplaced"),
        tuple(_reached(shape, row, where) for where, row in shape.rows(table, "goals")),
        tuple(_price_list(shape, row, at) for at, row in shape.rows(certificate, "phases", "certificate.")),
        tuple(_conflict(shape, row, where) for where, row in shape.rows(table, "conflict")),
        tuple(_group(shape, row, where) for where, row in shape.rows(table, "groups")),
    )


def _texts(shape: Shape, table: Table, key: str, where: str = "") -> tuple[str, ...]:
    return tuple(shape.text(row, at) for at, row in shape.rows(table, key, where))


def _group(shape: Shape, row: object, where: str) -> Group:
    table = shape.table(row, where, ("mentor", "topic", "members"))
    return Group(
        shape.text(table.get("mentor", ""), f"{where}.mentor"),
        shape.text(table.get("topic", ""), f"{where}.topic"),
        _texts(shape, table, "members", f"{where}."),
    )


def _status(shape: Shape, value: object) -> Status:
    text = shape.text(value, "status")
    if text in list(Status):
        return Status(text)
    if type(value) is str:
        shape.note("unknown_status", "status", text)
    return Status.UNDECIDED


def _engine(shape: Shape, value: object) -> Engine:
    table = shape.table(value, "engine", ("name", "seconds", "ortools", "seed"))
    return Engine(
        shape.text(table.get("name", ""), "engine.name"),
        shape.number(table.get("seconds", 0), "engine.seconds", above=-1, most=inf),
        shape.text(table.get("ortools", ""), "engine.ortools"),
        shape.integer(table.get("seed", 0), "engine.seed", NUMBERS),
    )


def _matches(shape: Shape, table: Table, key: str, where: str = "") -> tuple[Match, ...]:
    read = (shape.match(row, address) for address, row in shape.rows(table, key, where))
    return tuple(match for match in read if match)


def _reached(shape: Shape, row: object, where: str) -> Reached:
    table = shape.table(row, where, ("goal", "value", "bound", "proved"))
    return Reached(
        shape.text(table.get("goal", ""), f"{where}.goal"),
        _value(shape, table.get("value"), f"{where}.value"),
        _value(shape, table.get("bound"), f"{where}.bound"),
        shape.boolean(table.get("proved", False), f"{where}.proved"),
    )


def _value(shape: Shape, value: object, where: str) -> Value:
    if value is None:
        return None
    if isinstance(value, list):
        return tuple(shape.integer(number, f"{where}[{k}]", NUMBERS) for k, number in enumerate(value))
    return shape.integer(value, where, NUMBERS)


def _price_list(shape: Shape, row: object, where: str) -> PriceList:
    table = shape.table(row, where, ("goal", "prices"), ("nobody",))
    prices = table.get("prices", {})
    if not isinstance(prices, dict):
        shape.note("not_an_object", f"{where}.prices", prices)
        prices = {}
    return PriceList(
        shape.text(table.get("goal", ""), f"{where}.goal"),
        {m: shape.integer(price, f"{where}.prices[{shown(m)}]", PRICES) for m, price in prices.items()},
        shape.integer(table.get("nobody", 0), f"{where}.nobody", PRICES),
    )


def _conflict(shape: Shape, row: object, where: str) -> Conflict:
    table = shape.table(row, where, ("rule", "locked"))
    return Conflict(
        shape.text(table.get("rule", ""), f"{where}.rule"), _matches(shape, table, "locked", f"{where}.")
    )
