"""What came out: an assignment with what each goal reached and its proof, or why there is none."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from math import inf

from matching.defect import DefectsError, shown
from matching.goals import Value
from matching.people import Match
from matching.shape import Shape, Table

FORMAT = "nastavnik.outcome/1"

# A certificate's prices come from chains of moves: far below this, and sums of them far below 2⁶³.
PRICES = range(-(2**50), 2**50)
NUMBERS = range(2**63)

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
    """``bound``: no assignment that is as good in the earlier goals is better than this in this one."""

    goal: str
    value: Value | None
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


Prices = dict[str, int]
"""Price of a place by mentor; a mentor who is not named costs nothing."""


@dataclass(frozen=True)
class Outcome:
    """Sorted by id. ``prices``: the certificate, a table for each proved goal (see ``proof.py``)."""

    status: Status
    engine: Engine
    pairs: tuple[Match, ...] = ()
    unplaced: tuple[str, ...] = ()
    goals: tuple[Reached, ...] = ()
    prices: tuple[Prices, ...] = ()
    conflict: tuple[Conflict, ...] = ()

    @property
    def found(self) -> bool:
        return self.status in (Status.OPTIMAL, Status.FEASIBLE)

    def to_json(self) -> dict[str, object]:
        data: dict[str, object] = {
            "format": FORMAT,
            "status": self.status.value,
            "pairs": [list(pair) for pair in self.pairs],
            "groups": [],
            "unplaced": list(self.unplaced),
            "goals": [_reached_json(reached) for reached in self.goals],
            "certificate": {"prices": list(self.prices)},
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


def _value_json(value: Value | None) -> object:
    return list(value) if isinstance(value, tuple) else value


def _outcome(shape: Shape, table: Table) -> Outcome:
    shape.only(table, "", {"format": FORMAT, "groups": []})
    certificate = shape.table(table.get("certificate", {"prices": []}), "certificate", ("prices",))
    return Outcome(
        _status(shape, table.get("status", Status.UNDECIDED.value)),
        _engine(shape, table.get("engine", asdict(Engine("", 0, "", 0)))),
        _matches(shape, table, "pairs"),
        tuple(shape.text(mentee, where) for where, mentee in shape.rows(table, "unplaced")),
        tuple(_reached(shape, row, where) for where, row in shape.rows(table, "goals")),
        tuple(_prices(shape, row, where) for where, row in shape.rows(certificate, "prices", "certificate.")),
        tuple(_conflict(shape, row, where) for where, row in shape.rows(table, "conflict")),
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
    value, bound = table.get("value"), table.get("bound", 0)
    return Reached(
        shape.text(table.get("goal", ""), f"{where}.goal"),
        None if value is None else _value(shape, value, f"{where}.value"),
        _value(shape, bound, f"{where}.bound"),
        shape.boolean(table.get("proved", False), f"{where}.proved"),
    )


def _value(shape: Shape, value: object, where: str) -> Value:
    if isinstance(value, list):
        return tuple(shape.integer(number, f"{where}[{k}]", NUMBERS) for k, number in enumerate(value))
    return shape.integer(value, where, NUMBERS)


def _prices(shape: Shape, row: object, where: str) -> Prices:
    if not isinstance(row, dict):
        shape.note("not_an_object", where, row)
        return {}
    return {
        mentor: shape.integer(price, f"{where}[{shown(mentor)}]", PRICES) for mentor, price in row.items()
    }


def _conflict(shape: Shape, row: object, where: str) -> Conflict:
    table = shape.table(row, where, ("rule", "locked"))
    return Conflict(
        shape.text(table.get("rule", ""), f"{where}.rule"), _matches(shape, table, "locked", f"{where}.")
    )
