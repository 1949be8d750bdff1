"""CP-SAT, written to straight in its protocol: OR-Tools' own Python layer loads pandas, a second and a half."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from threading import Event, Thread
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matching.arrays import Ints

NO_LIMIT = 2**62
GLANCE = 0.05  # seconds between two looks at the time

Left = Callable[[], float]
"""How many seconds."""


class Sum(NamedTuple):
    """``weights[k]`` for each of ``variables[k]``."""

    variables: Ints
    weights: Ints

    def total(self, values: Ints) -> int:
        return int(self.weights @ values[self.variables])


class Answer(NamedTuple):
    """``values`` of all variables, None when nothing was found; no sum is greater than ``bound``. ``proved``: no
    other sum is greater; ``impossible``: no values keep the rules."""

    values: Ints | None
    bound: int
    proved: bool
    impossible: bool


class Programme:
    """Variables are numbers from 0 on; a sum is an array of them with an array of weights."""

    def __init__(self) -> None:
        from ortools.sat.python import cp_model_helper  # noqa: PLC0415  as in flow.py

        self.solver = cp_model_helper
        self.proto = cp_model_helper.CpModelProto()

    def variables(self, count: int, most: int = 1) -> Ints:
        """From 0 to ``most``."""
        first = len(self.proto.variables)
        if count:
            variable = self.proto.variables.add()
            variable.domain.extend((0, most))
            self.proto.variables.extend([variable] * (count - 1))
        return np.arange(first, first + count)

    def fix(self, variables: Ints) -> None:
        """To 1."""
        for variable in variables.tolist():
            self.proto.variables[variable].domain[0] = 1

    def between(
        self, variables: Ints, weights: npt.ArrayLike, low: int = -NO_LIMIT, high: int = NO_LIMIT
    ) -> None:
        linear = self.proto.constraints.add().linear
        linear.vars.extend(variables.tolist())
        linear.coeffs.extend(np.broadcast_to(weights, variables.shape).tolist())
        linear.domain.extend((low, high))

    def one_at_most(self, variables: Ints) -> None:
        self.proto.constraints.add().at_most_one.literals.extend(variables.tolist())

    def none_if(self, condition: int, variables: Ints) -> None:
        rule = self.proto.constraints.add()
        rule.enforcement_literal.append(condition)
        rule.bool_and.literals.extend((-variables - 1).tolist())

    def begin_at(self, values: Ints, variables: Ints | None = None) -> None:
        """``values`` of these variables, or of all."""
        variables = np.arange(len(values)) if variables is None else variables
        self.proto.clear_solution_hint()
        self.proto.solution_hint.vars.extend(variables.tolist())
        self.proto.solution_hint.values.extend(values.tolist())

    def greatest(self, sought: Sum, seed: int, left: Left, work: float = inf) -> Answer:
        """The greatest sum; or what was found, and what is known, when no seconds are ``left`` or so much ``work`` is
        done: some seconds' worth for each 1, the same on every machine."""
        self.proto.clear_objective()
        self.proto.objective.vars.extend(sought.variables.tolist())
        self.proto.objective.coeffs.extend((-sought.weights).tolist())
        wrapper: Any = self.solver.SolveWrapper()
        parameters = self.solver.SatParameters()
        parameters.num_workers = 1  # more are not reproducible
        parameters.random_seed = seed
        parameters.linearization_level = 2
        parameters.max_time_in_seconds = max(left(), 0)
        parameters.max_deterministic_time = work
        wrapper.set_parameters(parameters)
        with _Watch(left, wrapper.stop_search):
            response: Any = wrapper.solve(self.proto)
        if response.status == self.solver.CpSolverStatus.MODEL_INVALID:
            raise RuntimeError("CP-SAT does not accept the model")
        found = response.status in (self.solver.CpSolverStatus.OPTIMAL, self.solver.CpSolverStatus.FEASIBLE)
        return Answer(
            np.fromiter(response.solution, np.int64, len(response.solution)) if found else None,
            -round(response.best_objective_bound) if found else NO_LIMIT,
            response.status == self.solver.CpSolverStatus.OPTIMAL,
            response.status == self.solver.CpSolverStatus.INFEASIBLE,
        )


class _Watch:
    """Calls ``stop`` as soon as no seconds are left: CP-SAT looks at its own limit too rarely, and at ours never."""

    def __init__(self, left: Left, stop: Callable[[], None]) -> None:
        self.left, self.stop, self.over = left, stop, Event()
        self.thread = Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self.over.wait(GLANCE):
            if self.left() <= 0:
                self.stop()

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()
